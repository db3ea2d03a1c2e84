const LONGEST = 2000, LOOK = 60
const done = new Set()

// The first field of the container that is empty, also inside a shadow tree; else its first field.
function field_of(container) {
  const place = document.querySelector(`.st-key-${container.replace(/[^a-zA-Z0-9_-]/g, "-")}`)
  if (!place) return null
  const fields = [...place.querySelectorAll("*")].flatMap((element) =>
    element.matches("input, textarea") ? [element]
      : element.shadowRoot ? [...element.shadowRoot.querySelectorAll("input, textarea")] : [])
  const shown = fields.filter((field) => field.checkVisibility() && !field.disabled)
  return shown.find((field) => !field.value) ?? shown[0]
}

export default function ({ data: { container } }) {
  if (done.has(container)) return
  done.add(container)
  const begun = Date.now()
  let found = null
  // The fields are drawn one after the other, so the first one counts once it has stayed the first.
  const look = () => {
    const field = field_of(container)
    if (field && field === found) return field.focus()
    found = field
    if (Date.now() - begun < LONGEST) setTimeout(look, LOOK)
  }
  setTimeout(look, LOOK)
}
