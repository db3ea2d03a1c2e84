"""The list of a nurse's patients, for the preparation of a meeting.

The patients on the agenda come first, in the order of the agenda. The patients who were taken off
the agenda follow, then the other patients. A click or the Enter key chooses a patient. There are
three ways to move a patient on the agenda: dragging, the arrows beside the chosen patient, and Alt
with an arrow key.

The browser shows the action at once and sends it. The page first reads the action (``newly_done``),
then confirms it (``taken_up``), and then draws the list (``agenda_list``).
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.clinical.caseload.rules import Tier
from dashboard.clinical.meeting.agenda import Agenda, AgendaItem, CaseToPrepare, can_change
from dashboard.components.elements.colours import TIER_COLOURS
from dashboard.components.elements.escaping import legible
from dashboard.components.elements.patient_name import patient_name
from dashboard.locale import _, ngettext
from dashboard.words.caseload.reasons import in_words, tier_name


@dataclass(frozen=True)
class Done:
    """An action in the list: the chosen patient, and the new order if a patient was moved.

    ``number`` identifies the action: the id of the list in the browser, and a count of its actions.
    """

    number: tuple[str, int]
    chosen: int | None
    order: tuple[int, ...] | None


def agenda_list(agenda: Agenda, chosen: int, today: date, *, key: str) -> None:
    """Draw the list. The patient whose episode has the id ``chosen`` is marked.

    On a shared screen, only the chosen patient is drawn, with the numbers of the other patients.
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
            "movable": can_change(agenda.started_at) and not presented,
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
    # When the list is first drawn in a session, the browser may still have an action from an
    # earlier session. Such an action is not new.
    brought = _read(result.get("done"))
    st.session_state.setdefault(f"{key}/begun", brought.number if brought else None)


def newly_done(key: str) -> Done | None:
    """Return the last action in the list if it is not handled yet, else None."""
    state = st.session_state.get(key)
    done = _read(state.get("done") if state else None)
    if done is None or f"{key}/begun" not in st.session_state:
        return None
    handled = (st.session_state[f"{key}/begun"], st.session_state.get(f"{key}/taken_up"))
    return None if done.number in handled else done


def taken_up(key: str, done: Done) -> None:
    """Store that the action ``done`` was handled.

    The browser has shown the action before the server handled it. From now on, it shows the list
    that the server sends.
    """
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
    """Do nothing. Streamlit passes on the action only if there is a callback. The next run reads
    the action.
    """


def _only(chosen: int, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return only the row of the patient ``chosen``, with its number in the whole list."""
    return [row | {"number": place} for place, row in enumerate(rows, 1) if row["id"] == chosen]


def _on(item: AgendaItem, today: date) -> dict[str, Any]:
    why = _("Deferred: {reason}", reason=item.deferral) if item.deferral else None
    if item.not_reached and item.case.reasons:
        # The reason comes first, because the end of a long text is cut off.
        first = in_words(item.case.reasons[0], today)
        why = f"{first} · {_('not reached last time')}"
    return _row(item.case, today, why, new=item.is_new)


def _off(item: AgendaItem, today: date) -> dict[str, Any]:
    return _row(item.case, today, item.removed_reason)


def _other(case: CaseToPrepare, today: date) -> dict[str, Any]:
    return _row(case, today, None)


def _row(case: CaseToPrepare, today: date, why: str | None, *, new: bool = False) -> dict[str, Any]:
    """Return the data of a row for the browser.

    Include only data that is visible, because the browser would receive hidden data too.
    """
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
    """Return the state of the preparation in one or two words."""
    preparation = case.preparation
    asks = bool(preparation.question.strip())
    what = _("question") if asks else _("to discuss") if preparation.wants_discussion else ""
    if preparation.ready_at is not None:
        return f"✓ {what or _('ready')}"
    return _("begun: {what}", what=what) if what else ""


_HTML = """
<div class="find"><input type="search" autocomplete="off" spellcheck="false"></div>
<div class="groups"></div>
<p class="none" role="status"></p>
"""

_LIST = st.components.v2.component(
    "case_review_agenda_list",
    html=_HTML,
    css=Path(__file__).with_suffix(".css").read_text(encoding="utf-8"),
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)
