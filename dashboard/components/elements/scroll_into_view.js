const seen = new WeakSet()

// Return the visible rectangle of the part of the page that scrolls with this element, or of the
// whole document.
function view_of(place) {
  let element = place.getRootNode().host ?? place.parentElement
  while (element && !["auto", "scroll"].includes(getComputedStyle(element).overflowY))
    element = element.parentElement
  return (element ?? document.documentElement).getBoundingClientRect()
}

export default function ({ parentElement }) {
  if (seen.has(parentElement)) return
  seen.add(parentElement)
  const place = parentElement.querySelector("span")
  const { top } = place.getBoundingClientRect(), view = view_of(place)
  const [highest, lowest] = [Math.max(view.top, 0), Math.min(view.bottom, window.innerHeight)]
  if (top < highest || top > lowest) place.scrollIntoView({ block: "start" })
}
