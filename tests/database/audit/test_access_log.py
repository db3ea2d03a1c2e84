"""Opening a record leaves a trace, in the transaction that reads it."""

from contextlib import suppress
from datetime import date

import pytest
from sqlalchemy.exc import DBAPIError

from dashboard.database import acting_as
from dashboard.database.audit.access_log import log_access

LOGGED = "SELECT practitioner_id, action, patient_id, detail FROM review.access_log"


@pytest.fixture(autouse=True)
def _who_acts(database):
    """Add the practitioners as whom the tests act."""
    for number in (7, 8):
        database.practitioner("psychiatrist", id=number)


def test_a_row_names_who_did_what_to_whom(database):
    with acting_as(7) as connection:
        log_access(connection, "case_opened", patient_id=41, on=date(2026, 9, 1), rows=3)
    with database.owner().connect() as connection:
        assert connection.exec_driver_sql(LOGGED).all() == [
            (7, "case_opened", 41, {"on": "2026-09-01", "rows": 3})
        ]


def test_nobody_is_logged_as_nobody(database):
    with acting_as(None) as connection:
        log_access(connection, "sign_in_refused")
    with database.owner().connect() as connection:
        assert connection.exec_driver_sql(LOGGED).all() == [(None, "sign_in_refused", None, {})]


def test_a_transaction_that_fails_leaves_neither_read_nor_trace(database):
    with suppress(RuntimeError), acting_as(7) as connection:
        log_access(connection, "case_opened", patient_id=41)
        raise RuntimeError
    with database.owner().connect() as connection:
        assert connection.exec_driver_sql(LOGGED).all() == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE review.access_log SET action = 'x'",
        "DELETE FROM review.access_log",
        "TRUNCATE review.access_log",
    ],
)
def test_a_trace_is_never_changed_even_by_the_owner(database, change):
    with acting_as(7) as connection:
        log_access(connection, "case_opened", patient_id=41)
    with pytest.raises(DBAPIError, match="append-only"), database.owner().begin() as connection:
        connection.exec_driver_sql(change)
