"""Queries that are sent together: the same answers, the same errors, one transaction."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dashboard.database import acting_as
from dashboard.database.together import read_together
from dashboard.web.outage import is_out_of_reach
from tests.building import Database

QUERIES = {
    "me": text("SELECT review.acting_practitioner() AS me"),
    "sums": text("SELECT :one + CAST(:two AS int) AS sum, 'N05' LIKE 'N05%' AS same"),
    "none": text("SELECT 1 AS one WHERE false"),
}


def test_each_gets_its_rows_by_name_and_knows_who_acts(database):
    with acting_as(7) as connection:
        found = read_together(connection, QUERIES, {"one": 1, "two": 2})
    assert [row.me for row in found["me"]] == [7]
    assert [(row.sum, row.same) for row in found["sums"]] == [(3, True)]
    assert found["none"] == []


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
