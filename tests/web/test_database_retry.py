"""Waiting for a database that does not answer."""

import pytest
from sqlalchemy.exc import DBAPIError

from dashboard.database import acting_as, connect_to
from dashboard.web import database_retry

NOWHERE = "postgresql://case_review_app@/nowhere?host=/nonexistent"


def test_it_waits_says_so_and_goes_on_by_itself(database, monkeypatch):
    monkeypatch.setattr(database_retry, "SECONDS_BETWEEN_ATTEMPTS", 0)
    connect_to(NOWHERE)
    said = []

    def say():
        said.append(True)
        if len(said) == 3:
            connect_to(database.app_url)

    assert database_retry.answered(lambda: error_free("SELECT 7"), say) == 7
    assert len(said) == 3


def test_another_error_is_raised_at_once(database):
    with pytest.raises(DBAPIError):
        database_retry.answered(lambda: error_free("SELECT nothing"), pytest.fail)


def error_free(statement):
    with acting_as(None) as connection:
        return connection.exec_driver_sql(statement).scalar()
