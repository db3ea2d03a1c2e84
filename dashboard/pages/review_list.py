"""The review list: who to look at this week, and why."""

import streamlit as st

from dashboard.components.review_table import review_table
from dashboard.database import acting_as
from dashboard.queries.review_list import review_list
from dashboard.web.clock import today
from dashboard.web.guard import signed_in

practitioner = signed_in("psychiatrist", "nurse")
day = today()


def open_case(episode_id: int, order: list[int]) -> None:
    """Show this case; previous and next follow the order in which the list was shown."""
    st.session_state["case_order"] = order
    st.switch_page("../pages/case.py", query_params={"episode": str(episode_id)})


with acting_as(practitioner.practitioner_id) as connection:
    rows = review_list(connection, as_of=day)

review_table(rows, day, open_case)
