export default function ({ parentElement, data }) {
  const button = parentElement.querySelector("button")
  button.textContent = data.label
  button.onclick = () => {
    const form = document.querySelector(".st-key-case_form")
    if (!form) return
    form.scrollIntoView({ block: "start" })
    // The next Tab goes to the first field, which is in a shadow tree.
    form.tabIndex = -1
    form.focus({ preventScroll: true })
  }
}
