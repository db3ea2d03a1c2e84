"""Commits whose outcome is unclear, and errors of an unreachable primary: a real server's."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextvars import copy_context
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from dashboard.clinical.advice.drafts import Seen
from dashboard.clinical.advice.lines import DraftLine, DraftReview
from dashboard.database import acting_as, administering, committing, connect_to
from dashboard.database.committing import UnclearCommit, is_out_of_reach, repeated_if_unclear
from dashboard.database.connection import disconnect
from dashboard.database.operations.embedded import app_address_of
from dashboard.database.operations.schema_setup import create_reference_registry, prepare
from dashboard.queries.advice.drafting import save_draft
from dashboard.queries.advice.drafts import open_draft
from dashboard.queries.advice.signing import sign
from tests.faults.postgres import postgres
from tests.support.commit_cable import cut_at_commit
from tests.support.factories import Database, completed_draft

NOWHERE = "postgresql://case_review_app@/nowhere?host=/nonexistent"


def error_free(statement):
    with acting_as(None) as connection:
        return connection.exec_driver_sql(statement).scalar()


def error_of(statement):
    with pytest.raises(DBAPIError) as caught, acting_as(None) as connection:
        connection.exec_driver_sql(statement)
    return caught.value


def test_a_server_that_is_not_there(database):
    connect_to(NOWHERE)
    assert is_out_of_reach(error_of("SELECT 1"))


def test_a_server_that_stops_while_it_is_asked(database):
    assert is_out_of_reach(error_of("SELECT pg_terminate_backend(pg_backend_pid())"))


def test_no_connection_left(database):
    engine = create_engine(
        database.app_url.replace("postgresql://", "postgresql+psycopg://"),
        pool_size=1,
        max_overflow=0,
        pool_timeout=0.1,
    )
    with engine.connect(), pytest.raises(NoFreeConnection) as caught:
        engine.connect()
    engine.dispose()
    assert is_out_of_reach(caught.value)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 / 0",
        "SELECT nothing",
        "DELETE FROM registry.patient",
        "SET LOCAL statement_timeout = '10ms'; SELECT pg_sleep(1)",
    ],
)
def test_a_server_that_refuses_does_answer(database, statement):
    assert not is_out_of_reach(error_of(statement))


def test_a_table_that_an_upgrade_holds_is_out_of_reach(database):
    with database.owner().begin() as upgrade:
        upgrade.exec_driver_sql("LOCK TABLE registry.patient IN ACCESS EXCLUSIVE MODE")
        waits = "SET LOCAL lock_timeout = '10ms'; SELECT FROM registry.patient"
        assert is_out_of_reach(error_of(waits))


def test_any_other_error_is_not_the_databases():
    assert not is_out_of_reach(ValueError())


def test_a_write_on_a_standby_is_out_of_reach(database):
    read_only = "SET TRANSACTION READ ONLY; CREATE TABLE nothing ()"
    assert is_out_of_reach(error_of(read_only))


# A review signed while its COMMIT is disturbed


TODAY = date(2026, 11, 24)


@dataclass
class Signing:
    """A psychiatrist who signs one draft by the code of the page, and what is stored then."""

    database: Database
    psychiatrist: int
    episode: int

    def __post_init__(self):
        content = DraftReview(
            "Réponse partielle",
            (DraftLine("1", kind="other", detail="Revoir le sommeil", owner_role="nurse"),),
            next_review_on=TODAY + timedelta(days=28),
        )
        with acting_as(self.psychiatrist) as connection:
            self.draft = save_draft(connection, open_draft(connection, self.episode), content).draft

    def sign(self):
        """Return the signed review, as the page gets it."""
        with acting_as(self.psychiatrist) as connection:
            draft = completed_draft(connection, self.draft, TODAY)
        transaction = partial(acting_as, self.psychiatrist)
        return repeated_if_unclear(lambda: sign(transaction, draft, Seen(), TODAY))

    def count(self, table):
        with self.database.owner().begin() as connection:
            return connection.execute(text(f"SELECT count(*) FROM review.{table}")).scalar_one()


@pytest.fixture
def signing(database):
    team = database.team()
    return Signing(database, team.psychiatrist, team.case(date(2026, 8, 24)).episode)


@pytest.mark.parametrize("moment", ["before", "during", "after"])
def test_a_connection_lost_at_the_commit_signs_once_and_says_so(database, signing, moment):
    cable = cut_at_commit(database, "INSERT INTO review.case_review", moment)
    signed = signing.sign()
    cable.close()
    assert cable.struck.is_set()
    assert signed.content.summary == "Réponse partielle"
    assert (signing.count("case_review"), signing.count("draft")) == (1, 0)


def test_a_database_that_stays_away_leaves_the_outcome_unknown(database, signing, monkeypatch):
    monkeypatch.setattr(committing, "LONGEST_WAIT", 0.5)
    cable = cut_at_commit(database, "INSERT INTO review.case_review", "after")
    threading.Thread(target=lambda: cable.struck.wait(30) and cable.close()).start()
    with pytest.raises(UnclearCommit):
        signing.sign()
    assert signing.count("case_review") == 1


def test_an_error_of_the_work_is_raised_and_nothing_is_repeated(database):
    done = []

    def work():
        done.append(True)
        error_free("SELECT nothing")

    with pytest.raises(DBAPIError):
        repeated_if_unclear(work)
    assert len(done) == 1


def test_a_commit_that_postgresql_refuses_is_not_unclear(database):
    """Constraints that are checked at the COMMIT refuse it: nothing is committed."""
    with database.owner().begin() as owner:
        owner.exec_driver_sql(
            "CREATE TABLE review.once (n int UNIQUE DEFERRABLE INITIALLY DEFERRED);"
            "GRANT INSERT ON review.once TO case_review_app"
        )
    with pytest.raises(IntegrityError), acting_as(None) as connection:
        connection.exec_driver_sql("INSERT INTO review.once VALUES (1), (1)")


# The wait for a synchronous standby, on a server of its own


@pytest.fixture(scope="module")
def own_server():
    """Return a server whose synchronous standby may be named without harm to other tests."""
    with postgres() as server:
        with administering(server.address()) as owner:
            create_reference_registry(owner)
            prepare(owner)
            # Changes that the tests make as the owner do not wait for a standby.
            owner.exec_driver_sql("ALTER ROLE postgres SET synchronous_commit = local")
        yield server


@pytest.fixture(scope="module")
def own_database(own_server):
    address = own_server.address()
    database = Database(address, app_address_of(address, "postgres"))
    yield database
    database.close()


@pytest.fixture
def alone(own_server, own_database):
    """Return a signing on this server; afterwards no COMMIT waits for a standby."""
    connect_to(own_database.app_url)
    team = own_database.team()
    yield Signing(own_database, team.psychiatrist, team.case(date(2026, 8, 24)).episode)
    wait_for_standby(own_server, "")
    disconnect()


def wait_for_standby(server, name):
    """Let each COMMIT wait for the standby of this name; for none if it is empty."""
    with psycopg.connect(server.address(), autocommit=True) as owner:
        owner.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
        owner.execute("SELECT pg_reload_conf()")
        deadline = time.monotonic() + 10
        while owner.execute("SHOW synchronous_standby_names").fetchone() != (name,):
            assert time.monotonic() < deadline
            time.sleep(0.02)


def cancel_the_wait(server):
    """Cancel the next COMMIT that waits for the standby, as a timeout or an operator does."""
    with psycopg.connect(server.address(), autocommit=True) as owner:
        deadline = time.monotonic() + 20
        while not owner.execute(_CANCEL).fetchall():
            assert time.monotonic() < deadline
            time.sleep(0.02)


_CANCEL = """
SELECT pg_cancel_backend(pid) FROM pg_stat_activity
WHERE wait_event = 'SyncRep' AND usename = 'case_review_app'
"""


def reviews_of(alone):
    with alone.database.owner().begin() as connection:
        asked = {"episode": alone.episode}
        found = connection.execute(
            text("SELECT count(*) FROM review.case_review WHERE episode_id = :episode"), asked
        )
        return found.scalar_one()


@pytest.mark.programs
def test_a_cancelled_wait_is_repeated_until_the_standby_has_it(own_server, alone):
    with ThreadPoolExecutor() as pool:
        # The transaction of the snapshot writes nothing and does not wait.
        wait_for_standby(own_server, "nobody")
        signing = pool.submit(copy_context().run, alone.sign)
        cancel_the_wait(own_server)
        # Committed on the primary alone: nobody is told that it is signed.
        with pytest.raises(FutureTimeout):
            signing.result(1)
        wait_for_standby(own_server, "")
        assert signing.result(20).content.summary == "Réponse partielle"
    assert reviews_of(alone) == 1


@pytest.mark.programs
def test_a_wait_that_is_cancelled_again_leaves_the_outcome_unknown(own_server, alone):
    with ThreadPoolExecutor() as pool:
        wait_for_standby(own_server, "nobody")
        signing = pool.submit(copy_context().run, alone.sign)
        cancel_the_wait(own_server)
        cancel_the_wait(own_server)
        with pytest.raises(UnclearCommit):
            signing.result(20)
    assert reviews_of(alone) == 1
