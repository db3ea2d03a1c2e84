const LONGEST = 3000, LOOK = 40, AGAIN = 1500
let turning = null

export default function ({ data, setTriggerValue }) {
  if (turning !== data.target) {
    turning = data.target
    if (turning) prepare(turning, setTriggerValue)
  }
  return () => { turning = null }
}

function prepare(target, setTriggerValue) {
  const begun = Date.now(), waiting = []
  window.dispatchEvent(new CustomEvent("case-review-flush", { detail: waiting }))
  const look = () => {
    if (turning !== target) return
    const ready = waiting.every((unsaved) => !unsaved()) || Date.now() - begun > LONGEST
    if (ready) setTriggerValue("ready", target)
    setTimeout(look, ready ? AGAIN : LOOK)
  }
  setTimeout(look, 0)
}
