"""The one door to a connection.

Every page and every query goes through ``acting_as``. It opens a transaction and presents in it
what proves who acts (``identity``); the row-level policies look up whose that is. The proof
dies with the transaction, so it cannot leak through a pool, and without one every patient table
is empty. What the server does itself, with a role that reads no record, goes through ``serving``.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from time import monotonic
from typing import Any

from psycopg import Error
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from dashboard.database.date_loaders import read_every_day
from dashboard.database.schema.roles import SERVICE_ROLE
from dashboard.database.security.identity import NotSignedIn, Proof, proof_of
from dashboard.settings import settings

Transaction = Callable[[], AbstractContextManager[Connection]]
"""Opens a transaction of whoever acts."""

SURELY_THERE = 0.5
"""For how many seconds after its last use a connection is taken for alive."""

_CONNECTIONS, _CONNECTIONS_OF_THE_SERVICE = 30, 15
"""At most, of one process."""

_url: str | None = None
_service_url: str | None = None


class NoDatabase(Exception):
    """No database is configured."""


def connect_to(database_url: str, service_url: str | None = None) -> None:
    """Use this database from now on, in place of the one that the settings name.

    ``service_url`` is its address for ``serving``; the same with the other role by default.
    """
    global _url, _service_url
    _url, _service_url = database_url, service_url


def disconnect() -> None:
    """Close the connections that lie idle."""
    for url, connections in (
        (_database_url(), _CONNECTIONS),
        (_service_database_url(), _CONNECTIONS_OF_THE_SERVICE),
    ):
        _engine(url, connections).dispose()


@contextmanager
def acting_as(
    practitioner_id: int | None, about: int | None = None, *, by: Proof | None = None
) -> Iterator[Connection]:
    """A transaction in which the database shows what this practitioner may see.

    It commits at the end of the block and rolls back on an exception. ``None`` is nobody:
    every patient table is empty. ``by`` is what they present, where that is not what the
    browser of this run does; raises ``NotSignedIn`` where it is not good, or another's.
    ``about`` is an episode to whose patient all of it is narrowed, so that no other has to be
    looked through; somebody who may not see that patient sees nothing.
    """
    with _engine(_database_url(), _CONNECTIONS).begin() as connection:
        if practitioner_id is not None:
            proof = by or proof_of(practitioner_id) or Proof()
            found = connection.exec_driver_sql(
                "SELECT review.act(%s, %s, %s, %s)",
                (
                    proof.token,
                    None if proof.link is None else str(proof.link),
                    proof.claim,
                    None if about is None else str(int(about)),
                ),
            ).scalar()
            if found != practitioner_id:
                raise NotSignedIn
        yield connection


@contextmanager
def serving(practitioner_id: int | None = None) -> Iterator[Connection]:
    """A transaction of the server itself: signing in, sending letters, counting.

    Its role reads no patient's record. ``practitioner_id`` is whose act it is, for the log.
    """
    with _engine(_service_database_url(), _CONNECTIONS_OF_THE_SERVICE).begin() as connection:
        if practitioner_id is not None:
            # SET takes no bound parameters; an int carries no SQL.
            connection.exec_driver_sql(
                f"SET LOCAL case_review.practitioner = '{int(practitioner_id)}'"
            )
        yield connection


@contextmanager
def administering(database_url: str) -> Iterator[Connection]:
    """A transaction as the owner of the database: for the commands, never for a page."""
    engine = create_engine(_with_driver(database_url))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _database_url() -> str:
    if _url is not None:
        return _url
    configured = settings().database_url
    if configured is None:
        raise NoDatabase("CASE_REVIEW_DATABASE_URL is not set")
    return configured.get_secret_value()


def _service_database_url() -> str:
    configured = settings().service_database_url
    if _url is None and configured is not None:
        return configured.get_secret_value()
    if _service_url is not None:
        return _service_url
    url = make_url(_database_url()).set(username=SERVICE_ROLE)
    return url.render_as_string(hide_password=False)


@cache
def _engine(database_url: str, connections: int) -> Engine:
    engine = create_engine(
        _with_driver(database_url),
        pool_size=connections // 3,
        max_overflow=connections - connections // 3,
        pool_timeout=5,
        # What is bound to a statement may be about a patient: not for an error's text.
        hide_parameters=True,
        connect_args={
            "connect_timeout": 3,
            # Prepared statements outlive a transaction, which a transaction pooler forbids.
            "prepare_threshold": None,
        },
    )
    event.listen(engine, "connect", read_every_day)
    event.listen(engine, "checkin", _note_its_use)
    event.listen(engine, "checkout", _replace_if_gone)
    return engine


def _note_its_use(_driver_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = monotonic()


def _replace_if_gone(driver_connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """A connection that the server closed while it lay in the pool is not used.

    One that was in use a moment ago is not asked: a page takes several in a row.
    """
    if monotonic() - record.info.get("used_at", monotonic()) < SURELY_THERE:
        return
    try:
        driver_connection.execute("SELECT 1")
        driver_connection.rollback()
    except Error as gone:
        raise InvalidatePoolError from gone


def _with_driver(database_url: str) -> str:
    url = make_url(database_url).set(drivername="postgresql+psycopg")
    return url.render_as_string(hide_password=False)
