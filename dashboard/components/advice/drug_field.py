"""A field in which a drug is chosen by its name.

The list shows the names that match what is typed, whatever its accents and capitals; Enter
takes the first of them. A name that is not listed can be written too, as the last choice,
which is never taken unless it is chosen. A fragment that was typed and not chosen is no drug.

Whoever draws the field asks first what was chosen (``newly_chosen``), keeps it, and then
draws (``drug_field``), all in one fragment.
"""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard.clinical.advice.lines import storable
from dashboard.locale import _


def drug_field(label: str, chosen: str, names: Sequence[str], *, key: str) -> None:
    """Draw the field. ``chosen`` is the drug that stands in it, ``names`` those of the list."""
    st.session_state[_drawn(key)] = _number(key)
    _FIELD(
        key=key,
        data={
            "label": label,
            "chosen": chosen,
            "names": list(names),
            "placeholder": _("type and choose"),
            "matches": _("Drugs that match"),
            # The browser puts in the text.
            "unlisted": _("Write “{text}”: not in the list, not checked"),
        },
        on_choice_change=_nothing,
    )


def newly_chosen(key: str, longest: int) -> str | None:
    """Return the drug that was chosen since the field was last drawn, if one was."""
    choice = _choice(key)
    # What a browser brings into a new session was chosen before it.
    if choice is None or _drawn(key) not in st.session_state:
        return None
    if _number(key) == st.session_state[_drawn(key)]:
        return None
    return storable(str(choice.get("name", ""))).strip()[:longest]


def _drawn(key: str) -> str:
    return f"{key}/drawn"


def _number(key: str) -> str | None:
    """Which choice of which field in which browser it is."""
    choice = _choice(key)
    return None if choice is None else str(choice.get("number"))


def _choice(key: str) -> dict[str, Any] | None:
    state = st.session_state.get(key)
    value = state.get("choice") if state else None
    return value if isinstance(value, dict) else None


def _nothing() -> None:
    """Without a callback Streamlit does not hand over the state; the next run reads it."""


_HTML = """
<label for="drug"></label>
<input id="drug" type="text" role="combobox" aria-autocomplete="list" aria-expanded="false"
  aria-controls="names" autocomplete="off" spellcheck="false">
<ul id="names" role="listbox" hidden></ul>
"""

_CSS = """
:host { display: block; position: relative; }
label {
  display: flex; align-items: center; min-height: 1.5rem; margin-bottom: 0.25rem;
  font: 0.875rem/1.25 var(--st-font); color: var(--st-text-color);
}
input {
  box-sizing: border-box; display: block; width: 100%; min-height: 2.5rem; margin: 0;
  padding: 0.45rem 0.55rem; font: 1rem/1.4 var(--st-font); color: var(--st-text-color);
  background: var(--st-secondary-background-color);
  border: 1px solid var(--st-widget-border-color); border-radius: var(--st-base-radius);
}
input::placeholder { color: var(--st-gray-text-color); opacity: 1; }
input:focus-visible {
  outline: 2px solid var(--st-primary-color); outline-offset: -1px;
  border-color: var(--st-primary-color);
}
ul {
  position: absolute; z-index: 100; box-sizing: border-box; width: 100%; max-height: 16rem;
  margin: 0.25rem 0 0; padding: 0.25rem 0; overflow-y: auto; list-style: none;
  background: var(--st-background-color); color: var(--st-text-color);
  border: 1px solid var(--st-widget-border-color); border-radius: var(--st-base-radius);
  box-shadow: 0 4px 16px rgba(0, 0, 0, 0.16);
}
ul[hidden] { display: none; }
li { padding: 0.3rem 0.6rem; font: 1rem/1.4 var(--st-font); cursor: pointer; }
li[aria-selected="true"] { background: var(--st-secondary-background-color); }
li[aria-selected="true"] { box-shadow: inset 3px 0 var(--st-primary-color); }
li.unlisted { font-size: 0.875rem; overflow-wrap: anywhere; }
li.unlisted:not(:first-child) { border-top: 1px solid var(--st-widget-border-color); }
"""

_JS = """
const fields = new WeakMap()

const folded = (text) =>
  text.normalize("NFD").replace(/\\p{M}/gu, "").toLowerCase().trim().replace(/\\s+/g, " ")

// Names that begin with what is typed, then those of which a word does, then the others.
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
    // What is not listed is chosen on purpose, never by Enter alone.
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
    ;[...list.children].forEach((item, one) =>
      item.setAttribute("aria-selected", String(one === place)))
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

  // A fragment is no drug; a name that was typed in full is.
  function leave() {
    const typed = folded(input.value), was_searching = searching
    const whole = was_searching && data.names.find((name) => folded(name) === typed)
    if (whole) return choose(whole)
    if (was_searching && !typed && data.chosen) return choose("")
    close()
    input.value = data.chosen
  }

  function pressed(event) {
    // Streamlit has shortcuts of single letters, which must not fire while one types.
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

  // Whoever saw a key go down must see it come up, or takes it for held down for ever.
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
"""

_FIELD = st.components.v2.component("case_review_drug_field", html=_HTML, css=_CSS, js=_JS)
