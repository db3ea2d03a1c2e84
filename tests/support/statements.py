"""How many SQL statements something takes, whichever way they are sent."""

from collections.abc import Callable
from unittest.mock import patch

from psycopg import Cursor
from sqlalchemy import Connection


def statements(connection: Connection, ask: Callable[[Connection], object]) -> int:
    """Return the number of statements that this sends on this connection."""
    seen = []
    execute = Cursor.execute

    def counted(cursor: Cursor, *arguments: object, **options: object) -> Cursor:
        seen.append(1)
        return execute(cursor, *arguments, **options)

    with patch.object(Cursor, "execute", counted):
        ask(connection)
    return len(seen)
