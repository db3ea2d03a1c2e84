"""A text field that hands over what is typed while it is typed.

Streamlit sends the content of its own text fields when they are left; a reload before that
loses it. This field sends after a second of rest, at least every second and a half, when it
is left and when the page is hidden. What the server has not acknowledged stays in the
browser, through a lost connection, a restart of the server and a reload, and is sent again
until it is; where that is of no use, the page is drawn anew. A field that is being typed in
is never overwritten. A click that may lead away from it waits until its text is kept.

Whoever draws the field asks first what was typed (``newly_typed``), keeps it, says so
(``kept``), and then draws (``live_text``). Where nothing keeps a text before it is sent, the
field is ``held``: the browser keeps it until then, and it is never sent back. All of it
belongs into one fragment: Streamlit loses a click that comes at once with a text from another
one.

On a shared screen a text that tells who the patient is is not sent: its field shows the text
without that and cannot be written in. What is being typed stays under the hands of whoever
types until the field is left. What is shown in place of a text is never handed over.
"""

from datetime import datetime
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.calendar import PARIS
from dashboard.clinical.advice.lines import storable
from dashboard.clinical.deidentification import Mask, as_it_is
from dashboard.locale import _


def live_text(
    label: str,
    text: str,
    *,
    key: str,
    longest: int,
    rows: int = 1,
    placeholder: str = "",
    error: str | None = None,
    decimal: bool = False,
    held: bool = False,
    mask: Mask = as_it_is,
) -> None:
    """Draw the field. It grows with its text; with one row it holds a single line.

    ``text`` is what is known to be its text now. ``key`` also names what is kept in the
    browser, so it must name one text for good. ``error`` says what is wrong with the text.
    ``decimal`` is for a number, ``held`` for a text that nothing is kept of yet. ``mask``
    takes from the text what a shared screen must not show.
    """
    shown = "" if held else mask(text)
    acknowledged = _received(key) if held else _kept(key)
    result = _FIELD(
        key=key,
        data={
            "label": label,
            "text": shown,
            "withheld": not held and shown != text,
            "why_withheld": _("Tells who the patient is: kept as written, hidden for now."),
            "rows": rows,
            "longest": longest,
            "placeholder": placeholder,
            "error": error,
            "decimal": decimal,
            "held": held,
            "store": key,
            "acknowledged": acknowledged.get("number"),
            "saved": _("saved at {time}", time=acknowledged.get("clock", "")),
            "unsaved": _("Not saved yet. It stays in this browser and is sent again."),
        },
        on_value_change=_nothing,
    )
    # What a browser brings into a new session was typed before it: the field itself knows
    # whether that was ever acknowledged, and sends it again if not.
    brought = result.get("value")
    st.session_state.setdefault(
        f"{key}/begun", _number(brought) if isinstance(brought, dict) else None
    )


def form_of_texts(key: str) -> DeltaGenerator:
    """The container of a form: what is clicked within it arrives together with its texts."""
    return st.container(key=f"form/{key}")


def newly_typed(key: str, longest: int) -> str | None:
    """What has been typed into a field and not been kept yet, if anything."""
    typed = _typed(key)
    if typed is None or f"{key}/begun" not in st.session_state:
        return None
    if _number(typed) in (st.session_state[f"{key}/begun"], _kept(key).get("number")):
        return None
    return storable(str(typed.get("text", "")))[:longest]


def held_text(key: str, longest: int) -> str:
    """What stands in a field that is held."""
    typed = _typed(key)
    return storable(str(typed.get("text", "")))[:longest] if typed else ""


def kept(key: str, at: datetime) -> None:
    """Note that what was typed has been saved, so that the field can say so."""
    typed = _typed(key)
    if typed is not None:
        clock = at.astimezone(PARIS).strftime("%H:%M")
        st.session_state[f"{key}/kept"] = {"number": _number(typed), "clock": clock}


def _typed(key: str) -> dict[str, Any] | None:
    state = st.session_state.get(key)
    value = state.get("value") if state else None
    return value if isinstance(value, dict) else None


