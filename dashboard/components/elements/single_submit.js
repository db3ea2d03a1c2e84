const APART = 1000, FORM = "[data-testid=stForm]"
const BUTTON = `${FORM} [data-testid=stFormSubmitButton] button`
const sent = new WeakMap()

function once(event, element) {
  const form = element.closest(FORM), now = Date.now()
  if (now - (sent.get(form) ?? 0) >= APART) {
    sent.set(form, now)
    return
  }
  event.preventDefault()
  event.stopImmediatePropagation()
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.(BUTTON)
  if (button) once(event, button)
}, true)

document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.(`${FORM} input`)
  if (field && event.key === "Enter") once(event, field)
}, true)

export default function () {}
