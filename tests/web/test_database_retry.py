"""The errors that mean that the database does not answer: real errors of a real server."""

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from dashboard.database import acting_as, connect_to
from dashboard.web import database_retry

NOWHERE = "postgresql://case_review_app@/nowhere?host=/nonexistent"


def error_of(statement):
    with pytest.raises(DBAPIError) as caught, acting_as(None) as connection:
        connection.exec_driver_sql(statement)
    return caught.value


def test_a_server_that_is_not_there(database):
    connect_to(NOWHERE)
    assert database_retry.is_out_of_reach(error_of("SELECT 1"))


def test_a_server_that_stops_while_it_is_asked(database):
    assert database_retry.is_out_of_reach(error_of("SELECT pg_terminate_backend(pg_backend_pid())"))


def test_a_standby_that_answers_in_place_of_the_primary(database):
    only_reads = "SET LOCAL transaction_read_only = on; CREATE TABLE review.nothing ()"
    assert database_retry.is_out_of_reach(error_of(only_reads))


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
    assert database_retry.is_out_of_reach(caught.value)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 / 0",
        "SELECT nothing",
        "DELETE FROM registry.patient",
        "SET LOCAL statement_timeout = '10ms'; SELECT pg_sleep(1)",
        "SET LOCAL lock_timeout = '10ms'; LOCK TABLE registry.patient",
    ],
)
def test_a_server_that_refuses_does_answer(database, statement):
    with database.owner().begin() as other:
        other.exec_driver_sql("LOCK TABLE registry.patient IN ACCESS EXCLUSIVE MODE")
        assert not database_retry.is_out_of_reach(error_of(statement))


def test_any_other_error_is_not_the_databases():
    assert not database_retry.is_out_of_reach(ValueError())


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
