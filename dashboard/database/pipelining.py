"""Functions that send several queries to the server at once, in one round trip."""

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
    """Send all ``queries`` at once. Return the rows of each query as named tuples, by query name.

    A query may use only some of the ``parameters``. All queries run in the same transaction. The
    errors raised are those of ``connection.execute``.
    """
    (found,) = read_in_turn(connection, (queries,), parameters)
    return found


def read_in_turn(
    connection: Connection,
    batches: Sequence[Mapping[str, TextClause]],
    parameters: Mapping[str, Any],
) -> Generator[dict[str, list[Any]]]:
    """Yield the results of each batch of queries, one batch after the other.

    The queries of a batch are sent at once. The server works on the next batch while the caller
    uses the results of the last one. Each result has the form that ``read_together`` returns. The
    connection must not be used for anything else until the generator is exhausted or closed. A
    caller who does not exhaust the generator must close it.
    """
    driver: Any = connection.connection.driver_connection
    try:
        with driver.pipeline() as pipeline:
            asked = _ask_all(driver, batches[0], parameters)
            for following in (*batches[1:], {}):
                # sync() returns before the server has answered, so that the server works on the
                # next batch while the caller works on this one.
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
    # The cursors are closed with the connection. The binary format takes half as long to read as
    # the text format.
    cursor = driver.cursor(row_factory=namedtuple_row, binary=True)
    return cursor.execute(_in_the_drivers_words(query), parameters)


@lru_cache(maxsize=256)
def _in_the_drivers_words(query: TextClause) -> str:
    made = dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no types.
    return str(query.compile(dialect=made))


def _as_sqlalchemy_says(connection: Connection, driver: Any, error: psycopg.Error) -> Exception:
    """Return the error of psycopg as an error of SQLAlchemy, without bound parameters.

    If ``connection`` is lost, invalidate it, so that the pool does not use it again.
    """
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
