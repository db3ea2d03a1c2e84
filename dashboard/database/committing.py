"""Transactions whose COMMIT has a known outcome.

The outcome of a COMMIT is unclear in two cases: the connection is lost before the answer arrives,
or the wait for the synchronous standby is cancelled. In the second case, PostgreSQL reports success
with a warning. The transaction is then only on the primary, and a failover would lose it.

After an unclear COMMIT, the whole work is repeated on the current primary. The work looks up its
idempotency key, and writes nothing if the key is already committed.

After a cancelled wait, a key that can be read on the primary may still be missing on the standby.
The repeated transaction therefore also writes an empty message to the write-ahead log (WAL). Its
COMMIT waits until the standby has the WAL up to this message, and so everything that the
transaction could read.
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
"""Longest time to wait after an unclear COMMIT until a primary can be reached, in seconds."""

SECONDS_BETWEEN_TRIES = 0.5

_WAIT_FOR_STANDBY = "SyncRepWaitForLSN"
"""The function of PostgreSQL's source code that warns of a cancelled wait for the standby.

The warning is recognised by this name, because PostgreSQL translates the text of the warning.
"""

_NOT_CONFIRMED = "not confirmed by the standby"

# The first characters of SQLSTATE codes: connection exception (08), operator intervention (57P),
# insufficient resources (53), lock not available (55P03). The last code means that a table was
# locked for longer than a page waits, for example by an upgrade.
_OUT_OF_REACH = ("08", "57P", "53", "55P03")
_READ_ONLY = "25006"
"""SQLSTATE code for a write on a standby, which may soon become the primary."""

_confirming: ContextVar[bool] = ContextVar("confirming", default=False)


class UnclearCommit(SQLAlchemyError):
    """The error raised if it is unknown whether a COMMIT succeeded or would survive a failover."""


@contextmanager
def transaction_of(engine: Engine) -> Iterator[Connection]:
    """Open a transaction. Commit it at the end of the block, or roll it back if the block raises.

    Raise ``UnclearCommit`` if the outcome of the COMMIT is unclear.
    """
    with engine.connect() as connection, connection.begin():
        yield connection
        if _confirming.get():
            connection.exec_driver_sql("SELECT pg_logical_emit_message(true, '', '')")
        _commit(connection)


def note_cancelled_waits(driver_connection: Any, record: Any) -> None:
    """Register a handler on a new connection that notes in ``record.info`` if a wait is cancelled.

    The wait is that of a COMMIT for the synchronous standby.
    """

    def note(notice: Diagnostic) -> None:
        if notice.source_function == _WAIT_FOR_STANDBY:
            record.info[_NOT_CONFIRMED] = True

    driver_connection.add_notice_handler(note)


def repeated_if_unclear(work: Callable[[], Answer]) -> Answer:
    """Return the result of ``work``. If the outcome of its COMMIT is unclear, call ``work`` again.

    ``work`` must be idempotent. It is called again once a primary can be reached, for at most
    ``LONGEST_WAIT`` seconds. Raise ``UnclearCommit`` if the outcome is still unclear.
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
    """Return whether ``error`` means that the primary is unreachable, or that a COMMIT is unclear.

    A database that is read-only, overloaded, or kept from answering by a locked table counts as
    unreachable. For any other error, such as that of a refused query, return False.
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
        # The primary has answered and refused the COMMIT, so nothing is committed.
        raise
    if connection.info.pop(_NOT_CONFIRMED, False):
        raise UnclearCommit
