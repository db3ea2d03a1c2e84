const seen = new WeakSet()

export default function ({ parentElement }) {
  if (seen.has(parentElement)) return
  seen.add(parentElement)
  const place = parentElement.querySelector("span")
  const { top } = place.getBoundingClientRect()
  if (top < 0 || top > window.innerHeight) place.scrollIntoView({ block: "start" })
}
