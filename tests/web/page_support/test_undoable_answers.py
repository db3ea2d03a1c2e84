"""Answers that can be undone: what is recorded for whom."""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.database.schema import review
from dashboard.web.auth import sessions
from tests.pages.conftest import TODAY
from tests.support.factories import at

GIVES = """
from uuid import UUID
import streamlit as st
from dashboard.web.page_support.undoable_answers import give
from dashboard.web.page_support.viewer import viewer_for

key = UUID("6c0ad1a1-1df8-4d5c-8f0b-5d9e6f3b2a10")
give(viewer_for("nurse", "gp"), st.session_state["line"], "acknowledged", None, key)
"""


@pytest.fixture
def give(people, database, monkeypatch):
    """Acknowledge the same recommendation as this person: ``give("roux")``."""
    case = people.team.case(TODAY - timedelta(weeks=10))
    line = database.recommendation(case, database.case_review(case, at(TODAY)))

    def give(username):
        token = people.token(username)
        monkeypatch.setattr(sessions, "presented_token", lambda: token)
        tab = AppTest.from_string(GIVES, default_timeout=60)
        tab.session_state["line"] = line
        assert not tab.run().exception

    return give


def answerers(database):
    with database.owner().connect() as connection:
        rows = connection.execute(review.answer.select().order_by(review.answer.c.answered_at))
        return [row.practitioner_id for row in rows]


def test_two_people_who_answer_the_same_from_the_same_state_are_both_recorded(
    give, people, database
):
    give("petit")
    give("roux")
    assert answerers(database) == [people.team.gp, people.team.nurse]


def test_an_answer_that_is_sent_twice_is_recorded_once(give, people, database):
    give("roux")
    give("roux")
    assert answerers(database) == [people.team.nurse]
