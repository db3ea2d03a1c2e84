"""The meeting page: the agenda before the meeting, the button that starts it, and its summary
afterwards.
"""

from contextlib import suppress
from uuid import UUID

import streamlit as st

from dashboard.calendar import now, today
from dashboard.clinical.meeting.meetings import ROLES, Meeting, NothingOnTheAgenda, Pair
from dashboard.components.elements.registry_age import registry_age
from dashboard.components.meeting.meeting_agenda import choose_pair, planned_agenda, running_meeting
from dashboard.components.meeting.meeting_summary import earlier_meetings, meeting_summary
from dashboard.locale import _
from dashboard.queries.meeting.agenda import next_agenda
from dashboard.queries.meeting.arranging import make_agenda
from dashboard.queries.meeting.holding import start
from dashboard.queries.meeting.meetings import meetings, pairs, summary
from dashboard.queries.registry_age import registry_load
from dashboard.settings import settings
from dashboard.web.page_support.viewer import PageConnection, viewer_for
from dashboard.web.shell import meeting_session

viewer = viewer_for(*ROLES)
me, day = viewer.person.practitioner_id, today()


def begin(pair: Pair) -> None:
    """Store the current agenda and start the meeting.

    The next run of the page opens the current case. If nobody is on the agenda any more, it says
    so.
    """

    def make_and_start(connection: PageConnection) -> UUID:
        made = make_agenda(connection, pair.psychiatrist.id, pair.nurse.id, today())
        start(connection, made)
        return made

    # The page that is drawn next says that nobody is on the agenda.
    with suppress(NothingOnTheAgenda):
        st.session_state["meeting_begun"] = viewer.write(make_and_start)


def choose(meeting: Meeting) -> None:
    """Show the summary of ``meeting``."""
    st.query_params["meeting"] = str(meeting.id)


known, couples = viewer.read(lambda connection: (meetings(connection), pairs(connection, day)))
registry_age(viewer.read(registry_load), now(), settings().registry_stale_hours)

running = [one for one in known if one.is_running]
begun = st.session_state.pop("meeting_begun", None)
for one in running:
    if one.id == begun:
        meeting_session.go_on(one)

ended = [one for one in known if one.ended_at is not None]
for one in running:
    running_meeting(one, me, meeting_session.go_on)

meeting_session.watch_for_start(running)

named = meeting_session.named_meeting()
shown = next((one for one in ended if one.id == named), None)
pair = None if shown else choose_pair(couples, me)
came_to = viewer.read(summary, shown.id, day) if shown else None
if pair is not None:
    agenda = viewer.read(next_agenda, pair.psychiatrist.id, pair.nurse.id, day)
    planned_agenda(agenda, pair, me, day, begin)
if came_to is not None:
    meeting_summary(came_to, me, day)
if not running and pair is None and came_to is None:
    st.info(_("No meeting: you share no open episode with anybody."), icon=":material/groups:")
earlier_meetings(ended, shown, me, choose)
