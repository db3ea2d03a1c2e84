"""Several queries sent at once: one way to the server and back instead of one for each.

While the answer to one is read here, the server works on the next.
"""

from collections.abc import Mapping
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
    driver: Any = connection.connection.driver_connection
    try:
        with driver.pipeline():
            asked = {name: _ask(driver, query, parameters) for name, query in queries.items()}
            return {name: cursor.fetchall() for name, cursor in asked.items()}
    except psycopg.Error as error:
        raise _as_sqlalchemy_says(connection, driver, error) from None


def _ask(driver: Any, query: TextClause, parameters: Mapping[str, Any]) -> Any:
    # A cursor closes with the transaction's connection; each holds one answer.
    cursor = driver.cursor(row_factory=namedtuple_row)
    return cursor.execute(_in_the_drivers_words(query), parameters)


@lru_cache(maxsize=256)
def _in_the_drivers_words(query: TextClause) -> str:
    return str(query.compile(dialect=dialect()))


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