def _kept(key: str) -> dict[str, Any]:
    return st.session_state.get(f"{key}/kept", {})


def _received(key: str) -> dict[str, Any]:
    typed = _typed(key)
    return {} if typed is None else {"number": _number(typed)}


def _number(typed: dict[str, Any]) -> list[Any]:
    """Which keystroke of which field in which browser."""
    return [typed.get("origin"), typed.get("stroke")]


def _nothing() -> None:
    """Without a callback Streamlit does not hand over the state; the next run reads it."""


_HTML = """
<label for="text"><span class="label"></span><span class="saved"></span></label>
<textarea id="text" aria-describedby="error status"></textarea>
<div class="error" id="error"></div>
<div class="status" id="status" role="status"></div>
"""

_CSS = """
:host { display: block; }
label {
  display: flex; justify-content: space-between; align-items: center; gap: 0.5rem;
  min-height: 1.5rem; margin-bottom: 0.25rem;
  font: 0.875rem/1.25 var(--st-font); color: var(--st-text-color);
}
.saved { font-size: 0.75rem; color: var(--st-gray-text-color); white-space: nowrap; }
:host(:not(:focus-within)) .saved { visibility: hidden; }
textarea {
  box-sizing: border-box; display: block; width: 100%; min-height: 2.5rem; margin: 0;
  padding: 0.45rem 0.55rem; resize: none; overflow: hidden;
  font: 1rem/1.4 var(--st-font); color: var(--st-text-color);
  background: var(--st-secondary-background-color);
  border: 1px solid var(--st-widget-border-color); border-radius: var(--st-base-radius);
}
textarea::placeholder { color: var(--st-gray-text-color); opacity: 1; }
textarea:focus-visible {
  outline: 2px solid var(--st-primary-color); outline-offset: -1px;
  border-color: var(--st-primary-color);
}
textarea[aria-invalid="true"] { border-color: var(--st-red-color); }
.error, .status { font: 0.875rem/1.4 var(--st-font); }
.error { color: var(--st-red-text-color); }
.status { color: var(--st-orange-text-color); }
textarea:read-only { color: var(--st-gray-text-color); border-style: dashed; }
textarea:read-only ~ .status { color: var(--st-gray-text-color); }
.error:empty, .status:empty { display: none; }
"""

