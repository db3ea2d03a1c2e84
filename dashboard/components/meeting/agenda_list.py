"""The nurse's patients in a list: those on the agenda in their order, then all the others.

A patient is chosen by a click or with Enter; those on the agenda are moved by dragging, with
the arrows beside the chosen one, or with Alt and an arrow key. What the reader does is shown at
once and sent; the page takes it up before it draws (``newly_done``), says so (``taken_up``), and
draws (``agenda_list``).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from dashboard.clinical.caseload.rules import Tier
from dashboard.clinical.meeting.agenda import Agenda, AgendaItem, CaseToPrepare
from dashboard.components.elements.colours import TIER_COLOURS
from dashboard.components.elements.escaping import legible
from dashboard.components.elements.patient_name import patient_name
from dashboard.locale import _, ngettext
from dashboard.words.caseload.reasons import in_words, tier_name


@dataclass(frozen=True)
class Done:
    """What the reader did in the list: whom they chose, and an order if they moved somebody."""

    number: tuple[str, int]
    chosen: int | None
    order: tuple[int, ...] | None


def agenda_list(agenda: Agenda, chosen: int, today: date, *, key: str) -> None:
    """Draw the patients of this agenda, the chosen one marked.

    On a shared screen the chosen one alone, and how many the others are.
    """
    presented = agenda.case_of(chosen).identity.is_presented
    groups = (
        (_("On the agenda"), [_on(item, today) for item in agenda.items]),
        (_("Taken off"), [_off(item, today) for item in agenda.off]),
        (_("Other patients"), [_other(case, today) for case in agenda.others]),
    )
    result = _LIST(
        key=key,
        data={
            "chosen": chosen,
            "taken_up": st.session_state.get(f"{key}/taken_up"),
            "movable": agenda.started_at is None and not presented,
            "groups": [
                {
                    "title": f"{title} · {len(rows)}",
                    "count": len(rows),
                    "ordered": place == 0,
                    "full_after": agenda.room if place == 0 else None,
                    "rows": _only(chosen, rows) if presented else rows,
                }
                for place, (title, rows) in enumerate(groups)
            ],
            "words": {
                "search": _("Find a patient"),
                "none": _("Nobody of this name."),
                "up": _("Move {name} up"),
                "down": _("Move {name} down"),
                "how": _("Drag to change the order, or Alt with an arrow key"),
                "full": _("The {n} minutes are full here", n=agenda.length),
            },
        },
        on_done_change=_nothing,
    )
    # What a browser brings into a new session was done before it.
    brought = _read(result.get("done"))
    st.session_state.setdefault(f"{key}/begun", brought.number if brought else None)


def newly_done(key: str) -> Done | None:
    """What has been done in the list and not been taken up yet, if anything."""
    state = st.session_state.get(key)
    done = _read(state.get("done") if state else None)
    if done is None or f"{key}/begun" not in st.session_state:
        return None
    handled = (st.session_state[f"{key}/begun"], st.session_state.get(f"{key}/taken_up"))
    return None if done.number in handled else done


def taken_up(key: str, done: Done) -> None:
    """Note that this has been done, so that the list goes by what the page says again."""
    st.session_state[f"{key}/taken_up"] = done.number


def _read(value: object) -> Done | None:
    if not isinstance(value, dict):
        return None
    order = value.get("order")
    return Done(
        number=(str(value.get("origin")), int(value.get("number", 0))),
        chosen=value.get("chosen"),
        order=None if order is None else tuple(map(int, order)),
    )


def _nothing() -> None:
    """Without a callback Streamlit does not hand over the state; the next run reads it."""


def _only(chosen: int, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The chosen row alone, with its number among all."""
    return [row | {"number": place} for place, row in enumerate(rows, 1) if row["id"] == chosen]


def _on(item: AgendaItem, today: date) -> dict[str, Any]:
    why = _("Deferred: {reason}", reason=item.deferral) if item.deferral else None
    return _row(item.case, today, why, new=item.is_new)


def _off(item: AgendaItem, today: date) -> dict[str, Any]:
    return _row(item.case, today, item.removed_reason)


def _other(case: CaseToPrepare, today: date) -> dict[str, Any]:
    return _row(case, today, None)


def _row(case: CaseToPrepare, today: date, why: str | None, *, new: bool = False) -> dict[str, Any]:
    """Only what is drawn: what is hidden would still be sent."""
    reasons = [in_words(reason, today) for reason in case.reasons]
    who = case.identity
    return {
        "id": case.episode_id,
        "name": legible(patient_name(who)),
        "age": who.age_on(today),
        "tier": tier_name(case.tier),
        "tone": TIER_COLOURS[Tier(case.tier)],
        "why": legible(why or (reasons[0] if reasons else _("No rule holds."))),
        "more": len(reasons) - 1 if not why and len(reasons) > 1 else 0,
        "missing": (
            ngettext("{n} missing", "{n} missing", len(case.missing)) if case.missing else ""
        ),
        "state": _state(case),
        "ready": case.preparation.ready_at is not None,
        "new": _("new") if new else "",
    }


