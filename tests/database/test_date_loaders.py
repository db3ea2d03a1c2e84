"""Every day that PostgreSQL can hold can be read, and reckoned with."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from dashboard.database import acting_as
from dashboard.database.date_loaders import EARLIEST, LATEST
from dashboard.database.pipelining import read_together

DAYS = [
    # as PostgreSQL holds it, as it is read
    ("2026-11-24", date(2026, 11, 24)),
    ("2024-02-29", date(2024, 2, 29)),
    ("1899-12-31", date(1899, 12, 31)),
    ("1000-01-01", EARLIEST),
    ("0999-12-31", EARLIEST),
    ("0001-01-01", EARLIEST),
    ("0044-03-15 BC", EARLIEST),
    ("-infinity", EARLIEST),
    ("8999-12-31", LATEST),
    ("9000-01-01", LATEST),
    ("9999-12-31", LATEST),
    ("12000-01-01", LATEST),
    ("infinity", LATEST),
]


def alone(connection, query):
    return connection.execute(query).one()


def together(connection, query):
    return read_together(connection, {"it": query}, {})["it"][0]


WAYS = (alone, together)
"""As text, and in binary."""


def read(expression: str, way=alone):
    with acting_as(None) as connection:
        return way(connection, text(f"SELECT {expression} AS it")).it


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("written", "expected"), DAYS)
def test_a_day_is_read_alone_and_in_an_array(database, written, expected, way):
    assert read(f"date '{written}'", way) == expected
    assert read(f"ARRAY[date '{written}', NULL]", way) == [expected, None]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("written", "expected"), DAYS)
def test_an_instant_of_that_day_is_read(database, written, expected, way):
    instant = read(f"(date '{written}')::timestamp AT TIME ZONE 'UTC'", way)
    assert instant.tzinfo is not None
    assert instant.date() in (expected, expected + timedelta(days=1))


@pytest.mark.parametrize("style", ["ISO, MDY", "SQL, DMY", "German", "Postgres, MDY"])
def test_in_whatever_style_the_server_writes(database, style):
    with acting_as(None) as connection:
        connection.exec_driver_sql(f"SET LOCAL datestyle = '{style}'")
        day = connection.execute(text("SELECT date '2026-11-24'")).scalar_one()
    assert day == date(2026, 11, 24)


def test_whatever_was_read_can_be_reckoned_with():
    """Check it because the space of a chart beside its facts is a part of the time shown."""
    century = timedelta(days=36525)
    assert EARLIEST - 5 * century < EARLIEST < LATEST < LATEST + 5 * century
