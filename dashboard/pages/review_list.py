"""The page with the review list: the open episodes of the reader or of a covered colleague, the
most urgent first, each with its reasons.

While the screen is shared, the page shows the numbers of patients, and only the row of the case
that was opened last.
"""

from collections.abc import Sequence

import streamlit as st

from dashboard.calendar import now, today
from dashboard.clinical.access.cover import Cover
from dashboard.clinical.access.emergency import TOLD_FOR, Emergency
from dashboard.clinical.advice.begun_reviews import BegunReview
from dashboard.clinical.caseload.review_list import (
    ReviewListRow,
    in_kept_places,
    list_of,
    out_of_order,
    urgent,
)
from dashboard.clinical.registry_age import RegistryLoad
from dashboard.components.access.emergency_notices import emergency_notices
from dashboard.components.advice.begun_reviews import begun_reviews_notice
from dashboard.components.caseload.list_choice import list_choice
from dashboard.components.caseload.review_table import list_in_hand, review_table
from dashboard.components.elements.registry_age import registry_age
from dashboard.queries.access.cover import covered_on
from dashboard.queries.access.emergency import told
from dashboard.queries.advice.begun_reviews import begun_reviews
from dashboard.queries.caseload.recent_lists import read_recent_list
from dashboard.queries.registry_age import registry_load
from dashboard.settings import settings
from dashboard.vocabulary import PAIR
from dashboard.web.page_support.viewer import PageConnection, viewer_for

viewer = viewer_for(*PAIR)
practitioner, day = viewer.person, today()
me, role = practitioner.practitioner_id, practitioner.role


def open_case(episode_id: int, order: Sequence[int] = ()) -> None:
    """Open this case.

    ``order`` are the ids of the episodes in the order of the list on the screen. The buttons for
    the previous and the next case follow this order.
    """
    st.session_state["case_order"] = list(order)
    st.switch_page("../pages/case.py", query_params={"episode": str(episode_id)})


def everything_listed(
    connection: PageConnection,
) -> tuple[
    tuple[ReviewListRow, ...], list[Emergency], list[BegunReview], list[Cover], RegistryLoad | None
]:
    """Return all data of this page, read in one transaction."""
    return (
        read_recent_list(connection, me, day).rows,
        told(connection, now() - TOLD_FOR),
        begun_reviews(connection),
        covered_on(connection, me, day),
        registry_load(connection),
    )


rows, opened, begun, covered, loaded = viewer.read(everything_listed)
emergency_notices(opened, open_case)
begun_reviews_notice(begun, open_case)
registry_age(loaded, now(), settings().registry_stale_hours)
counts = {one.covered.id: urgent(list_of(rows, role, one.covered.id)) for one in covered}
whose = list_choice(me, role, covered, counts)
listed = list_of(rows, role, whose, [one.covered for one in covered] if whose == me else ())
in_hand = st.session_state.get("case_in_hand")
if practitioner.presenting:
    list_in_hand(listed, in_hand, day, open_case)
else:
    # If a patient was reviewed or has become less urgent, the row stays in its place. So the reader
    # who goes from the list to a case and back finds the list unchanged.
    seen_by_list = st.session_state.setdefault("rows_seen", {})
    shown, seen_by_list[whose, day] = in_kept_places(listed, seen_by_list.get((whose, day), {}))
    review_table(
        shown,
        day,
        open_case,
        marked=in_hand,
        kept=out_of_order(shown),
        sort_again=seen_by_list.clear,
    )
