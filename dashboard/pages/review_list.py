"""The review list: who to look at this week, and why."""

from collections.abc import Sequence

import streamlit as st

from dashboard.calendar import now, today
from dashboard.clinical.access.emergency import TOLD_FOR, presented_emergencies
from dashboard.components.access.emergency_notices import emergency_notices
from dashboard.components.caseload.list_choice import list_choice
from dashboard.components.caseload.review_table import presented_table, review_table
from dashboard.components.elements.registry_age import registry_age
from dashboard.database import acting_as
from dashboard.queries.access.cover import covered_on
from dashboard.queries.access.emergency import told
from dashboard.queries.caseload.review_list import presented_list, read_list
from dashboard.queries.registry_age import registry_loaded_at
from dashboard.vocabulary import PAIR
from dashboard.web.auth.authorization import signed_in

practitioner = signed_in(*PAIR)
day = today()


def open_case(episode_id: int, order: Sequence[int] = ()) -> None:
    """Show this case; previous and next follow the order in which the list was shown."""
    st.session_state["case_order"] = list(order)
    st.switch_page("../pages/case.py", query_params={"episode": str(episode_id)})


with acting_as(practitioner.practitioner_id) as connection:
    read = read_list(connection, day, before=st.session_state.get("list_read"))
    opened = told(connection, now() - TOLD_FOR)
    covered = covered_on(connection, practitioner.practitioner_id, day)
    loaded_at = registry_loaded_at(connection)

st.session_state["list_read"] = read
if practitioner.presenting:
    opened = presented_emergencies(opened, day)
emergency_notices(opened, open_case)
registry_age(loaded_at, now())
me, role = practitioner.practitioner_id, practitioner.role
urgent = {one.covered.id: read.urgent(role, one.covered.id) for one in covered}
whose = list_choice(me, role, covered, urgent)
rows = read.list_of(role, whose, covered if whose == me else ())
if practitioner.presenting:
    row = presented_list(rows, st.session_state.get("case_in_hand"))
    presented_table(row, rows[["tier", "episode_id"]], day, open_case)
else:
    review_table(rows, day, open_case)
