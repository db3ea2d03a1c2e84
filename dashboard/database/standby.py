"""The reading of counts from a standby, if the settings name one.

Only counts are read from the standby. Reading a patient's record also writes the access log, which
a standby cannot do. If the standby does not answer in time, refuses, or does not know the sign-in
yet, the counts are read from the primary. The standby is then not used for ``SECONDS_LEFT_ALONE``.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from time import monotonic
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import SQLAlchemyError

from dashboard.database.availability import answer_of
from dashboard.database.connection import act, acting_as, read_database_url
from dashboard.database.date_loaders import read_every_day
from dashboard.database.schema.roles import APP_ROLE
from dashboard.database.security.identity import NotSignedIn

Answer = TypeVar("Answer")

SECONDS_TO_ANSWER = 1.0
"""Longest time that the standby may take to answer a test query on an open connection, in
seconds.
"""

SECONDS_LEFT_ALONE = 60.0
"""Time after a failure during which the standby is not used, in seconds."""

_CONNECTIONS = 4
_log = logging.getLogger(__name__)
_asked_again_at = 0.0


class WrongRole(Exception):
    """The error raised if a connection to the standby does not have the database role of the
    pages.
    """


def read_counts(practitioner_id: int, query: Callable[[Connection], Answer]) -> Answer:
    """Return the result of ``query``, which must read only counts.

    ``query`` is called with a transaction of the practitioner. It may be called twice: first on the
    standby and, if that fails, on the primary.
    """
    global _asked_again_at
    url = read_database_url()
    if url is not None and monotonic() >= _asked_again_at:
        try:
            with _acting_on(url, practitioner_id) as connection:
                return query(connection)
        except (SQLAlchemyError, psycopg.Error, NotSignedIn, WrongRole, TimeoutError) as error:
            _asked_again_at = monotonic() + SECONDS_LEFT_ALONE
            _log.warning("Counts are read from the primary: %s", type(error).__name__)
    with acting_as(practitioner_id) as connection:
        return query(connection)


@contextmanager
def _acting_on(url: str, practitioner_id: int) -> Iterator[Connection]:
    with _engine(url).connect() as connection:
        driver: Any = connection.connection.driver_connection
        try:
            answer_of(driver, b"SELECT 1", SECONDS_TO_ANSWER)
        except psycopg.Error:
            # The pooled connection was lost while it was unused. The next statement opens a new
            # connection.
            connection.invalidate()
        except TimeoutError:
            # The connection is not used again, because the late answer to this query would be taken
            # for the answer to the next one.
            connection.invalidate()
            raise
        with connection.begin():
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            act(connection, practitioner_id)
            yield connection


@cache
def _engine(url: str) -> Engine:
    driver = make_url(url).set(drivername="postgresql+psycopg")
    engine = create_engine(
        driver,
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_timeout=1,
        hide_parameters=True,
        connect_args={"connect_timeout": 2, "prepare_threshold": None},
    )
    event.listen(engine, "connect", read_every_day)
    event.listen(engine, "connect", _refuse_another_role)
    return engine


def _refuse_another_role(driver_connection: Any, _record: object) -> None:
    """Raise ``WrongRole`` if a new connection does not have the database role of the pages.

    Row security is designed for this role, and might not apply to another one.
    """
    with driver_connection.cursor() as cursor:
        cursor.execute("SELECT session_user")
        (role,) = cursor.fetchone()
    driver_connection.rollback()
    if role != APP_ROLE:
        raise WrongRole
