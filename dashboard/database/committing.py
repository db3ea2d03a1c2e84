"""Commits with a known outcome, and the repetition of work whose commit is unclear.

The outcome of a COMMIT is unclear in two cases. The connection may be lost before the answer comes.
Or the wait for the synchronous standby may be cancelled. PostgreSQL then reports success with a
warning. But the transaction is on the primary only, and a failover would lose it.

After an unclear COMMIT the work is done once more, on the present primary. The work looks up its
idempotency key. If the key was committed, nothing is written again. After a cancelled wait, reading
on the same primary would prove nothing. So each transaction of the repetition also writes an empty
message to the WAL. Its COMMIT waits until the standby has all WAL up to there, which includes
everything that the transaction could read.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from psycopg.errors import Diagnostic
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

Answer = TypeVar("Answer")

LONGEST_WAIT = 45.0
"""Seconds to wait for a new primary after an unclear COMMIT."""

SECONDS_BETWEEN_TRIES = 0.5

_WAIT_FOR_STANDBY = "SyncRepWaitForLSN"
"""PostgreSQL's function that warns of a cancelled wait. Its name identifies the warning, because
the text is translated.
"""

_NOT_CONFIRMED = "not confirmed by the standby"

# SQLSTATE classes: connection exception, operator intervention, insufficient resources. The last
# one means that a table was locked for longer than a page waits, for example by an upgrade.
_OUT_OF_REACH = ("08", "57P", "53", "55P03")
_READ_ONLY = "25006"
"""SQLSTATE of a write on a standby, which may be about to become the primary."""

_confirming: ContextVar[bool] = ContextVar("confirming", default=False)


class UnclearCommit(SQLAlchemyError):
    """Error: nobody can tell whether the transaction is committed and would survive a failover."""


@contextmanager
def transaction_of(engine: Engine) -> Iterator[Connection]:
    """Open a transaction, which is committed at the end of the block or rolled back on an error.

    Raises ``UnclearCommit`` if the outcome of the COMMIT is unclear.
    """
    with engine.connect() as connection, connection.begin():
        yield connection
        if _confirming.get():
            connection.exec_driver_sql("SELECT pg_logical_emit_message(true, '', '')")
        _commit(connection)


def note_cancelled_waits(driver_connection: Any, record: Any) -> None:
    """Record the cancelled waits for a standby in the ``info`` of a new connection."""

    def note(notice: Diagnostic) -> None:
        if notice.source_function == _WAIT_FOR_STANDBY:
            record.info[_NOT_CONFIRMED] = True

    driver_connection.add_notice_handler(note)


def repeated_if_unclear(work: Callable[[], Answer]) -> Answer:
    """Return the result of ``work``; do it once more if its commit is unclear.

    ``work`` must be idempotent. If the database cannot be reached, wait for it for a while. Raises
    ``UnclearCommit`` if the outcome cannot be known.
    """
    try:
        return work()
    except UnclearCommit as first:
        unclear = first
    confirming = _confirming.set(True)
    try:
        return _once_reachable(work, unclear)
    finally:
        _confirming.reset(confirming)


def is_out_of_reach(error: Exception) -> bool:
    """Return whether the error means that the primary is unreachable, or a commit is unclear.

    False if it refused a query.
    """
    if isinstance(error, NoFreeConnection | UnclearCommit):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if error.connection_invalidated or state == _READ_ONLY:
        return True
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    return state is None or state.startswith(_OUT_OF_REACH)


def _once_reachable(work: Callable[[], Answer], unclear: UnclearCommit) -> Answer:
    deadline = time.monotonic() + LONGEST_WAIT
    while True:
        try:
            return work()
        except UnclearCommit:
            raise
        except SQLAlchemyError as error:
            if not is_out_of_reach(error):
                raise
            if time.monotonic() >= deadline:
                raise unclear from error
        time.sleep(SECONDS_BETWEEN_TRIES)


def _commit(connection: Connection) -> None:
    connection.info.pop(_NOT_CONFIRMED, None)
    try:
        connection.commit()
    except DBAPIError as error:
        if is_out_of_reach(error):
            raise UnclearCommit from error
        # PostgreSQL has refused the COMMIT: nothing is committed.
        raise
    if connection.info.pop(_NOT_CONFIRMED, False):
        raise UnclearCommit
