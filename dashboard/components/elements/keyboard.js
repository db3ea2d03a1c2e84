const SWITCHED_OFF = "case_review_keys_off"
const NO_TEXT = new Set(["checkbox", "radio", "button", "submit", "range"])
const TAKES_KEYS =
  "dialog, [role=dialog], [role=alertdialog], [role=listbox], [role=menu], [role=combobox], " +
  "[role=textbox], [role=searchbox]"
const keyboards = new Map(), handled = new Set()
let last = null

const is_off = () => localStorage.getItem(SWITCHED_OFF) === "1"

// Return the element that has the focus, also inside a shadow tree.
function focused() {
  let element = document.activeElement
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
  return element
}

function is_text_field(element) {
  if (element instanceof HTMLInputElement) return !NO_TEXT.has(element.type)
  return ["TEXTAREA", "SELECT"].includes(element.tagName) || element.isContentEditable
}

function takes_keys(path) {
  const elements = path.filter((one) => one instanceof Element)
  return elements.some((one) => is_text_field(one) || one.matches(TAKES_KEYS))
}

const has_dialog = () =>
  document.querySelector("[aria-modal=true]") ||
  [...keyboards.values()].some(({ dialog }) => dialog.open)

// Streamlit derives a CSS class from the key of a widget.
const place_of = (key) =>
  document.querySelector(`.st-key-${key.trim().replace(/[^a-zA-Z0-9_-]/g, "-")}`)

const is_usable = (element) => element && !element.disabled && element.checkVisibility()

function within(place, selector) {
  const found = [place, ...place.querySelectorAll("*")]
  const inside = found.flatMap((one) => (one.shadowRoot ? [...one.shadowRoot.querySelectorAll(selector)] : []))
  return [...place.querySelectorAll(selector), ...inside].find(is_usable)
}

function tab_beside(place, step) {
  const tabs = [...place.querySelectorAll("[role=tab]")]
  const open = tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true")
  return tabs[open + step]
}

function target_of({ effect, targets }) {
  for (const place of targets.map(place_of).filter(Boolean)) {
    const target =
      effect === "previous_tab" ? tab_beside(place, -1)
        : effect === "next_tab" ? tab_beside(place, 1)
          : within(place, effect === "focus" ? "input, textarea, select" : "button, a[href]")
    if (is_usable(target)) return target
  }
  return null
}

function act(shortcut) {
  // Ignore a second press of the same key while the page still runs because of the first press.
  const is_running = document.querySelector("[data-test-script-state=running]")
  if (is_running && last === shortcut.key) return
  const target = target_of(shortcut)
  if (!target) return
  last = shortcut.key
  if (shortcut.effect === "focus") target.focus()
  else target.click()
}

function name_of(event) {
  // On a French keyboard, "[" is typed with AltGr. Some systems report AltGr as Ctrl and Alt.
  if (event.getModifierState("AltGraph")) return event.key
  if (event.altKey) return null
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  return event.ctrlKey || event.metaKey ? `Ctrl+${key}` : key
}

function wished(name) {
  for (const { shortcuts, show } of keyboards.values()) {
    const shortcut = shortcuts.find((one) => one.key === name)
    if (shortcut) return () => act(shortcut)
    if (name === "?" && ![...keyboards.values()].some((one) => one.shortcuts.some(({ key }) => key === "?")))
      return show
  }
  return null
}

// Streamlit also has single-letter shortcuts. It must not receive the keys that are handled here.
function take(event) {
  event.preventDefault()
  event.stopImmediatePropagation()
}

function pressed(event) {
  const path = event.composedPath()
  if (event.isComposing || event.defaultPrevented) return
  if (event.key === "Escape") return leave(path)
  if (is_off() || takes_keys(path) || has_dialog()) return
  const name = name_of(event), wish = name && wished(name)
  if (!wish) return
  take(event)
  handled.add(event.code)
  if (!event.repeat) wish()
}

function released(event) {
  if (handled.delete(event.code)) take(event)
}

function leave(path) {
  const [field] = path
  if (!(field instanceof Element) || !is_text_field(field)) return
  if (field.getAttribute("aria-expanded") === "true") return
  if (path.some((one) => one instanceof Element && one.matches("dialog, [role=dialog]"))) return
  focused()?.blur()
}

window.addEventListener("keydown", pressed, true)
window.addEventListener("keyup", released, true)

function shown_key(key, names) {
  return key.split("+").map((part) => {
    const name = document.createElement("kbd")
    name.textContent = part.length === 1 ? part.toUpperCase() : (names[part] ?? part)
    return name
  })
}

function described(key, meaning, names) {
  const term = document.createElement("dt"), words = document.createElement("dd")
  term.append(...shown_key(key, names))
  words.textContent = meaning
  return [term, words]
}

function draw(root, data) {
  const dialog = root.querySelector("dialog"), box = root.querySelector("input")
  const show = () => {
    if (dialog.open) return
    box.checked = !is_off()
    dialog.showModal()
  }
  root.querySelector("#open span").textContent = data.title
  root.querySelector("h2").textContent = data.title
  root.querySelector("label span").textContent = data.switch
  root.querySelector("#close").textContent = data.close
  const line = (key, meaning) => described(key, meaning, data.names)
  const rows = data.shortcuts.flatMap(({ key, meaning }) => line(key, meaning))
  const own = data.shortcuts.some(({ key }) => key === "?") ? [] : line("?", data.list)
  root.querySelector("dl").replaceChildren(...rows, ...line("Esc", data.escape), ...own)
  root.querySelector("#open").hidden = !data.listed
  root.querySelector("#open").onclick = show
  root.querySelector("#close").onclick = () => dialog.close()
  box.onchange = () => localStorage.setItem(SWITCHED_OFF, box.checked ? "0" : "1")
  keyboards.set(root, { shortcuts: data.shortcuts, show, dialog })
}

export default function ({ parentElement, data }) {
  draw(parentElement, data)
  return () => keyboards.delete(parentElement)
}
