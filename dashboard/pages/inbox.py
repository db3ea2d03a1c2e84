"""What a nurse or a GP has received, and what became of it."""

from uuid import UUID

import streamlit as st

from dashboard.components.inbox_list import inbox_list
from dashboard.components.plain import choice
from dashboard.database import acting_as
from dashboard.locale import _
from dashboard.queries.inbox import answer, inbox
from dashboard.web.clock import today
from dashboard.web.guard import signed_in

practitioner = signed_in("nurse", "gp")
day = today()


def give(recommendation_id: UUID, outcome: str, reason: str | None, key: UUID) -> None:
    """Record an answer."""
    person = signed_in("nurse", "gp")
    with acting_as(person.practitioner_id) as connection:
        answer(connection, recommendation_id, outcome, reason, key)


def open_case(episode_id: int) -> None:
    """Show this case."""
    st.switch_page("../pages/case.py", query_params={"episode": str(episode_id)})


st.segmented_control(
    _("Show"),
    ["open", "all"],
    default="open",
    required=True,
    key="inbox_shows",
    format_func=lambda shown: choice({"open": _("to answer"), "all": _("all")}[shown]),
    label_visibility="collapsed",
)
with acting_as(practitioner.practitioner_id) as connection:
    received = inbox(connection, day, only_open=st.session_state["inbox_shows"] == "open")

inbox_list(received, practitioner.role, day, give, open_case)
