"""Connections: the data visible through one, and a pool with closed connections."""

import time
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from dashboard.database import acting_as
from dashboard.database.connection import SURELY_THERE
from dashboard.database.schema import registry
from tests.support.factories import at

ENROLLED = date(2026, 8, 24)
UNKNOWN = 4104

PATIENTS_IN = (
    "SELECT id FROM registry.patient",
    "SELECT patient_id FROM registry.assessment",
    "SELECT patient_id FROM review.case_review",
    "SELECT e.patient_id FROM registry.care_sequence s"
    " JOIN registry.episode e ON e.id = s.episode_id",
)


def seen(practitioner, read, about=None):
    with acting_as(practitioner, about) as connection:
        return set(connection.execute(text(read)).scalars())


def with_everything(database, case):
    database.assessment(case.patient, "phq9", ENROLLED, 17)
    database.case_review(case, at(ENROLLED))
    database.add(
        registry.care_sequence,
        episode_id=case.episode,
        kind="leger",
        number=1,
        starts_on=ENROLLED,
        ends_on=ENROLLED + timedelta(days=90),
    )
    return case


def test_a_connection_that_the_server_closed_in_the_pool_is_replaced(database):
    me = database.practitioner("nurse")
    with acting_as(me) as connection:
        closed = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with database.owner().begin() as owner:
        owner.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": closed})
    time.sleep(SURELY_THERE + 0.1)
    with acting_as(me) as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() != closed


@pytest.mark.parametrize("read", PATIENTS_IN)
def test_a_transaction_about_an_episode_is_shown_its_patient_and_no_other(database, read):
    team = database.team()
    one, other = (with_everything(database, team.case(ENROLLED)) for _ in range(2))
    assert seen(team.psychiatrist, read) == {one.patient, other.patient}
    assert seen(team.psychiatrist, read, about=one.episode) == {one.patient}


@pytest.mark.parametrize("read", PATIENTS_IN)
def test_a_transaction_about_what_is_not_ones_own_is_shown_nothing(database, read):
    mine, theirs = database.team(), database.team()
    own, foreign = (with_everything(database, team.case(ENROLLED)) for team in (mine, theirs))
    assert seen(mine.psychiatrist, read, about=own.episode) == {own.patient}
    assert seen(mine.psychiatrist, read, about=foreign.episode) == set()
    assert seen(mine.psychiatrist, read, about=UNKNOWN) == set()
