const AGAIN = 1500, EVERY = 200
const running = new WeakMap()

export default function ({ parentElement, data, setTriggerValue }) {
  const before = running.get(parentElement)
  if (before?.until === data.until) return
  clearTimeout(before?.timer)
  const line = parentElement.querySelector("p")
  const state = { until: data.until, ends: performance.now() + data.left * 1000, timer: null }
  running.set(parentElement, state)
  // Streamlit may lose a single message, so repeat the message until the countdown is removed from
  // the page.
  const tick = () => {
    const left = Math.max(state.ends - performance.now(), 0)
    line.textContent = data.words.replace("{n}", Math.ceil(left / 1000))
    if (left === 0) setTriggerValue("over", data.until)
    state.timer = setTimeout(tick, left === 0 ? AGAIN : EVERY)
  }
  tick()
  return () => clearTimeout(state.timer)
}
