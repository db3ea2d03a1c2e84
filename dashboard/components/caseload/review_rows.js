const FIRST = 80, AT_ONCE = 120, AGAIN = 1500, MOST_TIMES = 4, LEAST_ROWS = 6
const ROW = 36, HEAD = 31, BELOW = 12, CUT_OFF = 10
const SVG = "http://www.w3.org/2000/svg"
const tables = new WeakMap()

// The scroll position of each list in this browser tab. It is restored when the reader comes back
// from a case.
window.caseReviewPlaces ||= {}

function make(tag, of, text) {
  const made = document.createElement(tag)
  if (of) made.className = of
  if (text !== undefined && text !== null) made.textContent = text
  return made
}

async function unpacked(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))
  return new Response(stream).json()
}

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name])

function begin(root) {
  const list = root.querySelector(".list"), head = root.querySelector("thead")
  const body = root.querySelector("tbody")
  const over = new AbortController()
  let about, rows = [], asked = null, send, later, sending, waits_for = null

  // Opening

  function open(id) {
    if (!about.can_open || sending) return
    let times = 0
    const again = () => {
      send("opened", { episode: id })
      times += 1
      sending = times < MOST_TIMES ? setTimeout(again, AGAIN) : null
    }
    again()
  }

  // Drawing

  function draw() {
    clearTimeout(later)
    body.replaceChildren()
    append(0, FIRST)
  }

  function append(from, count) {
    const some = document.createDocumentFragment()
    for (const row of rows.slice(from, from + count)) some.append(drawn_row(row))
    body.append(some)
    if (from + count < rows.length) later = setTimeout(() => append(from + count, AT_ONCE))
    else later = null
  }

  function draw_rest() {
    if (!later) return
    clearTimeout(later)
    append(body.querySelectorAll("tr.row").length, rows.length)
  }

  function draw_head() {
    const line = make("tr")
    for (const [name, [label, meaning]] of Object.entries(about.words.columns)) {
      const cell = make("th", name, name === "more" ? "" : label)
      cell.scope = "col"
      // This column has no visible name, because its buttons show the meaning. Give the name to
      // screen readers.
      if (name === "more") cell.append(make("span", "for-readers", label))
      if (meaning) cell.title = meaning
      line.append(cell)
    }
    head.replaceChildren(line)
    list.querySelector("table").setAttribute("aria-label", about.words.table)
    list.classList.toggle("can-open", about.can_open)
  }

  function drawn_row(row) {
    const line = make("tr", row.id === about.marked ? "row last" : "row")
    line.dataset.id = row.id
    line.append(
      rank_of(row), patient_of(row), tier_of(row), why_of(row), place_of(row), phq9_of(row),
      recent_of(row), score_of(row.gad7, row.gad7_change, "gad7"),
      make("td", "contact", row.contact), make("td", "review", row.review),
      make("td", "nurse", row.nurse), make("td", "site", row.site), more_of(row),
    )
    return line
  }

  function rank_of(row) {
    const is_kept = about.kept.includes(row.id)
    const cell = make("td", "rank", is_kept ? `→${row.rank}` : row.rank)
    if (is_kept) cell.title = filled(about.words.kept, { rank: row.rank })
    return cell
  }

  function patient_of(row) {
    const cell = make("th", "patient")
    cell.scope = "row"
    const name = make(about.can_open ? "a" : "span", "name", row.patient)
    if (about.can_open) {
      name.href = `case?episode=${row.id}`
      name.tabIndex = -1
    }
    if (row.id === about.marked) name.title = about.words.last_open
    const first = make("span", "line")
    first.append(name)
    cell.append(first, make("span", "line under", row.under))
    return cell
  }

  function badge(tier) {
    const { name, tone } = about.words.tiers[tier]
    const made = make("span", "badge", name)
    made.style.color = `var(--st-${tone}-text-color)`
    made.style.background = `var(--st-${tone}-background-color)`
    return made
  }

  function tier_of(row) {
    const cell = make("td", "tier"), first = make("span", "line")
    first.append(badge(row.tier))
    cell.append(first, make("span", "line", row.need))
    cell.title = row.need_fact
    return cell
  }

  function why_of(row) {
    const cell = make("td", "why"), two = make("div", "two")
    const reasons = row.why.filter(([_tier, _text, again]) => !again).map(([_tier, text]) => text)
    if (row.for) two.append(make("span", "for", row.for), " · ")
    for (const odd of row.odd) two.append(make("span", "odd", `⚠ ${odd}`), " · ")
    two.append(reasons[0] || about.words.no_reason)
    if (row.undelivered) two.append(" · ", make("span", "odd", `⚠ ${row.undelivered}`))
    if (reasons.length > 1) two.append(` · ${reasons.slice(1).join(" · ")}`)
    const all = [row.for, ...row.odd, reasons[0], row.undelivered, ...reasons.slice(1)]
    cell.title = all.filter(Boolean).join("\n")
    cell.append(two)
    return cell
  }

  function place_of(row) {
    const cell = make("td", "place")
    cell.append(make("div", "two", row.place_brief))
    cell.title = row.place
    return cell
  }

  function score_of(value, change, of) {
    const cell = make("td", of)
    const first = make("span", "line")
    if (value === null) first.append("–")
    else first.append(make("span", "value", value))
    if (change !== null) first.append(change)
    cell.append(first)
    return cell
  }

  function phq9_of(row) {
    const cell = score_of(row.phq9, row.phq9_change, "phq9")
    if (row.item9) {
      const [sign, meaning] = about.words.item9[row.item9]
      const second = make("span", `line ${row.item9 === "positive" ? "positive" : "under"}`, sign)
      second.title = meaning
      cell.append(second)
    }
    return cell
  }

  function recent_of(row) {
    const cell = make("td", "recent"), scores = row.phq9_recent
    if (!scores.length) return cell
    const shape = (name, attributes) => {
      const made = document.createElementNS(SVG, name)
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
      return made
    }
    const high = (score) => (24 - (score / about.highest) * 22).toFixed(1)
    const across = (place) => ((place / Math.max(scores.length - 1, 1)) * 60 + 2).toFixed(1)
    const words = filled(about.words.scores, { scores: scores.join(", ") })
    const drawing = shape("svg", { viewBox: "0 0 64 26", role: "img", "aria-label": words })
    drawing.append(
      shape("line", { x1: 0, x2: 64, y1: high(CUT_OFF), y2: high(CUT_OFF), class: "cut-off" }),
      shape("polyline", { points: scores.map((one, n) => `${across(n)},${high(one)}`).join(" ") }),
      shape("circle", { cx: across(scores.length - 1), cy: high(scores.at(-1)), r: 2 }),
    )
    cell.title = words
    cell.append(drawing)
    return cell
  }

  function more_of(row) {
    const cell = make("td", "more"), button = make("button", "", "›")
    button.type = "button"
    button.tabIndex = -1
    button.setAttribute("aria-expanded", "false")
    button.setAttribute("aria-label", filled(about.words.show, { name: row.patient }))
    cell.append(button)
    return cell
  }

  // The complete texts of a row, shown below it

  function toggle(line, wanted) {
    const button = line.querySelector("button"), next = line.nextElementSibling
    const is_open = Boolean(next?.classList.contains("whole"))
    if (is_open === (wanted ?? !is_open)) return
    button.setAttribute("aria-expanded", String(!is_open))
    if (is_open) next.remove()
    else line.after(whole_of(rows.find((row) => row.id === Number(line.dataset.id))))
  }

  function whole_of(row) {
    const line = make("tr", "whole"), cell = make("td"), reasons = make("ul"), facts = make("dl")
    cell.colSpan = columns()
    if (row.for) cell.append(make("p", "for", row.for))
    for (const odd of [...row.odd, row.undelivered].filter(Boolean)) {
      cell.append(make("p", "odd", `⚠ ${odd}`))
    }
    for (const [tier, text] of row.why) {
      const item = make("li")
      item.append(badge(tier), ` ${text}`)
      reasons.append(item)
    }
    if (!row.why.length) reasons.append(make("li", "", about.words.no_reason))
    for (const [label, value] of facts_of(row)) {
      const pair = make("div")
      pair.append(make("dt", "", label), make("dd", "", value))
      facts.append(pair)
    }
    cell.append(make("p", "", row.place), reasons, facts)
    line.append(cell)
    return line
  }

  function facts_of(row) {
    const { columns: of, late, item9 } = about.words
    const score = (value, change) => (change === null ? value : `${value} (${change})`)
    return [
      [of.phq9[0], score(row.phq9, row.phq9_change)],
      ["GAD-7", score(row.gad7, row.gad7_change)],
      ["", row.item9 && item9[row.item9][1]],
      [of.contact[1], row.contact],
      [of.review[1], row.review],
      [late[1], row.late],
      [of.nurse[0], row.nurse],
      [of.site[0], row.site],
    ].filter(([_label, value]) => value !== null && value !== undefined && value !== "")
  }

  const columns = () => [...head.querySelectorAll("th")].filter((one) => one.offsetWidth).length

  // Moving

  const lines = () => [...body.querySelectorAll("tr.row")]
  const link_of = (line) => line?.querySelector("a.name")

  function tab_stop(line) {
    for (const one of body.querySelectorAll("a.name[tabindex='0']")) one.tabIndex = -1
    for (const one of body.querySelectorAll("button[tabindex='0']")) one.tabIndex = -1
    const link = link_of(line)
    if (link) link.tabIndex = 0
    const button = line?.querySelector("button")
    if (button) button.tabIndex = 0
  }

  function focus(line) {
    if (!link_of(line)) return
    tab_stop(line)
    link_of(line).focus({ preventScroll: true })
    line.scrollIntoView({ block: "nearest" })
  }

  const start = () => body.querySelector("tr.last") || body.querySelector("tr.row")

  function move(line, key) {
    if (key === "End" || key === "PageDown") draw_rest()
    const all = lines(), here = all.indexOf(line)
    const page = Math.max(Math.floor((list.clientHeight - HEAD) / ROW) - 1, 1)
    const to = {
      ArrowDown: here + 1, ArrowUp: here - 1, PageDown: here + page, PageUp: here - page,
      Home: 0, End: all.length - 1,
    }[key]
    focus(all[Math.min(Math.max(to, 0), all.length - 1)])
  }

  const search = () => document.querySelector(`.st-key-${about.search_field} input`)

  function pressed(event) {
    if (!about || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    if (document.querySelector("[role=dialog]")) return
    const at = event.composedPath()[0]
    const line = at.closest?.("tr.row")
    if (at === search()) return pressed_in_search(event)
    if (line && body.contains(line)) return pressed_in_row(event, line, at)
    if (event.key === "ArrowDown" && at === document.body) {
      event.preventDefault()
      focus(start())
    }
  }

  function pressed_in_search(event) {
    waits_for = null
    if (event.key === "ArrowDown") {
      event.preventDefault()
      focus(body.querySelector("tr.row"))
    } else if (event.key === "Enter") open_found(event.target.value)
  }

  // The rows on the screen may belong to an earlier text of the field. So open the first row only
  // if the rows match the present text.
  function open_found(text) {
    waits_for = text
    if (text && text === about.searched && rows.length) open(rows[0].id)
  }

  function pressed_in_row(event, line, at) {
    if (["ArrowDown", "ArrowUp", "PageDown", "PageUp", "Home", "End"].includes(event.key)) {
      event.preventDefault()
      move(line, event.key)
    } else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      event.preventDefault()
      toggle(line, event.key === "ArrowRight")
    } else if (event.key === " " && at.tagName === "A") {
      event.preventDefault()
      toggle(line)
    }
  }

  function clicked(event) {
    const line = event.target.closest("tr.row"), button = event.target.closest("button")
    if (!line) return
    if (button) {
      toggle(line)
      return focus(line)
    }
    // A click with Ctrl, Meta or Shift opens the link of the name in a new tab or window.
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    if (String(window.getSelection())) return
    open(Number(line.dataset.id))
  }

  // Height

  function fit() {
    if (!about) return
    const top = list.getBoundingClientRect().top + (scroller()?.scrollTop || 0)
    const room = window.innerHeight - top - BELOW
    const count = Math.max(Math.floor((room - HEAD - 2) / ROW), LEAST_ROWS)
    list.style.maxHeight = `${HEAD + count * ROW + 2}px`
    for (const cell of body.querySelectorAll("tr.whole > td")) cell.colSpan = columns()
  }

  const scroller = () => document.querySelector("[data-testid=stMain]")

  // React stops events that bubble up from its own fields. So the listener captures them before
  // they reach those fields.
  document.addEventListener("keydown", pressed, { capture: true, signal: over.signal })
  window.addEventListener("resize", fit, { signal: over.signal })
  body.onclick = clicked
  body.onfocusin = (event) => tab_stop(event.target.closest("tr.row"))
  list.onscroll = () => { window.caseReviewPlaces[about.list] = list.scrollTop }
  const moved = new ResizeObserver(fit)
  const main = document.querySelector("[data-testid=stMainBlockContainer]")
  if (main) moved.observe(main)

  return {
    async show(bytes, set_trigger) {
      send = set_trigger
      const end = bytes.indexOf(0), text = new TextDecoder().decode(bytes.subarray(0, end))
      if (text === asked) return
      asked = text
      const next = JSON.parse(text)
      const next_rows = next.version === about?.version ? rows : await unpacked(bytes.subarray(end + 1))
      if (text !== asked || over.signal.aborted) return
      const begins = !about
      about = next
      rows = next_rows
      const scrolled = begins ? window.caseReviewPlaces[about.list] : list.scrollTop
      const had = root.activeElement?.closest("tr.row")?.dataset.id
      draw_head()
      draw()
      fit()
      if (scrolled > (FIRST - 20) * ROW) draw_rest()
      list.scrollTop = scrolled || 0
      tab_stop(start())
      if (begins) come_back()
      else if (had) focus(body.querySelector(`tr.row[data-id="${had}"]`))
      if (waits_for !== null && waits_for === about.searched) open_found(waits_for)
    },
    leave() {
      over.abort()
      moved.disconnect()
      clearTimeout(sending)
      clearTimeout(later)
    },
  }

  // Show and focus the row of the case that was open last, so that the arrow keys continue from
  // there.
  function come_back() {
    if (about.marked === null) return
    if (!body.querySelector("tr.last")) draw_rest()
    const last = body.querySelector("tr.last")
    if (last && document.activeElement === document.body) focus(last)
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  let table = tables.get(parentElement)
  if (!table) {
    table = begin(parentElement)
    tables.set(parentElement, table)
  }
  table.show(data, setTriggerValue)
  return () => {
    table.leave()
    tables.delete(parentElement)
  }
}
