"""The inbox page: the letters that a nurse or a GP has received, and the answers to them."""

from datetime import timedelta
from functools import partial

import streamlit as st

from dashboard.calendar import now, today
from dashboard.clinical.access.emergency import TOLD_FOR, Emergency
from dashboard.clinical.advice.begun_reviews import BegunReview
from dashboard.clinical.advice.inbox import Received, WithdrawnLine
from dashboard.clinical.meeting.meetings import Meeting
from dashboard.components.access.emergency_notices import emergency_notices
from dashboard.components.advice.begun_reviews import begun_reviews_notice
from dashboard.components.advice.inbox_list import inbox_list, lines_in_words, withdrawn_notices
from dashboard.components.elements.escaping import choice
from dashboard.components.elements.registry_age import registry_age
from dashboard.components.elements.undo_notice import undo_notice
from dashboard.components.meeting.meeting_summary import ended_meetings
from dashboard.locale import _
from dashboard.queries.access.emergency import told
from dashboard.queries.advice.begun_reviews import begun_reviews
from dashboard.queries.advice.inbox import inbox, withdrawn_lately
from dashboard.queries.advice.letters import open_letter
from dashboard.queries.meeting.meetings import ended_since
from dashboard.queries.registry_age import registry_load
from dashboard.settings import settings
from dashboard.vocabulary import LETTER_ROLES
from dashboard.web.page_support.undoable_answers import give
from dashboard.web.page_support.viewer import PageConnection, viewer_for

viewer = viewer_for(*LETTER_ROLES)
practitioner = viewer.person
day = today()

LATELY = timedelta(days=14)
"""Time after the day of a meeting during which the inbox has a button that opens its summary."""


def open_case(episode_id: int) -> None:
    """Open the page of the case ``episode_id``."""
    st.switch_page("../pages/case.py", query_params={"episode": str(episode_id)})


def open_meeting(meeting: Meeting) -> None:
    """Open the page with the summary of ``meeting``."""
    st.switch_page("../pages/meeting.py", query_params={"meeting": str(meeting.id)})


def everything_received(
    connection: PageConnection,
) -> tuple[list[Emergency], list[BegunReview], list[Received], list[WithdrawnLine], list[Meeting]]:
    """Return all data of this page, read in one transaction."""
    return (
        told(connection, now() - TOLD_FOR),
        begun_reviews(connection),
        inbox(connection, day, only_open=not shows_all),
        withdrawn_lately(connection, day),
        ended_since(connection, day - LATELY),
    )


with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    st.segmented_control(
        _("Show"),
        ["open", "all"],
        default="open",
        required=True,
        key="inbox_shows",
        format_func=lambda shown: choice({"open": _("to answer"), "all": _("all")}[shown]),
        label_visibility="collapsed",
        width="content",
    )
    shows_all = st.session_state["inbox_shows"] == "all"
    opened, begun, received, withdrawn, lately = viewer.read(everything_received)
    st.caption(lines_in_words(received, practitioner.role, day), width="content")
    ended_meetings(lately, practitioner.practitioner_id, open_meeting)
    undo_notice()
emergency_notices(opened, open_case)
registry_age(viewer.read(registry_load), now(), settings().registry_stale_hours)
begun_reviews_notice(begun, open_case)
withdrawn_notices(withdrawn, open_case)
inbox_list(
    received,
    role=practitioner.role,
    today=day,
    give=partial(give, viewer),
    open_case=open_case,
    read=lambda review_id, role: viewer.read(open_letter, review_id, role),
    with_ended=shows_all,
)
