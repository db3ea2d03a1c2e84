"""Functions that open database transactions.

Pages and queries use ``acting_as``. It opens a transaction and gives the database a proof of who
the practitioner is (``identity``). The row-level policies show only the rows that this practitioner
may see. The proof ends with the transaction, so it cannot leak to the next user of a pooled
connection. Without a proof, every table about patients appears empty. The server's own work uses
``serving``, with a database role that cannot read records.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from time import monotonic, perf_counter
from typing import Any

from psycopg import Error
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import InvalidatePoolError, ProgrammingError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from dashboard.database.committing import note_cancelled_waits, transaction_of
from dashboard.database.date_loaders import read_every_day
from dashboard.database.schema.roles import SERVICE_ROLE
from dashboard.database.security.identity import NotSignedIn, Proof, proof_of
from dashboard.metrics import DATABASE_WAITS, TRANSACTIONS
from dashboard.settings import settings

Transaction = Callable[[], AbstractContextManager[Connection]]
"""A function that opens a transaction for the practitioner who is signed in."""

SURELY_THERE = 0.5
"""Time after its last use during which a pooled connection is assumed to be alive, in seconds.

A connection that was unused for longer is tested before it is used.
"""

PAGES, SERVICE = "pages", "service"
"""Names of the two connection pools, as the metrics show them."""

_CONNECTIONS, _CONNECTIONS_OF_THE_SERVICE = 30, 15
"""Maximum numbers of connections of one process: for the pages, and for the service role."""

_url: str | None = None
_service_url: str | None = None
_read_url: str | None = None


@dataclass(frozen=True)
class PoolUse:
    """The number of connections of a pool that are in use, and the largest possible number."""

    in_use: int
    limit: int


class NoDatabase(Exception):
    """The error raised if no database is configured."""


def connect_to(
    database_url: str, service_url: str | None = None, read_url: str | None = None
) -> None:
    """Use the database at ``database_url`` instead of the one that the settings name.

    ``service_url`` is the address with the service role. If it is None, it is derived from
    ``database_url``. ``read_url`` is the address of a standby for counts, if there is one.
    """
    global _url, _service_url, _read_url
    _url, _service_url, _read_url = database_url, service_url, read_url


def disconnect() -> None:
    """Close the idle connections of both connection pools."""
    for url, connections in (
        (database_url(), _CONNECTIONS),
        (_service_database_url(), _CONNECTIONS_OF_THE_SERVICE),
    ):
        _engine(url, connections).dispose()


@contextmanager
def acting_as(
    practitioner_id: int | None, about: int | None = None, *, by: Proof | None = None
) -> Iterator[Connection]:
    """Open a transaction in which only the rows that the practitioner may see are visible.

    The transaction is committed at the end of the block and rolled back on an exception. If
    ``practitioner_id`` is None, every table about patients appears empty. ``by`` is a proof of
    identity to use instead of the browser's. If ``about`` is the id of an episode, the tables about
    patients show only the patient of this episode, which makes the queries faster. The table
    ``registry.episode`` still shows every episode that the practitioner may see.

    Raise ``NotSignedIn`` if the proof is invalid or belongs to another practitioner, also if it
    becomes invalid during the transaction and a statement is refused for this reason. Raise
    ``UnclearCommit`` if it is unknown whether the transaction is committed.
    """
    engine = _engine(database_url(), _CONNECTIONS)
    try:
        with _measured(PAGES, engine) as connection:
            if practitioner_id is not None:
                act(connection, practitioner_id, about, by=by)
            yield connection
    except ProgrammingError as error:
        if practitioner_id is not None and isinstance(error.orig, InsufficientPrivilege):
            # If the sign-in has ended meanwhile, this raises ``NotSignedIn``.
            with _measured(PAGES, engine) as connection:
                act(connection, practitioner_id, by=by)
        raise


def act(
    connection: Connection,
    practitioner_id: int,
    about: int | None = None,
    *,
    by: Proof | None = None,
) -> None:
    """Set the practitioner for whom the open transaction runs.

    The arguments are those of ``acting_as``. Raise ``NotSignedIn`` if the proof is invalid or
    belongs to another practitioner.
    """
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


@contextmanager
def serving(practitioner_id: int | None = None) -> Iterator[Connection]:
    """Open a transaction for the server's own work: signing in, sending letters, counting.

    Its database role cannot read patients' records. If ``practitioner_id`` is given, the access log
    records the actions under this practitioner.
    """
    engine = _engine(_service_database_url(), _CONNECTIONS_OF_THE_SERVICE)
    with _measured(SERVICE, engine) as connection:
        if practitioner_id is not None:
            # SET takes no bound parameters, so the id is converted to an integer to prevent SQL
            # injection.
            connection.exec_driver_sql(
                f"SET LOCAL case_review.practitioner = '{int(practitioner_id)}'"
            )
        yield connection


@contextmanager
def _measured(pool: str, engine: Engine) -> Iterator[Connection]:
    """Open a transaction. Measure how long it waits for a connection, and how long it lasts.

    The second time includes the first.
    """
    started = perf_counter()
    try:
        with transaction_of(engine) as connection:
            DATABASE_WAITS.labels(pool).observe(perf_counter() - started)
            yield connection
    finally:
        TRANSACTIONS.labels(pool).observe(perf_counter() - started)


def pools() -> dict[str, PoolUse]:
    """Return how many connections are in use in each connection pool of this process, by its
    name.
    """
    return {
        name: PoolUse(_pool_of(url, limit).checkedout(), limit)
        for name, url, limit in (
            (PAGES, database_url(), _CONNECTIONS),
            (SERVICE, _service_database_url(), _CONNECTIONS_OF_THE_SERVICE),
        )
    }


def _pool_of(url: str, limit: int) -> QueuePool:
    pool = _engine(url, limit).pool
    assert isinstance(pool, QueuePool)  # noqa: S101  # nosec B101 - the default of PostgreSQL
    return pool


@contextmanager
def administering(database_url: str) -> Iterator[Connection]:
    """Open a transaction as the owner of the database.

    Use this only in commands, never in a page.
    """
    engine = create_engine(_with_driver(database_url))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def database_url() -> str:
    """Return the address of the database with the role of the pages.

    Raise ``NoDatabase`` if no address is configured.
    """
    if _url is not None:
        return _url
    configured = settings().database_url
    if configured is None:
        raise NoDatabase("CASE_REVIEW_DATABASE_URL is not set")
    return configured.get_secret_value()


def read_database_url() -> str | None:
    """Return the address of the standby from which counts are read; None if there is none."""
    if _url is not None:
        return _read_url
    configured = settings().read_database_url
    return None if configured is None else configured.get_secret_value()


def _service_database_url() -> str:
    configured = settings().service_database_url
    if _url is None and configured is not None:
        return configured.get_secret_value()
    if _service_url is not None:
        return _service_url
    url = make_url(database_url()).set(username=SERVICE_ROLE)
    return url.render_as_string(hide_password=False)


@cache
def _engine(database_url: str, connections: int) -> Engine:
    engine = create_engine(
        _with_driver(database_url),
        pool_size=connections // 3,
        max_overflow=connections - connections // 3,
        pool_timeout=5,
        # The text of an error must not show bound parameters, because they may contain patient
        # data.
        hide_parameters=True,
        connect_args={
            "connect_timeout": 3,
            # Prepared statements are off, because they outlast a transaction and so do not work
            # with a transaction pooler such as PgBouncer.
            "prepare_threshold": None,
        },
    )
    event.listen(engine, "connect", read_every_day)
    event.listen(engine, "connect", note_cancelled_waits)
    event.listen(engine, "checkin", _note_its_use)
    event.listen(engine, "checkout", _replace_if_gone)
    return engine


def _note_its_use(_driver_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = monotonic()


def _replace_if_gone(driver_connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Raise ``InvalidatePoolError`` if a pooled connection was lost while it was unused.

    The pool then opens a new connection. A connection that was used in the last ``SURELY_THERE``
    seconds is not tested, because a page takes connections several times in a row.
    """
    if monotonic() - record.info.get("used_at", monotonic()) < SURELY_THERE:
        return
    try:
        # Without autocommit, the test would take three round trips to the server instead of one.
        driver_connection.set_autocommit(True)
        driver_connection.execute("SELECT 1")
        driver_connection.set_autocommit(False)
    except Error as gone:
        raise InvalidatePoolError from gone


def _with_driver(database_url: str) -> str:
    url = make_url(database_url).set(drivername="postgresql+psycopg")
    return url.render_as_string(hide_password=False)
