"""Connections: the data visible through one, and a pool with closed connections."""

import time
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from dashboard.database import acting_as, serving
from dashboard.database.connection import SURELY_THERE
from dashboard.database.schema import registry, review
from dashboard.database.security.identity import NotSignedIn, Proof
from dashboard.web.auth import sessions
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


@pytest.fixture
def case(database):
    return database.team().case(ENROLLED)


@pytest.fixture
def proof(case):
    """Return the proof of a sign-in of its own."""
    with serving() as connection:
        ticket = sessions.begin(connection, case.team.psychiatrist, "192.0.2.1")
        return Proof(token=sessions.redeem(connection, ticket))


def test_a_write_that_is_refused_because_the_sign_in_has_ended_says_so(database, case, proof):
    me = case.team.psychiatrist

    def write_after_the_end():
        with acting_as(me, by=proof) as connection:
            with database.owner().begin() as owner:
                owner.exec_driver_sql("UPDATE review.sign_in SET ended_at = now()")
            connection.execute(
                review.last_look.insert(),
                {
                    "practitioner_id": me,
                    "patient_id": case.patient,
                    "episode_id": case.episode,
                    "seen": {},
                },
            )

    with pytest.raises(NotSignedIn):
        write_after_the_end()


def test_a_write_that_is_refused_to_a_person_who_is_signed_in_is_an_error(case, proof):
    def change_the_log():
        with acting_as(case.team.psychiatrist, by=proof) as connection:
            connection.exec_driver_sql("DELETE FROM review.access_log")

    with pytest.raises(ProgrammingError):
        change_the_log()
