"""Counts read from a standby: which server answers, and under which rights."""

import os
import signal
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dashboard.database import acting_as, administering, connect_to, standby
from dashboard.database.operations.embedded import app_address_of
from dashboard.database.operations.schema_setup import create_reference_registry, prepare
from dashboard.database.schema import registry
from dashboard.database.standby import read_counts
from dashboard.queries.sites.counts_age import freshness
from tests.faults.postgres import postgres
from tests.support.factories import Database


@pytest.fixture(autouse=True)
def never_failed(monkeypatch):
    monkeypatch.setattr(standby, "_asked_again_at", 0.0)


@pytest.fixture
def lead(database):
    return database.practitioner("lead")


def backend(connection):
    return connection.execute(text("SELECT pg_backend_pid()")).scalar_one()


def is_read_only(connection):
    return connection.execute(text("SHOW transaction_read_only")).scalar_one() == "on"


def test_without_a_standby_counts_come_from_the_primary(database, lead):
    assert read_counts(lead, is_read_only) is False


def test_with_a_standby_they_are_read_there_and_nothing_can_be_written(database, lead):
    connect_to(database.app_url, read_url=database.app_url)
    assert read_counts(lead, is_read_only) is True


def test_a_standby_that_cannot_be_reached_is_replaced_and_left_alone(database, lead, tmp_path):
    connect_to(database.app_url, read_url=f"postgresql://case_review_app@/x?host={tmp_path}")
    assert read_counts(lead, is_read_only) is False
    assert standby._asked_again_at > time.monotonic() + standby.SECONDS_LEFT_ALONE - 5


def test_an_address_with_another_role_is_never_read(database, lead):
    connect_to(database.app_url, read_url=database.owner_url)
    assert read_counts(lead, is_read_only) is False


def test_a_frozen_standby_is_replaced_in_time(database, lead):
    connect_to(database.app_url, read_url=database.app_url)
    frozen = read_counts(lead, backend)
    assert standby._asked_again_at == 0.0, "the primary has answered"
    os.kill(frozen, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        assert read_counts(lead, is_read_only) is False
        assert time.monotonic() - begun < standby.SECONDS_TO_ANSWER + 3
    finally:
        os.kill(frozen, signal.SIGCONT)


def test_a_query_that_the_primary_refuses_too_is_an_error(database, lead):
    connect_to(database.app_url, read_url=database.app_url)
    with pytest.raises(DBAPIError):
        read_counts(lead, lambda connection: connection.execute(text("SELECT nothing")))


@pytest.mark.programs
def test_a_real_standby_narrows_the_counts_by_the_sign_in_and_says_their_age(database, lead):
    with postgres() as server:
        with administering(server.address()) as owner:
            create_reference_registry(owner)
            prepare(owner)
        there = Database(server.address(), app_address_of(server.address(), "postgres"))
        assert there.practitioner("lead") == lead
        counted_at = datetime(2026, 11, 1, tzinfo=UTC)
        _watch_and_count(there, lead, counted_at)
        connect_to(there.app_url)
        # The sign-in was replicated before.
        with acting_as(lead):
            pass
        there.close()
        server.stop()
        (server.folder / "data" / "standby.signal").touch()
        server.start()
        connect_to(database.app_url, read_url=there.app_url)
        age = read_counts(lead, freshness)
        assert (age.oldest, age.counted) == (counted_at, 1)


def _watch_and_count(database, lead, counted_at):
    """Let the lead watch one of two sites, both counted at this time."""
    mine, other = database.site("Mine"), database.site("Other")
    database.add(registry.practitioner_site, practitioner_id=lead, site_id=mine)
    with database.owner().begin() as owner:
        owner.execute(
            text(
                "INSERT INTO review.site_counted (site_id, counted_at, protected_at, as_of)"
                " SELECT unnest(CAST(:sites AS bigint[])), :at, :at, :at"
                " ON CONFLICT (site_id) DO UPDATE SET counted_at = excluded.counted_at,"
                " protected_at = excluded.protected_at, as_of = excluded.as_of"
            ),
            {"sites": [mine, other], "at": counted_at},
        )
