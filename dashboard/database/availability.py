"""The check of whether the database can serve pages, for load balancers.

The check has a connection of its own, so it works even if the pages use all of theirs. It has a
time limit, so that a database that does not answer is reported.
"""

import select
from enum import StrEnum
from functools import cache
from threading import Lock
from time import monotonic

import psycopg
from alembic.script import ScriptDirectory
from sqlalchemy import make_url

from dashboard.database.connection import database_url
from dashboard.database.schema.migration_config import MIGRATIONS

SECONDS = 1.5
"""Longest time that a connected database may take to answer the check, in seconds."""

_SECONDS_TO_CONNECT = 2
"""Time limit for opening a connection, in seconds. libpq accepts no shorter limit."""

_QUESTION = b"""
SELECT pg_is_in_recovery(), (SELECT version_num FROM review.schema_version)
"""


class Unfit(StrEnum):
    """The reasons why a database cannot serve pages, as ``/readyz`` returns them."""

    DATABASE = "database"
    """The database does not answer, or refuses the connection."""
    STANDBY = "standby"
    """The database is a standby, so pages cannot write the access log in it."""
    SCHEMA = "schema"
    """The schema lacks migrations that this program needs."""


class Check:
    """The check of the database. It keeps its connection open from one call to the next."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._kept: tuple[str, psycopg.Connection] | None = None
        self._one_at_a_time = Lock()

    def unfit(self) -> Unfit | None:
        """Return why the database cannot serve pages now; None if it can.

        The call takes at most the time limit of the check, and the time to connect if no connection
        is open. If the open connection was lost, the call takes the limit twice and the time to
        connect. If the database has several addresses, each of them can take the time to connect.
        Concurrent calls wait for each other.
        """
        with self._one_at_a_time:
            was_connected = self._kept is not None
            try:
                return self._asked()
            except psycopg.Error:
                # The connection may have been lost since the last check, so the query is repeated
                # on a new one.
                if not was_connected:
                    return Unfit.DATABASE
                return self._asked_anew()
            except TimeoutError:
                return Unfit.DATABASE

    def close(self) -> None:
        """Close the connection that was kept."""
        kept, self._kept = self._kept, None
        if kept is not None:
            kept[1].close()

    def _asked_anew(self) -> Unfit | None:
        try:
            return self._asked()
        except (psycopg.Error, TimeoutError):
            return Unfit.DATABASE

    def _asked(self) -> Unfit | None:
        """Run the query of the check once.

        Return why the database cannot serve pages; None if it can. If the database does not answer
        or refuses the query, close the connection and raise the error.
        """
        try:
            in_recovery, version = answer_of(self._connected(), _QUESTION, self._seconds)
        except psycopg.errors.UndefinedTable:
            return Unfit.SCHEMA
        except (psycopg.Error, TimeoutError):
            self.close()
            raise
        if in_recovery == b"t":
            return Unfit.STANDBY
        return None if fits(version.decode() if version else None) else Unfit.SCHEMA

    def _connected(self) -> psycopg.Connection:
        url = make_url(database_url()).set(drivername="postgresql").render_as_string(False)
        if self._kept is not None and self._kept[0] == url:
            return self._kept[1]
        self.close()
        connection = psycopg.connect(url, autocommit=True, connect_timeout=_SECONDS_TO_CONNECT)
        self._kept = url, connection
        return connection


def fits(version: str | None) -> bool:
    """Return whether this program can serve pages from a schema of this ``version``.

    A version that this program does not know is the version of a later program. The schema then
    fits too, because migrations only add to it. Servers therefore stay ready while a later program
    migrates the schema.
    """
    newest, earlier = _known_versions()
    return version == newest or (version is not None and version not in earlier)


@cache
def _known_versions() -> tuple[str, frozenset[str]]:
    """Return the newest version of the schema that this program knows, and the set of earlier
    ones.
    """
    newest, *earlier = [one.revision for one in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
    return newest, frozenset(earlier)


def answer_of(
    connection: psycopg.Connection, question: bytes, seconds: float
) -> tuple[bytes | None, ...]:
    """Return the values of the first row of the result of the query ``question``, as bytes.

    A null value is None. Raise ``TimeoutError`` after ``seconds``. psycopg has no such limit for a
    connected server that does not answer.
    """
    deadline = monotonic() + seconds
    server = connection.pgconn
    server.send_query(question)
    server.flush()
    readable = select.poll()
    readable.register(server.socket, select.POLLIN)
    results = []
    while True:
        while server.is_busy():
            if not readable.poll(max(0.0, deadline - monotonic()) * 1000):
                raise TimeoutError
            server.consume_input()
        result = server.get_result()
        if result is None:
            break
        results.append(result)
    if results[0].status != psycopg.pq.ExecStatus.TUPLES_OK:
        raise psycopg.errors.error_from_result(results[0])
    return tuple(results[0].get_value(0, column) for column in range(results[0].nfields))