def _state(case: CaseToPrepare) -> str:
    """How far the preparation is, in a word or two."""
    preparation = case.preparation
    asks = bool(preparation.question.strip())
    what = _("question") if asks else _("to discuss") if preparation.wants_discussion else ""
    if preparation.ready_at is not None:
        return f"✓ {what or _('ready')}"
    return f"… {what}" if what else ""


_HTML = """
<div class="find"><input type="search" autocomplete="off" spellcheck="false"></div>
<div class="groups"></div>
<p class="none" role="status"></p>
"""

_CSS = """
:host { display: block; }
* { box-sizing: border-box; }
.find input {
  width: 100%; height: 2.25rem; padding: 0 0.6rem; margin-bottom: 0.5rem;
  font: 0.9rem var(--st-font); color: var(--st-text-color);
  background: var(--st-secondary-background-color);
  border: 1px solid var(--st-widget-border-color); border-radius: var(--st-base-radius);
}
.find input::placeholder { color: var(--st-gray-text-color); opacity: 1; }
input:focus-visible, button:focus-visible {
  outline: 2px solid var(--st-primary-color); outline-offset: -2px;
}
.groups {
  height: calc(100vh - 15.6rem); min-height: 18rem; overflow-y: auto; overscroll-behavior: contain;
  border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
  font: 0.9rem/1.35 var(--st-font); color: var(--st-text-color);
}
h3 {
  position: sticky; top: 0; z-index: 2; margin: 0; padding: 0.35rem 0.7rem;
  font: 600 0.8rem var(--st-font); color: var(--st-gray-text-color);
  background: var(--st-secondary-background-color);
  border-bottom: 1px solid var(--st-border-color);
}
ol { list-style: none; margin: 0; padding: 0; }
li { position: relative; border-bottom: 1px solid var(--st-border-color); }
li.over-top { box-shadow: 0 -2px 0 var(--st-primary-color); }
li.over-end { box-shadow: 0 2px 0 var(--st-primary-color); }
li.dragged { opacity: 0.5; }
li.full {
  padding: 0.15rem 0.7rem; font-size: 0.78rem; font-weight: 600;
  color: var(--st-orange-text-color); border-top: 2px solid var(--st-orange-text-color);
}
.row {
  display: grid; grid-template-columns: 1.5rem 1fr auto; column-gap: 0.4rem; width: 100%;
  padding: 0.35rem 0.7rem; text-align: left; font: inherit; color: inherit;
  background: none; border: 0; border-left: 3px solid transparent; cursor: pointer;
}
.row:hover { background: var(--st-secondary-background-color); }
.row[aria-current="true"] {
  background: var(--st-secondary-background-color); border-left-color: var(--st-primary-color);
}
.place { grid-row: 1 / 3; color: var(--st-gray-text-color); font-variant-numeric: tabular-nums; }
.name { font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.age { font-weight: 400; color: var(--st-gray-text-color); }
.state, .missing { justify-self: end; }
.state { font-size: 0.8rem; color: var(--st-gray-text-color); white-space: nowrap; }
.state.ready { color: var(--st-green-text-color); font-weight: 600; }
.why {
  font-size: 0.82rem; color: var(--st-gray-text-color);
  overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-width: 0;
}
.why b { font-weight: 600; }
.missing { font-size: 0.8rem; color: var(--st-orange-text-color); white-space: nowrap; }
.new {
  margin-left: 0.5rem; padding: 0 0.35rem; font-size: 0.75rem; font-weight: 600;
  color: var(--st-blue-text-color); border: 1px solid currentColor; border-radius: 999px;
}
.moves { display: none; position: absolute; right: 0.5rem; bottom: 0.2rem; gap: 0.2rem; }
li.chosen .moves { display: flex; }
li.chosen.movable .missing { visibility: hidden; }
.moves button {
  width: 1.75rem; height: 1.5rem; padding: 0; font: 0.9rem/1 var(--st-font); cursor: pointer;
  color: var(--st-text-color); background: var(--st-background-color);
  border: 1px solid var(--st-widget-border-color); border-radius: var(--st-base-radius);
}
.moves button:disabled { color: var(--st-gray-text-color); cursor: default; opacity: 0.6; }
.none { margin: 0.5rem 0; font: 0.9rem var(--st-font); color: var(--st-gray-text-color); }
.none:empty { display: none; }
"""

_JS = """
const lists = new WeakMap()

function make(tag, of, text) {
  const made = document.createElement(tag)
  if (of) made.className = of
  if (text !== undefined) made.textContent = text
  return made
}

const plain = (text) => text.normalize("NFD").replace(/\\p{M}/gu, "").toLowerCase()

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
      groups.append(make("h3", "", group.title))
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
      make("span", row.ready ? "state ready" : "state", row.state),
      why,
      make("span", "missing", row.missing),
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
      // A browser may show what is dragged elsewhere: nothing about the patient.
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
"""

_LIST = st.components.v2.component("case_review_agenda_list", html=_HTML, css=_CSS, js=_JS)
