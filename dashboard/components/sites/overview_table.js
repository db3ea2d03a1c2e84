const SVG = "http://www.w3.org/2000/svg"

function make(tag, of, text) {
  const made = document.createElement(tag)
  if (of) made.className = of
  if (text !== undefined && text !== null) made.textContent = text
  return made
}

// Draw straight lines between the months, because a curve would show values that were not measured.
// A hidden month is null and leaves a gap. A month between two gaps is a dot.
function line_of(values, is_rate) {
  const drawing = document.createElementNS(SVG, "svg"), [least, most] = range_of(values, is_rate)
  const step = 64 / Math.max(values.length - 1, 1)
  const x = (n) => (2 + n * step).toFixed(1), y = (one) => (12 - ((one - least) / (most - least)) * 10).toFixed(1)
  drawing.setAttribute("viewBox", "0 0 68 14")
  drawing.setAttribute("aria-hidden", "true")
  for (const part of parts_of(values)) {
    const is_dot = part.length === 1, drawn = document.createElementNS(SVG, is_dot ? "circle" : "polyline")
    const points = part.map((n) => [x(n), y(values[n])])
    const shape = is_dot ? { cx: points[0][0], cy: points[0][1], r: 1.3 } : { points: points.join(" ") }
    for (const [name, value] of Object.entries(shape)) drawn.setAttribute(name, value)
    drawing.append(drawn)
  }
  return drawing
}

// Counts begin at 0. Rates have a range of 10 points or more, so that a small change looks small.
function range_of(values, is_rate) {
  const known = values.filter((one) => one !== null)
  if (!is_rate) return [0, Math.max(...known, 1)]
  const least = Math.min(...known), most = Math.max(...known), wider = Math.max(0, 10 - (most - least)) / 2
  const low = Math.min(Math.max(least - wider, 0), 100 - 2 * wider - (most - least))
  return [low, low + most - least + 2 * wider]
}

// Return the places of the months that have a number, in runs without a gap.
function parts_of(values) {
  const parts = []
  values.forEach((one, n) => {
    if (one === null) return
    if (n > 0 && values[n - 1] !== null) parts.at(-1).push(n)
    else parts.push([n])
  })
  return parts
}

export default function ({ data, parentElement, setStateValue }) {
  const table = parentElement.querySelector("table"), body = table.tBodies[0]
  const names = Object.keys(data.columns), had = parentElement.activeElement?.dataset?.id

  function choose(id) {
    mark(id)
    setStateValue("chosen", id)
  }

  function mark(id) {
    for (const line of body.rows) {
      const is_chosen = line.dataset.id === id, button = line.querySelector("button")
      line.classList.toggle("chosen", is_chosen)
      button.setAttribute("aria-current", String(is_chosen))
      button.tabIndex = is_chosen ? 0 : -1
    }
  }

  function head() {
    const line = make("tr")
    for (const name of names) {
      const [label, meaning] = data.columns[name], cell = make("th", name, label)
      cell.scope = "col"
      if (meaning) cell.title = meaning
      line.append(cell)
    }
    return line
  }

  function row(one, before) {
    const line = make("tr", before && before.group !== one.group ? "first" : "")
    line.dataset.id = one.id
    for (const name of names) {
      const is_name = name === "name", cell = make(is_name ? "th" : "td", name)
      if (is_name) {
        const button = make("button", "", one.name)
        cell.scope = "row"
        cell.title = `${one.group} · ${one.name}`
        button.type = "button"
        button.dataset.id = one.id
        cell.append(button)
      } else if (name === "months") {
        if (one.months.some((month) => month !== null)) cell.append(line_of(one.months, one.is_rate))
        cell.title = one.months.map((month) => month ?? "–").join(", ")
      } else cell.textContent = one[name]
      line.append(cell)
    }
    line.onclick = () => choose(one.id)
    line.onkeydown = moved
    return line
  }

  function moved(event) {
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key]
    if (!step) return
    event.preventDefault()
    event.currentTarget[step]?.querySelector("button").focus()
  }

  table.setAttribute("aria-label", data.table)
  table.tHead.replaceChildren(head())
  body.replaceChildren(...data.rows.map((one, place) => row(one, data.rows[place - 1])))
  parentElement.querySelector("p").textContent = data.note
  mark(data.chosen)
  if (had) body.querySelector(`button[data-id="${had}"]`)?.focus()
}
