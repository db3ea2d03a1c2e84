"""The page about covers.

It shows who covers the signed-in person's list, and whose lists this person covers.
"""

from uuid import UUID

import streamlit as st

from dashboard.calendar import today
from dashboard.clinical.access.cover import ROLES, Handover
from dashboard.components.access.cover_form import covers_by_me, covers_of_mine, handover_form
from dashboard.locale import _
from dashboard.queries.access.cover import colleagues, covers
from dashboard.queries.access.covering import end_cover, hand_over
from dashboard.web.page_support.viewer import viewer_for

viewer = viewer_for(*ROLES)
practitioner = viewer.person
day = today()


def give(handover: Handover) -> None:
    """Hand over the signed-in person's list to a colleague."""
    viewer.write(hand_over, handover, today())


def end(cover_id: UUID) -> None:
    """End a cover of the signed-in person's list."""
    viewer.write(end_cover, cover_id)


def open_list(covered_id: int) -> None:
    """Open the list of a colleague who is covered."""
    st.switch_page("../pages/review_list.py", query_params={"list": str(covered_id)})


known, others = viewer.read(lambda connection: (covers(connection, day), colleagues(connection)))

of_mine = [one for one in known if one.covered.id == practitioner.practitioner_id]
by_me = [one for one in known if one.covering.id == practitioner.practitioner_id]
st.caption(
    _(
        "A colleague who covers you sees your list, signs and answers in their own name, and"
        " sees it no more on the day after the last. Opening a case is recorded in the access log."
    )
)
left, right = st.columns(2, gap="large")
with left:
    covers_of_mine(of_mine, day, end)
with right:
    covers_by_me(by_me, practitioner.role, day, open_list)
handover_form(others, by_me, day, give)
