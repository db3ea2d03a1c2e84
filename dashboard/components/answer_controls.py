"""Answering a recommendation: what became of it, and why where that must be said."""

import logging
from collections.abc import Callable
from uuid import UUID, uuid5

import streamlit as st

from dashboard.clinical.advice import ANSWERS, ANSWERS_WITH_REASON, LONGEST_FIELD
from dashboard.clinical.case_file import Recommendation
from dashboard.clinical.inbox import Superseded
from dashboard.components.advice_words import outcome_name
from dashboard.components.live_text import held_text, live_text
from dashboard.components.plain import plain
from dashboard.locale import _

WITHOUT_REASON = ("acknowledged", "done")
"""The answers that are given with one click; the others offer to say why."""

Give = Callable[[UUID, str, str | None, UUID], object]
"""Records an answer: the recommendation, the outcome, the reason, the answer's key."""

_ANSWERS = UUID("7a3f9a52-94f5-4b61-8a3c-2f1f9ad0c3f4")
_log = logging.getLogger(__name__)


def answer_controls(line: Recommendation, give: Give) -> None:
    """Draw the five answers to this line; after one is given the page is drawn anew.

    A fragment of its own: typing a reason redraws nothing else.
    """
    key = f"answer/{line.id}/{len(line.answers)}"
    st.fragment(_controls, key=key)(key, line, give)


def _controls(key: str, line: Recommendation, give: Give) -> None:
    if st.session_state.pop(f"{key}/given", False):
        st.rerun(scope="app")
    outcome = st.segmented_control(
        _("Your answer"),
        ANSWERS,
        key=f"{key}/outcome",
        format_func=outcome_name,
        label_visibility="collapsed",
        on_change=_chosen,
        args=(key, line, give),
    )
    if outcome is not None and outcome not in WITHOUT_REASON:
        _reason(key, line, outcome, give)
    trouble = st.session_state.pop(f"{key}/trouble", None)
    if trouble is not None:
        st.error(_trouble_in_words(trouble), icon=":material/error:")


def _reason(key: str, line: Recommendation, outcome: str, give: Give) -> None:
    reason = held_text(_reason_key(key), LONGEST_FIELD)
    must = outcome in ANSWERS_WITH_REASON
    missing = must and not reason.strip() and st.session_state.pop(f"{key}/asked", False)
    live_text(
        _("Why") if must else _("Why, or what instead"),
        reason,
        key=_reason_key(key),
        longest=LONGEST_FIELD,
        error=_("Say why.") if missing else None,
        held=True,
    )
    st.button(
        _("Send the answer"),
        key=f"{key}/send",
        on_click=_give,
        args=(key, line, outcome, give),
    )


def _chosen(key: str, line: Recommendation, give: Give) -> None:
    """As a callback: an answer without a reason is given at once."""
    outcome = st.session_state[f"{key}/outcome"]
    if outcome in WITHOUT_REASON:
        _give(key, line, outcome, give)


def _give(key: str, line: Recommendation, outcome: str, give: Give) -> None:
    """As a callback: record the answer. A second click records the same one."""
    reason = None
    if outcome not in WITHOUT_REASON:
        reason = held_text(_reason_key(key), LONGEST_FIELD).strip() or None
    if outcome in ANSWERS_WITH_REASON and reason is None:
        st.session_state[f"{key}/asked"] = True
        return
    try:
        give(line.id, outcome, reason, uuid5(_ANSWERS, f"{key}/{outcome}/{reason}"))
    except Superseded:
        st.session_state[f"{key}/trouble"] = "superseded"
    except Exception as error:
        _log.error("An answer could not be recorded: %s", type(error).__name__)
        st.session_state[f"{key}/trouble"] = "not_recorded"
    else:
        st.session_state[f"{key}/given"] = True


def _reason_key(key: str) -> str:
    return f"{key}/reason"


def _trouble_in_words(trouble: str) -> str:
    return {
        "superseded": plain(_("This review was amended meanwhile: answer the new one.")),
        "not_recorded": plain(_("The answer was not recorded. Try again.")),
    }[trouble]
