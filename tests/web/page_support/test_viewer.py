"""The viewer of a page: what it answers while the screen is shared."""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.calendar import today
from dashboard.database.schema import review
from dashboard.metrics import REGISTRY
from dashboard.web.auth import sessions
from tests.support.factories import at

TODAY = today()
ENROLLED = TODAY - timedelta(weeks=10)
NAME = "Zwingelstein"

FORGETS_ABOUT_PRESENTING = """
import streamlit as st
from dashboard.calendar import today
from dashboard.queries.case.case_file import open_case
from dashboard.queries.caseload.review_list import read_list
from dashboard.queries.meeting.meetings import meetings
from dashboard.web.page_support.viewer import viewer_for

viewer = viewer_for("psychiatrist")
rows = viewer.read(lambda connection: read_list(connection, today()).rows)
for row in rows:
    case = viewer.read(open_case, row.episode_id, today())
    st.text(f"{row.identity.family_name} {case.identity.family_name}, {case.identity.birth_date}")
    st.text(case.reviews[0].summary)
for meeting in viewer.read(meetings):
    st.text(meeting.items[0].reason)
"""

OFFERS_A_FILE = """
import streamlit as st
from dashboard.web.page_support.viewer import viewer_for

st.text(viewer_for("psychiatrist").read(lambda _connection: b"the letter").decode())
"""

WRITES = """
import streamlit as st
from dashboard.web.page_support.viewer import viewer_for

st.text(viewer_for("psychiatrist").write(lambda _connection: "Zwingelstein, as typed"))
"""

COMMANDS = """
from dashboard.web.page_support.viewer import viewer_for

def saves(_connection):
    return None

def fails(_connection):
    raise ValueError

def signs(transaction):
    with transaction():
        return None

viewer = viewer_for("psychiatrist")
viewer.write(saves)
viewer.write_in_steps(signs)
viewer.write(fails)
"""


@pytest.fixture
def page(people, database, monkeypatch):
    """Run this as a page of the psychiatrist: ``page(script, presenting=True)``."""
    case = people.team.case(ENROLLED, NAME)
    database.case_review(case, at(TODAY), summary=f"Mme {NAME} répond")
    pair = {"psychiatrist_id": people.team.psychiatrist, "nurse_id": people.team.nurse}
    meeting = database.add(review.meeting, held_on=TODAY, started_at=at(TODAY), **pair)
    database.add(
        review.agenda_item,
        meeting_id=meeting,
        patient_id=case.patient,
        episode_id=case.episode,
        position=1,
        chosen_by="rule",
        outcome="deferred",
        reason=f"{NAME} absente",
        decided_at=at(TODAY),
    )

    def run(script, *, presenting):
        token = people.token("moreau")
        monkeypatch.setattr(sessions, "presented_token", lambda: token)
        if presenting:
            sessions.start_presenting()
        return AppTest.from_string(script, default_timeout=60).run()

    return run


def said(tab):
    assert not tab.exception, [one.message for one in tab.exception]
    return [text.value for text in tab.text]


def test_a_page_that_forgets_about_presenting_shows_no_name(page):
    assert said(page(FORGETS_ABOUT_PRESENTING, presenting=True)) == [
        "Z. Z., None",
        "Mme Z. répond",
        "[…]",
    ]


def test_the_same_page_shows_names_when_nobody_presents(page):
    assert said(page(FORGETS_ABOUT_PRESENTING, presenting=False)) == [
        f"{NAME} {NAME}, 1983-05-02",
        f"Mme {NAME} répond",
        f"{NAME} absente",
    ]


def test_a_file_is_read_by_nobody_who_presents(page):
    assert said(page(OFFERS_A_FILE, presenting=False)) == ["the letter"]
    assert page(OFFERS_A_FILE, presenting=True).exception


def test_what_a_command_answers_is_as_it_was_written(page):
    assert said(page(WRITES, presenting=True)) == ["Zwingelstein, as typed"]


LOSES_ITS_CONNECTION = """
import streamlit as st
from dashboard.clinical.advice.drafts import OutcomeUnknown
from dashboard.database.committing import UnclearCommit
from dashboard.web.page_support.viewer import viewer_for

def never_clear(_connection):
    raise UnclearCommit

try:
    viewer_for("psychiatrist").write(never_clear)
except OutcomeUnknown:
    st.text("unknown")
"""


def test_a_page_is_told_when_the_outcome_of_its_command_is_unknown(page):
    assert said(page(LOSES_ITS_CONNECTION, presenting=False)) == ["unknown"]


def test_commands_count_once_they_are_committed(page):
    page(COMMANDS, presenting=False)
    counted = {
        name: REGISTRY.get_sample_value("case_review_commands_total", {"command": name})
        for name in ("saves", "signs", "fails")
    }
    assert counted == {"saves": 1, "signs": 1, "fails": None}
