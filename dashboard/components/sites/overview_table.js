const SVG = "http://www.w3.org/2000/svg"

function make(tag, of, text) {
  const made = document.createElement(tag)
  if (of) made.className = of
  if (text !== undefined && text !== null) made.textContent = text
  return made
}

// Draw straight lines between the months, because a curve would show values that were not measured.
function line_of(values) {
  const drawing = document.createElementNS(SVG, "svg"), line = document.createElementNS(SVG, "polyline")
  const least = Math.min(...values), span = Math.max(...values) - least || 1
  const step = 64 / Math.max(values.length - 1, 1)
  const points = values.map((one, n) => `${(2 + n * step).toFixed(1)},${(12 - ((one - least) / span) * 10).toFixed(1)}`)
  drawing.setAttribute("viewBox", "0 0 68 14")
  drawing.setAttribute("aria-hidden", "true")
  line.setAttribute("points", points.join(" "))
  drawing.append(line)
  return drawing
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
        if (one.months.length) cell.append(line_of(one.months))
        cell.title = one.months.join(", ")
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
