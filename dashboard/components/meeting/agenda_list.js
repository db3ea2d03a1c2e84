const lists = new WeakMap()

function make(tag, of, text) {
  const made = document.createElement(tag)
  if (of) made.className = of
  if (text !== undefined) made.textContent = text
  return made
}

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()

function begin(root) {
  const origin = Math.random().toString(36).slice(2) + Date.now().toString(36)
  const groups = root.querySelector(".groups"), search = root.querySelector("input")
  let data, chosen, order = null, number = 0, taken = 0, send_state, dragged = null, again

  const waits = () => number > taken
  const on_agenda = () => data.groups[0].rows.map((row) => row.id)

  function send() {
    number += 1
    clearTimeout(again)
    again = setTimeout(() => waits() && send(), 6000)
    send_state("done", { origin, number, chosen, order })
  }

  function choose(id) {
    if (id === chosen && !waits()) return
    chosen = id
    draw()
    send()
  }

  function move(id, place) {
    const ids = on_agenda(), from = ids.indexOf(id)
    if (!data.movable || from < 0 || place < 0 || place >= ids.length || place === from) return
    ids.splice(from, 1)
    ids.splice(place, 0, id)
    order = ids
    arrange()
    draw(id)
    send()
  }

  function arrange() {
    if (!order) return
    const rows = data.groups[0].rows, known = new Map(rows.map((row) => [row.id, row]))
    const moved = order.filter((id) => known.has(id)).map((id) => known.get(id))
    data.groups[0].rows = [...moved, ...rows.filter((row) => !order.includes(row.id))]
  }

  function draw(focus) {
    const scrolled = groups.scrollTop
    const had = focus ?? Number(root.activeElement?.dataset?.id)
    const wanted = plain(search.value.trim())
    let shown = 0
    groups.replaceChildren()
    for (const group of data.groups) {
      const rows = group.rows.filter((row) => plain(row.name).includes(wanted))
      if (!rows.length && wanted) continue
      if (!group.count) continue
      shown += rows.length
      groups.append(make("h2", "", group.title))
      const list = make("ol")
      for (const row of rows) {
        const place = group.rows.indexOf(row)
        if (group.full_after && place === group.full_after && !wanted) {
          list.append(make("li", "full", data.words.full))
        }
        list.append(item(row, group, place))
      }
      groups.append(list)
    }
    root.querySelector(".none").textContent = shown ? "" : data.words.none
    groups.style.display = shown ? "" : "none"
    const buttons = [...groups.querySelectorAll(".row")]
    const tabbed = buttons.find((one) => Number(one.dataset.id) === chosen) || buttons[0]
    if (tabbed) tabbed.tabIndex = 0
    groups.scrollTop = scrolled
    if (had) buttons.find((one) => Number(one.dataset.id) === had)?.focus()
  }

  function item(row, group, place) {
    const movable = group.ordered && data.movable
    const of = [row.id === chosen && "chosen", movable && "movable"].filter(Boolean).join(" ")
    const li = make("li", of)
    const button = make("button", "row")
    button.type = "button"
    button.tabIndex = -1
    button.dataset.id = row.id
    button.setAttribute("aria-current", row.id === chosen ? "true" : "false")
    if (movable) button.title = data.words.how
    const name = make("span", "name", row.name)
    name.append(make("span", "age", `, ${row.age}`))
    if (row.new) name.append(make("span", "new", row.new))
    const why = make("span", "why")
    const tier = make("b", "", row.tier)
    tier.style.color = `var(--st-${row.tone}-text-color)`
    why.append(tier, ` · ${row.why}${row.more ? ` · +${row.more}` : ""}`)
    button.append(
      make("span", "place", group.ordered ? row.number || place + 1 : ""),
      name,
      make("span", "missing", row.missing),
      make("span", row.ready ? "state ready" : "state", row.state),
      why,
    )
    button.onclick = () => choose(row.id)
    button.onkeydown = (event) => pressed(event, row.id, place)
    li.append(button)
    if (movable) {
      li.append(moves(row, place, group.rows.length))
      drags(li, row.id)
    }
    return li
  }

  function moves(row, place, count) {
    const box = make("span", "moves")
    const ways = [["up", "↑", place - 1], ["down", "↓", place + 1]]
    for (const [word, sign, to] of ways) {
      const button = make("button", "", sign)
      button.type = "button"
      button.disabled = to < 0 || to >= count
      button.setAttribute("aria-label", data.words[word].replace("{name}", row.name))
      button.onclick = () => move(row.id, to)
      box.append(button)
    }
    return box
  }

  function pressed(event, id, place) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
    if (!step || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    event.stopPropagation()
    if (event.altKey) return move(id, place + step)
    const buttons = [...groups.querySelectorAll(".row")]
    buttons[buttons.indexOf(event.currentTarget) + step]?.focus()
  }

  function drags(li, id) {
    const place = (event) => {
      const { top, height } = li.getBoundingClientRect()
      return event.clientY > top + height / 2 ? "over-end" : "over-top"
    }
    const clear = () => li.classList.remove("over-top", "over-end")
    li.draggable = true
    li.ondragstart = (event) => {
      dragged = id
      // The dragged data can be dropped outside the page, so it contains nothing about the patient.
      event.dataTransfer.setData("text/plain", "")
      event.dataTransfer.effectAllowed = "move"
      li.classList.add("dragged")
    }
    li.ondragend = () => { dragged = null; li.classList.remove("dragged") }
    li.ondragover = (event) => {
      if (dragged === null || dragged === id) return
      event.preventDefault()
      clear()
      li.classList.add(place(event))
    }
    li.ondragleave = clear
    li.ondrop = (event) => {
      event.preventDefault()
      const ids = on_agenda(), from = ids.indexOf(dragged), after = place(event) === "over-end"
      clear()
      if (from < 0) return
      const to = ids.indexOf(id) + (after ? 1 : 0)
      move(dragged, to > from ? to - 1 : to)
    }
  }

  search.oninput = () => draw()
  search.onkeydown = (event) => {
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation()
  }

  return {
    show(now, set_state) {
      send_state = set_state
      const [from, upto] = now.taken_up || []
      if (from === origin) taken = Math.max(taken, upto)
      data = JSON.parse(JSON.stringify(now))
      const begins = chosen === undefined
      if (!waits()) {
        order = null
        clearTimeout(again)
        chosen = now.chosen
      }
      arrange()
      search.placeholder = now.words.search
      search.setAttribute("aria-label", now.words.search)
      draw()
      const current = groups.querySelector("[aria-current=true]")
      if (current && (begins || !within(current))) current.scrollIntoView({ block: "nearest" })
    },
    leave() { clearTimeout(again) },
  }

  function within(one) {
    const here = one.getBoundingClientRect(), box = groups.getBoundingClientRect()
    return here.top >= box.top && here.bottom <= box.bottom
  }
}

export default function ({ data, parentElement, setStateValue }) {
  let list = lists.get(parentElement)
  if (!list) {
    list = begin(parentElement)
    lists.set(parentElement, list)
  }
  list.show(data, setStateValue)
  return () => {
    list.leave()
    lists.delete(parentElement)
  }
}
