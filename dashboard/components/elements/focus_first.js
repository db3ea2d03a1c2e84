const LONGEST = 2000, LOOK = 60
const done = new Set()

// The first empty field of the container, also inside a shadow tree. If none is empty, the first.
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
  // The fields are drawn one after the other. An earlier one that comes late takes the focus, unless
  // something was typed or the focus has gone elsewhere.
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
