"""The decision on a case on the agenda of a running meeting is made once."""

from datetime import date
from uuid import uuid4

import pytest

from dashboard.clinical.advice.drafts import NotYours
from dashboard.clinical.meeting.meetings import AlreadyDecided, NotRunning
from dashboard.database import acting_as
from dashboard.queries.deciding import decide, lock_item, running_item
from tests.support.factories import at

DAY = date(2026, 11, 24)


@pytest.fixture
def case(database):
    return database.team().case(date(2026, 9, 1))


@pytest.fixture
def meeting(database, case):
    return database.meeting(case.team, [case], started_at=at(DAY))


@pytest.fixture
def item(database, meeting):
    with database.owner().connect() as owner:
        return owner.exec_driver_sql("SELECT id FROM review.agenda_item").scalar_one()


def end(database):
    with database.owner().begin() as owner:
        owner.exec_driver_sql("UPDATE review.meeting SET ended_at = now()")


def test_the_case_of_a_running_meeting_is_found_by_its_episode(case, meeting):
    with acting_as(case.team.psychiatrist) as connection:
        found = running_item(connection, case.episode)
    assert (found.meeting_id, found.patient_id) == (meeting, case.patient)
    assert found.item.outcome is None


def test_a_meeting_that_has_ended_is_not_running(database, case, item):
    end(database)
    with acting_as(case.team.psychiatrist) as connection:
        assert running_item(connection, case.episode) is None
        with pytest.raises(NotRunning):
            lock_item(connection, item)


def test_a_case_of_others_cannot_be_locked(database, item):
    with acting_as(database.team().psychiatrist) as connection, pytest.raises(NotYours):
        lock_item(connection, item)


def test_a_number_without_a_case_cannot_be_locked(case, meeting):
    with acting_as(case.team.psychiatrist) as connection, pytest.raises(NotYours):
        lock_item(connection, uuid4())


def test_a_case_is_decided_once(case, item):
    with acting_as(case.team.psychiatrist) as connection:
        decide(connection, lock_item(connection, item), "deferred", reason="bilan attendu")
    with acting_as(case.team.nurse) as connection:
        locked = lock_item(connection, item)
        assert (locked.item.outcome, locked.item.reason) == ("deferred", "bilan attendu")
        assert locked.item.decided_by.id == case.team.psychiatrist
        with pytest.raises(AlreadyDecided):
            decide(connection, locked, "reviewed")
