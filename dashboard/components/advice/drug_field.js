const fields = new WeakMap()

const folded = (text) =>
  text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim().replace(/\s+/g, " ")

// Return the names that match the text. Names that begin with the text come first, then names with
// a word that begins with it, then other names that contain it.
function matching(names, text) {
  const sought = folded(text)
  if (!sought) return names
  const rank = (name) =>
    name.startsWith(sought) ? 0 : name.includes(` ${sought}`) ? 1 : name.includes(sought) ? 2 : 3
  const ranked = names.map((name, place) => [rank(folded(name)), place, name])
  return ranked
    .filter(([kind]) => kind < 3)
    .sort((one, other) => one[0] - other[0] || one[1] - other[1])
    .map(([, , name]) => name)
}

function begin(root) {
  const input = root.querySelector("input"), list = root.querySelector("ul")
  const origin = Math.random().toString(36).slice(2) + Date.now().toString(36)
  const passed = new Set()
  let data = null, set_state = null, options = [], active = -1, searching = false, count = 0

  function show(now, setter) {
    const other = !data || data.chosen !== now.chosen
    data = now
    set_state = setter
    root.querySelector("label").textContent = now.label
    input.placeholder = now.placeholder
    list.setAttribute("aria-label", now.matches)
    if (other && !searching) input.value = now.chosen
  }

  function open() {
    const text = searching ? input.value : ""
    const names = matching(data.names, text)
    options = names.map((name) => ({ name, label: name }))
    const typed = text.trim()
    if (typed && !names.some((name) => folded(name) === folded(typed)))
      options.push({ name: typed, label: data.unlisted.replace("{text}", typed), unlisted: true })
    list.replaceChildren(...options.map(row))
    list.hidden = !options.length
    input.setAttribute("aria-expanded", String(!list.hidden))
    // The user must choose an unlisted name explicitly, so Enter alone never takes it.
    activate(searching ? (names.length ? 0 : -1) : names.indexOf(data.chosen))
  }

  function row(option, place) {
    const item = document.createElement("li")
    item.id = `name-${place}`
    item.role = "option"
    item.textContent = option.label
    if (option.unlisted) item.className = "unlisted"
    item.onpointerdown = (event) => event.preventDefault()
    item.onclick = () => choose(option.name)
    return item
  }

  function activate(place) {
    active = place
    for (const [one, item] of [...list.children].entries())
      item.setAttribute("aria-selected", String(one === place))
    const item = list.children[place]
    if (item) {
      input.setAttribute("aria-activedescendant", item.id)
      item.scrollIntoView({ block: "nearest" })
    } else input.removeAttribute("aria-activedescendant")
  }

  function close() {
    list.hidden = true
    searching = false
    input.setAttribute("aria-expanded", "false")
    input.removeAttribute("aria-activedescendant")
  }

  function choose(name) {
    close()
    input.value = name
    if (name === data.chosen) return
    count += 1
    set_state("choice", { name, number: `${origin}/${count}` })
  }

  // Take the typed text if it is the full name of a listed drug. Drop it if it is only a part of a
  // name, because a part is not a drug.
  function leave() {
    const typed = folded(input.value), was_searching = searching
    const whole = was_searching && data.names.find((name) => folded(name) === typed)
    if (whole) return choose(whole)
    if (was_searching && !typed && data.chosen) return choose("")
    close()
    input.value = data.chosen
  }

  function pressed(event) {
    // Streamlit has single-letter shortcuts. They must not act while the user types.
    if (event.ctrlKey || event.metaKey || event.altKey) passed.add(event.key)
    else event.stopPropagation()
    if (event.isComposing) return
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault()
      if (list.hidden) return open()
      const step = event.key === "ArrowDown" ? 1 : -1
      activate(Math.max(0, Math.min(options.length - 1, active + step)))
    } else if (event.key === "Enter") {
      event.preventDefault()
      if (!list.hidden && options[active]) choose(options[active].name)
    } else if (event.key === "Escape" && !list.hidden) {
      close()
      input.value = data.chosen
    }
  }

  // A listener that received the keydown must also receive the keyup. Otherwise it treats the key
  // as still pressed.
  function released(event) {
    if (!passed.delete(event.key)) event.stopPropagation()
  }

  input.oninput = () => { searching = true; open() }
  input.onclick = () => { if (list.hidden) { input.select(); open() } }
  input.onblur = leave
  input.onkeydown = pressed
  input.onkeyup = released
  input.onkeypress = (event) => event.stopPropagation()
  return { show }
}

export default function ({ parentElement, data, setStateValue }) {
  if (!fields.has(parentElement)) fields.set(parentElement, begin(parentElement))
  fields.get(parentElement).show(data, setStateValue)
}
