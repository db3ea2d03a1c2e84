"""The request for emergency access to one patient's record."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid4

import streamlit as st

from dashboard.clinical.access.emergency import LONGEST_EXPLANATION, Wish, problem_of
from dashboard.locale import _
from dashboard.vocabulary import EmergencyReason
from dashboard.words.access.emergency import problem_in_words, reason_name

_OLDEST = date(1900, 1, 1)


@dataclass
class Attempt:
    """The state of a request for emergency access.

    ``key`` is the idempotency key of the requested access.
    """

    key: UUID = field(default_factory=uuid4)
    problem: str | None = None
    episode_id: int | None = None
    """The id of the case that the reader may open now, or None until the request has succeeded."""


Ask = Callable[[Wish, UUID], str]
"""A function that requests the access and returns the outcome.

The outcomes are those of ``dashboard.queries.access.opening_in_emergency``.
"""


def emergency_form(today: date, ask: Ask) -> int | None:
    """Draw the form that requests emergency access.

    If a request has just succeeded, draw nothing and return the id of the case that may now be
    opened. Otherwise return None.
    """
    attempt: Attempt = st.session_state.setdefault("emergency/attempt", Attempt())
    if attempt.episode_id is not None:
        episode_id, attempt.episode_id = attempt.episode_id, None
        return episode_id
    with st.form("emergency", border=False):
        number, name, birth = st.columns([1, 2, 1])
        number.text_input(_("Case number"), key="emergency/number", max_chars=18)
        name.text_input(_("Family name"), key="emergency/name", max_chars=200)
        birth.date_input(
            _("Date of birth"),
            None,
            min_value=_OLDEST,
            max_value=today,
            format="DD/MM/YYYY",
            key="emergency/birth",
        )
        st.selectbox(
            _("Reason"),
            list(EmergencyReason),
            index=None,
            format_func=reason_name,
            placeholder=_("Choose a reason"),
            key="emergency/reason",
        )
        st.text_area(
            _("What is happening, in a sentence (the patient’s team and the medical lead read it)"),
            key="emergency/explanation",
            max_chars=LONGEST_EXPLANATION,
            height=100,
        )
        st.form_submit_button(
            _("Open the record for one hour"),
            type="primary",
            icon=":material/emergency_home:",
            on_click=_ask,
            args=(attempt, ask),
        )
    if attempt.problem is not None:
        st.error(problem_in_words(attempt.problem))
    return None


def _ask(attempt: Attempt, ask: Ask) -> None:
    wish = _typed()
    attempt.problem = problem_of(wish)
    if attempt.problem is not None:
        return
    outcome = ask(wish, attempt.key)
    if outcome in ("opened", "open_already", "yours"):
        attempt.key, attempt.episode_id = uuid4(), wish.case_number
    else:
        attempt.problem = outcome


def _typed() -> Wish:
    number = st.session_state["emergency/number"].strip()
    return Wish(
        case_number=int(number) if number.isascii() and number.isdigit() else None,
        family_name=st.session_state["emergency/name"],
        birth_date=st.session_state["emergency/birth"],
        reason=st.session_state["emergency/reason"],
        explanation=st.session_state["emergency/explanation"],
    )
