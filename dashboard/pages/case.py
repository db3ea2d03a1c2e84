"""One case: who, why, the trajectory over the treatment, the recommendations beside them."""

import streamlit as st

from dashboard.components.case_details import case_details
from dashboard.components.case_header import case_header
from dashboard.components.trajectory import trajectory
from dashboard.database import acting_as
from dashboard.locale import _
from dashboard.queries.case import open_case
from dashboard.web.clock import today
from dashboard.web.guard import signed_in

practitioner = signed_in("psychiatrist", "nurse", "gp")


def chosen_episode() -> int | None:
    """The episode that the address names."""
    named = st.query_params.get("episode", "")
    return int(named) if named.isascii() and named.isdigit() and len(named) < 19 else None


def go_to(episode_id: int) -> None:
    """Name another episode in the address."""
    st.query_params["episode"] = str(episode_id)


episode_id = chosen_episode()
with acting_as(practitioner.practitioner_id) as connection:
    case = None if episode_id is None else open_case(connection, episode_id, as_of=today())

if case is None:
    st.warning(_("This case does not exist, or it is not one of yours."))
    st.stop()

case_header(case, st.session_state.get("case_order", []), go_to)
chart, advice = st.columns([3, 2], gap="medium")
with chart:
    trajectory(case, ["phq9", "gad7"], key="trajectory")
    case_details(case)
