"""The meeting that this browser follows.

The address names the meeting, so that the browser still follows it after a reload or a new sign-in.
The browser shows the current case of the meeting, even if the address names another case.
"""

from datetime import date
from uuid import UUID

import streamlit as st

from dashboard.calendar import PARIS
from dashboard.clinical.advice.drafts import latest_scores, seen_in
from dashboard.clinical.advice.lines import DraftReview
from dashboard.clinical.advice.settling import can_leave_unchanged, owed_by
from dashboard.clinical.case.case_file import CaseFile
from dashboard.clinical.deidentification import Mask, withheld
from dashboard.clinical.meeting.meetings import ROLES, Meeting, arrived
from dashboard.components.advice.recommendation_form import forget_form
from dashboard.components.advice.recommendation_form_state import without_change
from dashboard.components.meeting.meeting_bar import (
    MeetingActions,
    arrivals,
    meeting_bar,
    other_meetings,
)
from dashboard.components.meeting.meeting_watch import meeting_watch
from dashboard.components.meeting.nurse_notes import nurse_notes
from dashboard.queries.meeting import holding, meetings
from dashboard.queries.meeting.preparation import own_preparation
from dashboard.vocabulary import Role
from dashboard.web import database_retry
from dashboard.web.auth import sessions
from dashboard.web.auth.authorization import runs_by_itself
from dashboard.web.auth.sessions import SignedIn
from dashboard.web.page_support.viewer import Viewer, viewer_for

_MEETING_PAGE = "../pages/meeting.py"
_CASE_PAGE = "../pages/case.py"
_JOINED = "joined_meeting"
_END_SHOWN = "meeting_end_shown"

_viewer = Viewer(ROLES)


def followed(person: SignedIn, day: date) -> Meeting | None:
    """Return the meeting that the address names, if it is running and the person takes part in it.

    The address is changed to name the current case. When this session begins to follow the meeting,
    the presenting mode (names hidden) is started.

    A meeting that ended on ``day`` is returned too, until this session has shown its result. The
    bar of the meeting opens the result once the typed text is saved. Afterwards, an address without
    a case is changed to name the last case of the meeting.
    """
    named = named_meeting()
    if named is None or person.role not in ROLES:
        return None
    meeting = _viewer.read(meetings.state, named)
    if meeting is not None and _end_is_to_be_shown(meeting, day):
        return meeting
    if meeting is None or not meeting.is_running:
        del st.query_params["meeting"]
        # When the result is opened, Streamlit puts an address without a case into the browser's
        # history. The button Back on the page of the result leads to this address.
        if meeting is not None and meeting.current and "episode" not in st.query_params:
            st.query_params["episode"] = str(meeting.current.episode_id)
        return None
    _join(meeting, person)
    if meeting.current is not None:
        st.query_params["episode"] = str(meeting.current.episode_id)
    return meeting


def _end_is_to_be_shown(meeting: Meeting, day: date) -> bool:
    """Return whether the meeting ended on ``day`` and this session has not shown its result yet."""
    if meeting.ended_at is None or meeting.ended_at.astimezone(PARIS).date() != day:
        return False
    return st.session_state.get(_END_SHOWN) != meeting.id


def named_meeting() -> UUID | None:
    """Return the id of the meeting in the address; None if there is none."""
    try:
        return UUID(st.query_params.get("meeting", ""))
    except ValueError:
        return None


def go_on(meeting: Meeting) -> None:
    """Open the page of the meeting's current case, and make the browser follow the meeting."""
    episode = {"episode": str(meeting.current.episode_id)} if meeting.current else {}
    st.switch_page(_CASE_PAGE, query_params={**episode, "meeting": str(meeting.id)})


def show_meeting(
    meeting: Meeting | None, case: CaseFile, day: date, person: SignedIn, mask: Mask
) -> None:
    """Draw the bar of ``meeting``, the nurse's own notes, and the data that arrived since it began.

    If ``meeting`` is None, draw only buttons for joining the running meetings, if the person's role
    takes part in meetings. ``mask`` removes the patient's names from a text while the screen is
    shared.
    """
    if meeting is None:
        if person.role in ROLES:
            others = _viewer.read(meetings.running)
            other_meetings(others, person.practitioner_id, go_on)
        return
    pace, known = _viewer.read(
        lambda connection: (
            meetings.pace_of(connection, meeting),
            meetings.known_at_start(connection, meeting.current_item_id),
        )
    )
    actions = _acts(meeting, case, day, person.role, mask)
    meeting_bar(meeting, person.practitioner_id, pace, actions, mask)
    if person.role == Role.NURSE:
        nurse_notes(_viewer.through(mask).read(own_preparation, case.episode_id))
    if known is not None and meeting.started_at is not None:
        arrivals(arrived(case, known, meeting.started_at))


def _acts(meeting: Meeting, case: CaseFile, day: date, role: str, mask: Mask) -> MeetingActions:
    """Return the functions that the bar of the meeting calls for this case."""
    write = _viewer.write

    def no_change(item_id: UUID) -> None:
        content = without_change(DraftReview())
        psychiatrist = Viewer((Role.PSYCHIATRIST,))
        psychiatrist.write_in_steps(
            holding.no_change, item_id, content, seen_in(case), day, latest_scores(case)
        )
        forget_form(case.episode_id)

    signs = role == Role.PSYCHIATRIST
    return MeetingActions(
        follow=lambda: _ask(meeting.id, mask),
        turn_to=lambda item_id: write(holding.turn_to, meeting.id, item_id),
        no_change=no_change if signs and can_leave_unchanged(owed_by(case)) else None,
        defer=lambda item_id, reason: write(holding.defer, item_id, reason),
        take_up=lambda item_id: write(holding.take_up, item_id),
        end=lambda: write(holding.end, meeting.id),
        follow_page=lambda: _follow_page(meeting.id),
    )


def watch_for_start(drawn: list[Meeting]) -> None:
    """Draw the page again when a meeting begins or ends.

    ``drawn`` are the meetings that it shows.
    """
    meeting_watch({one.id for one in drawn}, _running_now, _draw_again)


def _running_now() -> list[Meeting] | None:
    """Return the running meetings, without postponing the idle timeout."""
    viewer = viewer_for(*ROLES, automatic=True)
    return database_retry.answered(lambda: viewer.read(meetings.running), database_retry.toast)


def _draw_again() -> None:
    runs_by_itself()
    st.rerun(scope="app")


def _join(meeting: Meeting, person: SignedIn) -> None:
    """Start the presenting mode, once, when this session begins to follow the meeting.

    If the person stops presenting during the meeting, the mode is not started again.
    """
    if st.session_state.get(_JOINED) == meeting.id:
        return
    if not person.presenting:
        sessions.start_presenting()
    st.session_state[_JOINED] = meeting.id
    if not person.presenting:
        st.rerun()


def _ask(meeting_id: UUID, mask: Mask = withheld) -> Meeting | None:
    """Return the state of the meeting, without postponing the idle timeout."""
    viewer = viewer_for(*ROLES, automatic=True).through(mask)
    return database_retry.answered(
        lambda: viewer.read(holding.follow, meeting_id), database_retry.toast
    )


def _follow_page(meeting_id: UUID) -> None:
    """Show the current case of the meeting. If the meeting has ended, show its result."""
    meeting = _ask(meeting_id)
    runs_by_itself()
    if meeting is None or not meeting.is_running:
        # The result is opened only once, so that the person can go back to the case afterwards.
        st.session_state[_END_SHOWN] = meeting_id
        st.switch_page(_MEETING_PAGE, query_params={"meeting": str(meeting_id)})
    st.rerun(scope="app")
