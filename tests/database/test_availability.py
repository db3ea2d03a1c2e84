"""The check of the database for load balancers: its reasons, and its limits in time."""

import os
import signal
import socket
import time
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from dashboard.database import administering, connect_to
from dashboard.database.availability import SECONDS, Check, Unfit, fits
from dashboard.database.operations.embedded import app_address_of
from dashboard.database.operations.schema_setup import create_reference_registry, prepare
from dashboard.database.schema.migration_config import MIGRATIONS
from tests.faults.postgres import postgres

REVISIONS = sorted(path.stem for path in (MIGRATIONS / "versions").glob("0*.py"))
NEWEST = REVISIONS[-1].split("_")[0]
EARLIER = REVISIONS[-2].split("_")[0]


@pytest.fixture
def check():
    check = Check()
    yield check
    check.close()


@contextmanager
def frozen(pid):
    """Stop this process of PostgreSQL in the block: it keeps its connection, and is silent."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def backend(check):
    return check._kept[1].info.backend_pid


@pytest.mark.parametrize(
    ("version", "fitting"),
    [(NEWEST, True), (EARLIER, False), ("0001", False), ("9999", True), (None, False)],
)
def test_an_earlier_schema_does_not_fit_and_one_of_a_later_program_does(version, fitting):
    assert fits(version) is fitting


def test_a_migrated_database_is_fit(database, check):
    assert check.unfit() is None


def test_a_database_before_its_migrations_is_unfit(database, run_as_owner, check):
    run_as_owner("UPDATE review.schema_version SET version_num = :earlier", earlier=EARLIER)
    assert check.unfit() is Unfit.SCHEMA
    run_as_owner("UPDATE review.schema_version SET version_num = :newest", newest=NEWEST)
    assert check.unfit() is None


def test_a_database_without_the_schema_is_unfit(server, check):
    connect_to(server)
    assert check.unfit() is Unfit.SCHEMA


@pytest.mark.programs
def test_a_database_that_cannot_be_reached_is_unfit(tmp_path, check):
    connect_to(f"postgresql://case_review_app@/none?host={tmp_path}")
    assert check.unfit() is Unfit.DATABASE


@pytest.mark.programs
def test_an_address_that_accepts_and_never_answers_is_unfit_in_time(check):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        connect_to(f"postgresql://case_review_app@127.0.0.1:{silent.getsockname()[1]}/none")
        begun = time.monotonic()
        assert check.unfit() is Unfit.DATABASE
        assert time.monotonic() - begun < SECONDS + 2


def test_a_frozen_database_is_unfit_in_time_and_fit_again_later(database):
    check = Check(seconds=0.2)
    assert check.unfit() is None
    with frozen(backend(check)):
        begun = time.monotonic()
        assert check.unfit() is Unfit.DATABASE
        assert time.monotonic() - begun < SECONDS
    assert check.unfit() is None
    check.close()


def test_a_connection_that_died_between_two_checks_is_replaced_at_once(
    database, run_as_owner, check
):
    assert check.unfit() is None
    run_as_owner("SELECT pg_terminate_backend(:pid)", pid=backend(check))
    assert check.unfit() is None


@pytest.mark.programs
def test_a_standby_is_unfit(check):
    with postgres() as server:
        with administering(server.address()) as owner:
            create_reference_registry(owner)
            prepare(owner)
        connect_to(app_address_of(server.address(), "postgres"))
        assert check.unfit() is None
        server.stop()
        (server.folder / "data" / "standby.signal").touch()
        server.start()
        assert check.unfit() is Unfit.STANDBY


@pytest.fixture
def run_as_owner(database):
    def run(statement, **values):
        with database.owner().begin() as connection:
            connection.execute(text(statement), values)

    return run
