const LONGEST = 2000, LOOK = 60
const done = new Set()

// Return the first empty field of the container, or its first field if no field is empty. Fields
// inside a shadow tree count too. Return null if the container is not on the page.
function field_of(container) {
  const place = document.querySelector(`.st-key-${container.replace(/[^a-zA-Z0-9_-]/g, "-")}`)
  if (!place) return null
  const fields = [...place.querySelectorAll("*")].flatMap((element) =>
    element.matches("input, textarea") ? [element]
      : element.shadowRoot ? [...element.shadowRoot.querySelectorAll("input, textarea")] : [])
  const shown = fields.filter((field) => field.checkVisibility() && !field.disabled)
  return shown.find((field) => !field.value) ?? shown[0]
}

function focused() {
  let element = document.activeElement
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
  return element
}

export default function ({ data: { container } }) {
  if (done.has(container)) return
  done.add(container)
  const begun = Date.now(), before = focused()
  let chosen = null
  // The fields appear one after the other. If an earlier field appears later, move the focus to it,
  // unless the user has typed something or moved the focus.
  const look = () => {
    const now = focused(), field = field_of(container)
    if (chosen && (now !== chosen || chosen.value)) return
    if (field && field !== chosen && (chosen || now === before || now === document.body)) {
      field.focus()
      chosen = field
    }
    if (Date.now() - begun < LONGEST) setTimeout(look, LOOK)
  }
  setTimeout(look, LOOK)
}
