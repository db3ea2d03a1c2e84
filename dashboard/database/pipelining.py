"""Several queries sent at once: one way to the server and back instead of one for each."""

from collections.abc import Generator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import Connection, TextClause
from sqlalchemy.dialects.postgresql.psycopg import dialect
from sqlalchemy.exc import DBAPIError


def read_together(
    connection: Connection, queries: Mapping[str, TextClause], parameters: Mapping[str, Any]
) -> dict[str, list[Any]]:
    """The rows of every query, as named tuples, by the query's name.

    Each query takes what it needs of ``parameters``. They see the same transaction, and
    raise what ``connection.execute`` raises.
    """
    (found,) = read_in_turn(connection, (queries,), parameters)
    return found


def read_in_turn(
    connection: Connection,
    batches: Sequence[Mapping[str, TextClause]],
    parameters: Mapping[str, Any],
) -> Generator[dict[str, list[Any]]]:
    """The same for one batch of queries after the other, which are sent at once each.

    While one batch is read and made use of, the server works on the next. Until the last has
    come, or this is closed, nothing else may be asked of the connection: whoever may not read
    to the end closes it.
    """
    driver: Any = connection.connection.driver_connection
    try:
        with driver.pipeline() as pipeline:
            asked = _ask_all(driver, batches[0], parameters)
            for following in (*batches[1:], {}):
                # The answers are here then, but not read yet: the server need not wait for that.
                pipeline.sync()
                answered, asked = asked, _ask_all(driver, following, parameters)
                yield {name: cursor.fetchall() for name, cursor in answered.items()}
    except psycopg.Error as error:
        raise _as_sqlalchemy_says(connection, driver, error) from None


def _ask_all(
    driver: Any, queries: Mapping[str, TextClause], parameters: Mapping[str, Any]
) -> dict[str, Any]:
    return {name: _ask(driver, query, parameters) for name, query in queries.items()}


def _ask(driver: Any, query: TextClause, parameters: Mapping[str, Any]) -> Any:
    # A cursor closes with the transaction's connection; each holds one answer. In binary, for
    # that is read in half of the time.
    cursor = driver.cursor(row_factory=namedtuple_row, binary=True)
    return cursor.execute(_in_the_drivers_words(query), parameters)


@lru_cache(maxsize=256)
def _in_the_drivers_words(query: TextClause) -> str:
    made = dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no types.
    return str(query.compile(dialect=made))


def _as_sqlalchemy_says(connection: Connection, driver: Any, error: psycopg.Error) -> Exception:
    """The error without what was bound; a connection that is gone is not used again."""
    if driver.closed or driver.broken:
        connection.invalidate(error)
    return DBAPIError.instance(
        None,
        None,
        error,
        psycopg.Error,
        connection_invalidated=connection.invalidated,
        hide_parameters=True,
        dialect=connection.dialect,
    )