_JS = """
const REST = 1000, LONGEST_WAIT = 1500, AGAIN = [3000, 5000, 8000, 10000]
const GIVE_UP_AFTER = 3, NOT_AGAIN_FOR = 300000, DRAWN_ANEW = "drawn-anew"
const FORM = "[class*=st-key-form-]", LONGEST_HOLD = 3000, LOOK = 30
const WARN_AFTER = 2500, FORGET_AFTER = 12 * 3600 * 1000, PREFIX = "typed:"
const fields = new WeakMap(), on_the_page = new Set()

let pressing = false
document.addEventListener("pointerdown", () => { pressing = true }, true)
for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, () => { pressing = false }, true)
}

// With a page that goes, what was typed in its last second would go unread. So a click outside
// of the form waits until the texts are kept; those within it arrive together with them.
document.addEventListener("click", (event) => {
  const clicked = event.composedPath().find((one) => one.matches?.("a, button"))
  if (!clicked || !event.target.closest("[data-testid=stMain]") || !event.isTrusted) return
  if (event.ctrlKey || event.metaKey || event.shiftKey) return
  const left = [...on_the_page].filter((one) => one.is_left_by(clicked))
  if (!left.length) return
  event.preventDefault()
  event.stopImmediatePropagation()
  const begun = Date.now()
  const look = () => {
    const kept = !left.some((one) => one.unsaved())
    if (kept || Date.now() - begun > LONGEST_HOLD) clicked.click()
    else setTimeout(look, LOOK)
  }
  for (const one of left) one.hand_over()
  look()
}, true)

// What lies in the browser for longer than a working day is nobody's any more.
try {
  for (const key of Object.keys(sessionStorage).filter((one) => one.startsWith(PREFIX))) {
    const { at } = JSON.parse(sessionStorage.getItem(key))
    if (Date.now() - at > FORGET_AFTER) sessionStorage.removeItem(key)
  }
} catch {}

// One field in one browser: what it holds, and up to which stroke the server has it.
function begin(root, data) {
  const area = root.querySelector("textarea")
  const origin = Math.random().toString(36).slice(2) + Date.now().toString(36)
  let stroke = 0, acknowledged = 0, known = data.text, sent = [], tries = 0
  let resting, since = 0, again, warning, send_state
  const passed = new Set()

  const unsaved = () => stroke > acknowledged
  const part = (name) => root.querySelector(name)

  function grow() {
    area.style.height = "auto"
    if (area.scrollHeight) area.style.height = `${area.scrollHeight + 2}px`
  }

  function remember() {
    const focused = root.activeElement === area, caret = area.selectionStart
    const entry = { text: area.value, known, sent, at: Date.now(), focused, caret }
    try { sessionStorage.setItem(PREFIX + data.store, JSON.stringify(entry)) } catch {}
  }

  function forget() {
    try { sessionStorage.removeItem(PREFIX + data.store) } catch {}
  }

  function typed() {
    stroke += 1
    grow()
    remember()
    const now = Date.now()
    since = since || now
    clearTimeout(resting)
    resting = setTimeout(send, Math.max(0, Math.min(REST, since + LONGEST_WAIT - now)))
    warning = warning || setTimeout(warn, WARN_AFTER)
  }

  function send() {
    clearTimeout(resting)
    clearTimeout(again)
    again = undefined
    since = 0
    if (!unsaved()) return
    stroke += 1
    sent = [...sent.slice(-9), area.value]
    remember()
    if (tries >= GIVE_UP_AFTER) draw_anew()
    again = setTimeout(send, AGAIN[Math.min(tries++, AGAIN.length - 1)])
    send_state("value", { text: area.value, stroke, origin })
  }

  // A server that was restarted may not know the page that sends. Drawn anew, the page is
  // known, and what was typed is sent by it; but only if there is somebody to draw it.
  async function draw_anew() {
    try {
      if (Date.now() - Number(sessionStorage.getItem(DRAWN_ANEW)) < NOT_AGAIN_FOR) return
      const answer = await fetch("/healthz", { cache: "no-store" })
      if (!answer.ok || !unsaved()) return
      sessionStorage.setItem(DRAWN_ANEW, Date.now())
      location.reload()
    } catch {}
  }

  function warn() {
    warning = undefined
    if (unsaved()) part(".status").textContent = field.data.unsaved
  }

  // Not under the hands of whoever types: what was typed stands here until the field is left.
  function withhold() {
    const typing = stroke > 0 && root.activeElement === area
    if (!field.data.withheld || (!area.readOnly && (typing || unsaved()))) return
    area.readOnly = true
    area.value = field.data.text
    part(".status").textContent = field.data.why_withheld
    grow()
  }

  function give_back() {
    area.readOnly = false
    area.value = field.data.text
    part(".status").textContent = ""
    restore()
  }

  function settle() {
    clearTimeout(again)
    again = undefined
    clearTimeout(warning)
    warning = undefined
    tries = 0
    sent = []
    if (!field.data.held) forget()
    part(".status").textContent = ""
  }

  function show(now, set_state) {
    field.data = now
    send_state = set_state
    if (area.readOnly && !now.withheld) give_back()
    if (!now.withheld) known = now.text
    const [from, upto] = now.acknowledged || []
    if (from === origin && upto > acknowledged) {
      acknowledged = upto
      tries = 0
      clearTimeout(warning)
      warning = unsaved() ? setTimeout(warn, WARN_AFTER) : undefined
      part(".status").textContent = ""
      part(".saved").textContent = now.held ? "" : now.saved
    }
    if (now.held && stroke && from !== origin) {
      // A server that was restarted knows nothing of what was held.
      acknowledged = 0
      again = again || setTimeout(send, 0)
    }
    if (!unsaved() && !area.readOnly) {
      settle()
      if (now.withheld) known = area.value
      else if (!now.held) adopt(now.text)
    }
    withhold()
    part(".label").textContent = now.label
    part(".error").textContent = now.error || ""
    area.setAttribute("aria-invalid", now.error ? "true" : "false")
    area.placeholder = now.placeholder
    area.maxLength = now.longest
    area.rows = now.rows
    area.inputMode = now.decimal ? "decimal" : "text"
    grow()
  }

  function adopt(text) {
    if (area.value === text) return
    const focused = root.activeElement === area, caret = area.selectionStart
    area.value = text
    if (focused) area.setSelectionRange(caret, caret)
  }

  // What a reload, a sign-out or a restart kept from being acknowledged.
  function restore() {
    let entry = null
    try { entry = JSON.parse(sessionStorage.getItem(PREFIX + data.store)) } catch {}
    const text = field.data.text
    if (!entry || entry.text === text) return forget()
    // Whoever else has written this text since has the last word.
    if (![entry.known, ...entry.sent].includes(text)) return forget()
    area.value = entry.text
    // A restart of the server draws the page anew under the hands of whoever types.
    if (entry.focused && document.activeElement === document.body) {
      area.focus()
      area.setSelectionRange(entry.caret, entry.caret)
    }
    typed()
  }

  function pressed(event) {
    // Streamlit has shortcuts of single letters, which must not fire while one types.
    if (event.ctrlKey || event.metaKey || event.altKey) passed.add(event.key)
    else event.stopPropagation()
    if (event.key !== "Enter" || event.isComposing) return
    if (field.data.rows === 1) event.preventDefault()
    if (field.data.rows === 1 || event.ctrlKey || event.metaKey) send()
  }

  // Whoever saw a key go down must see it come up, or takes it for held down for ever.
  function released(event) {
    if (!passed.delete(event.key)) event.stopPropagation()
  }

  function hidden() {
    if (document.visibilityState === "hidden") send()
  }

  // Leaving the field by a press sends with the click, not before it: what is drawn anew
  // under the pointer between press and release would swallow the click.
  function left() {
    setTimeout(withhold)
    if (!pressing) return send()
    document.addEventListener("pointerup", send, { capture: true, once: true })
    document.addEventListener("pointercancel", send, { capture: true, once: true })
  }

  // The page is about to be turned by somebody else: see page_turning.
  function flush(event) {
    send()
    if (unsaved()) event.detail.push(unsaved)
  }

  // Unless it is on its way already.
  function hand_over() {
    if (!again || sent.at(-1) !== area.value) send()
  }

  function is_left_by(clicked) {
    const form = area.getRootNode().host?.closest(FORM)
    return !field.data.held && unsaved() && !form?.contains(clicked)
  }

  function leave() {
    on_the_page.delete(field)
    for (const timer of [resting, again, warning]) clearTimeout(timer)
    window.removeEventListener("case-review-flush", flush)
    window.removeEventListener("pagehide", send)
    document.removeEventListener("visibilitychange", hidden)
  }

  const field = { area, data, show, leave, hand_over, unsaved, is_left_by }
  on_the_page.add(field)
  area.value = data.text
  area.oninput = typed
  area.onblur = left
  area.onkeydown = pressed
  area.onkeyup = released
  area.onkeypress = (event) => event.stopPropagation()
  window.addEventListener("pagehide", send)
  window.addEventListener("case-review-flush", flush)
  document.addEventListener("visibilitychange", hidden)
  // What this browser keeps of a text that is withheld it keeps until the text is shown.
  area.readOnly = data.withheld
  if (!data.withheld) restore()
  return field
}

export default function ({ data, parentElement, setStateValue }) {
  let field = fields.get(parentElement)
  if (!field || !field.area.isConnected) {
    if (field) field.leave()
    field = begin(parentElement, data)
    fields.set(parentElement, field)
  }
  field.show(data, setStateValue)
  return () => {
    field.leave()
    fields.delete(parentElement)
  }
}
"""

_FIELD = st.components.v2.component("case_review_live_text", html=_HTML, css=_CSS, js=_JS)
