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

// A click outside the form may change the page, and the text of the last second would be lost. So
// such a click waits until the texts are saved. A click inside the form does not wait, because the
// texts arrive at the server together with the click.
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

// Delete a stored text after 12 hours, so that it does not stay longer than the working day of its
// author.
try {
  for (const key of Object.keys(sessionStorage).filter((one) => one.startsWith(PREFIX))) {
    const { at } = JSON.parse(sessionStorage.getItem(key))
    if (Date.now() - at > FORGET_AFTER) sessionStorage.removeItem(key)
  }
} catch {}

// Create the state of one field in this browser. It includes the text, the number of the last
// keystroke, and the number of the last keystroke that the server has acknowledged.
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
    send_state("typed", { text: area.value, stroke, origin })
  }

  // A restarted server may not know this page. Reload the page, so that the server knows it; the
  // reloaded page sends the stored text. Check first that the server answers, because the reload
  // would fail otherwise.
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

  // Replace the text by its masked form if the server asks for it. A text that the user is typing
  // stays visible until the field loses the focus.
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
      // The server was restarted and has lost the held text, so send it again.
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

  // Restore a stored text that was not acknowledged before a reload, a sign-out or a restart of the
  // server.
  function restore() {
    let entry = null
    try { entry = JSON.parse(sessionStorage.getItem(PREFIX + data.store)) } catch {}
    const text = field.data.text
    if (!entry || entry.text === text) return forget()
    // If somebody else has changed the saved text since then, the saved text takes precedence.
    if (![entry.known, ...entry.sent].includes(text)) return forget()
    area.value = entry.text
    // A restart of the server reloads the page, perhaps while the user is typing. So restore the
    // focus and the caret too.
    if (entry.focused && document.activeElement === document.body) {
      area.focus()
      area.setSelectionRange(entry.caret, entry.caret)
    }
    typed()
  }

  function pressed(event) {
    // Streamlit has single-letter shortcuts. They must not act while the user types.
    if (event.ctrlKey || event.metaKey || event.altKey) passed.add(event.key)
    else event.stopPropagation()
    if (event.key !== "Enter" || event.isComposing) return
    if (field.data.rows === 1) event.preventDefault()
    if (field.data.rows === 1 || event.ctrlKey || event.metaKey) send()
  }

  // A listener that received the keydown must also receive the keyup. Otherwise it treats the key
  // as still pressed.
  function released(event) {
    if (!passed.delete(event.key)) event.stopPropagation()
  }

  function hidden() {
    if (document.visibilityState === "hidden") send()
  }

  // If a press of the pointer takes the focus from the field, send the text when the pointer is
  // released. Sending it earlier could redraw the page under the pointer, and the click would be
  // lost.
  function left() {
    setTimeout(withhold)
    if (!pressing) return send()
    document.addEventListener("pointerup", send, { capture: true, once: true })
    document.addEventListener("pointercancel", send, { capture: true, once: true })
  }

  // Send the text because the page is about to change for another reason than a click
  // (page_turning.js).
  function flush(event) {
    send()
    if (unsaved()) event.detail.push(unsaved)
  }

  // Send the text, unless the same text was already sent and is not acknowledged yet.
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
  // While a text is masked, keep its copy in the browser. The copy is restored when the text is
  // shown.
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
