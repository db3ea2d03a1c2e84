// Mark the page from a click or a key until the run of the server that it asks for is drawn.
//
// Streamlit sends the request in a later task than the click, and its page is in the state "running"
// only once the server has begun to answer. A test that looks in between finds the page settled.
// This script only observes: every event and every message goes on unchanged.
(() => {
  // Numbers in the messages of Streamlit: fields, and one status of a run that has ended.
  const RERUN_SCRIPT = 11, NEW_SESSION = 4, SCRIPT_FINISHED = 6, EARLY_FOR_RERUN = 2
  // The server answers no request of a fragment that the page has no more.
  const DROPPED_AFTER_MS = 5000
  const EVENTS = ["click", "keydown", "keyup", "pointerup", "change", "focusout"]
  let acts = 0, asked = 0, answered = 0, begun = false

  function mark() {
    document.documentElement?.toggleAttribute("data-awaits-run", acts > 0 || asked > answered)
  }

  // Return the fields of a protobuf message by their numbers, with the values of the integers.
  function fields(bytes) {
    const found = new Map()
    let place = 0
    const number = () => {
      let value = 0, factor = 1, byte
      do {
        byte = bytes[place++]
        value += (byte & 127) * factor
        factor *= 128
      } while (byte & 128)
      return value
    }
    while (place < bytes.length) {
      const tag = number(), kind = tag % 8
      found.set((tag - kind) / 8, kind === 0 ? number() : null)
      const length = kind === 2 ? number() : [0, 8, 0, 0, 0, 4][kind]
      place += length
    }
    return found
  }

  const read = (data) =>
    fields(data instanceof ArrayBuffer ? new Uint8Array(data) : ArrayBuffer.isView(data) ? data : [])

  function answer(upto) {
    answered = Math.max(answered, upto)
    mark()
  }

  function hear(event) {
    const message = read(event.data)
    if (message.has(NEW_SESSION)) {
      begun = true
      // A run that nothing asked for, or whose request was answered together with another.
      if (asked === answered) asked += 1
      mark()
    }
    if (!begun || (message.get(SCRIPT_FINISHED) ?? EARLY_FOR_RERUN) === EARLY_FOR_RERUN) return
    // React draws what has come before the second frame from now on.
    const upto = asked
    requestAnimationFrame(() => requestAnimationFrame(() => answer(upto)))
  }

  const send = WebSocket.prototype.send, heard = new WeakSet()
  WebSocket.prototype.send = function (data) {
    if (!heard.has(this)) {
      heard.add(this)
      this.addEventListener("message", hear)
      this.addEventListener("close", () => answer(asked))
    }
    if (read(data).has(RERUN_SCRIPT)) {
      const number = ++asked
      begun = false
      mark()
      setTimeout(() => begun || answer(number), DROPPED_AFTER_MS)
    }
    return send.call(this, data)
  }

  for (const name of EVENTS) {
    window.addEventListener(name, () => {
      acts += 1
      mark()
      setTimeout(() => setTimeout(() => { acts -= 1; mark() }))
    }, true)
  }
})()
