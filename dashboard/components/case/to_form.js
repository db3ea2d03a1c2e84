export default function ({ parentElement, data }) {
  const button = parentElement.querySelector("button")
  button.textContent = data.label
  button.onclick = () => {
    const form = document.querySelector(".st-key-case_form")
    form?.scrollIntoView({ block: "start" })
    form?.querySelector("textarea, input, button")?.focus({ preventScroll: true })
  }
}
