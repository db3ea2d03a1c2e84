"""Queries that are sent together: the same answers, the same errors, one transaction."""

from contextlib import closing
from time import monotonic, sleep

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dashboard.database import acting_as
from dashboard.database.committing import is_out_of_reach
from dashboard.database.pipelining import read_in_turn, read_together
from tests.support.factories import Database

QUERIES = {
    "me": text("SELECT review.acting_practitioner() AS me"),
    "sums": text("SELECT :one + CAST(:two AS int) AS sum, 'N05' LIKE 'N05%' AS same"),
    "none": text("SELECT 1 AS one WHERE false"),
}


@pytest.fixture(autouse=True)
def _who_acts(database):
    """Add the practitioners as whom the tests act."""
    for number in (7, 8):
        database.practitioner("psychiatrist", id=number)


def test_each_gets_its_rows_by_name_and_knows_who_acts(database):
    with acting_as(7) as connection:
        found = read_together(connection, QUERIES, {"one": 1, "two": 2})
    assert [row.me for row in found["me"]] == [7]
    assert [(row.sum, row.same) for row in found["sums"]] == [(3, True)]
    assert found["none"] == []


def test_one_batch_after_the_other_in_the_order_given(database):
    batches = ({"me": QUERIES["me"]}, {"sums": QUERIES["sums"], "none": QUERIES["none"]})
    with acting_as(7) as connection:
        found = list(read_in_turn(connection, batches, {"one": 1, "two": 2}))
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    assert [list(batch) for batch in found] == [["me"], ["sums", "none"]]
    assert [row.sum for row in found[1]["sums"]] == [3]


def test_the_server_works_on_the_next_batch_while_one_is_made_use_of(database):
    asleep = {"asleep": text("SELECT pg_sleep(0.5)::text AS slept")}
    now = {"now": text("SELECT clock_timestamp() AS now")}
    with acting_as(7) as connection:
        batches = read_in_turn(connection, (now, asleep, now), {})
        next(batches)
        sleep(1)
        begun = monotonic()
        next(batches)
        waited = monotonic() - begun
        list(batches)
    assert waited < 0.3


def test_whoever_closes_it_before_the_end_leaves_the_connection_as_it_was(database):
    with acting_as(7) as connection:
        with closing(read_in_turn(connection, (QUERIES, QUERIES), {"one": 1, "two": 2})) as batches:
            next(batches)
        assert connection.execute(text("SELECT 1")).scalar_one() == 1


def test_an_error_says_nothing_of_what_was_bound_and_ends_the_transaction(database):
    broken = QUERIES | {"broken": text("SELECT 1 / CAST(:one AS int) AS one")}
    with acting_as(7) as connection, pytest.raises(DBAPIError) as told:
        read_together(connection, broken, {"one": 0, "two": "4104"})
    assert "4104" not in str(told.value)
    assert not is_out_of_reach(told.value)
    with acting_as(7) as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1


def test_a_connection_that_is_cut_counts_as_the_database_out_of_reach(database):
    with pytest.raises(DBAPIError) as told:
        _cut_and_read(database)
    assert is_out_of_reach(told.value)
    with acting_as(7) as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1


def _cut_and_read(database: Database) -> None:
    with acting_as(7) as connection:
        cut = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with database.owner().begin() as owner:
            owner.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": cut})
        read_together(connection, QUERIES, {"one": 1, "two": 2})
