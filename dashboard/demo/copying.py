"""Writing of rows with COPY, also into tables with row security."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, cast

import psycopg
from sqlalchemy import Connection, text

from dashboard.demo.rows import TABLES

Block = dict[type[NamedTuple], bytes]
"""Rows in the text format of COPY, by kind of row."""


def block_of(rows: Iterable[NamedTuple]) -> Block:
    """Return the rows in the text format of COPY, by kind of row.

    No value may contain a tab, a line end or a backslash, because nothing is escaped.
    """
    lines: dict[type[NamedTuple], list[str]] = defaultdict(list)
    for row in rows:
        fields = [value if type(value) is str else _field(value) for value in row]
        lines[type(row)].append("\t".join(fields))
    return {kind: ("\n".join(lines[kind]) + "\n").encode() for kind in TABLES if kind in lines}


def write(connection: Connection, block: Block) -> None:
    """Write a block of rows, with one COPY for each table."""
    cursor = cast(psycopg.Cursor, connection.connection.cursor())
    with cursor:
        for kind, content in block.items():
            columns = ", ".join(kind._fields)
            with cursor.copy(f"COPY {TABLES[kind]} ({columns}) FROM STDIN") as copy:
                copy.write(content)


@contextmanager
def writing_as_owner(connection: Connection) -> Iterator[None]:
    """Exempt the owner of the tables from row security during the block.

    PostgreSQL refuses COPY FROM if row security applies to the role, whatever the policies allow.
    The exemption is made and removed in one transaction, so no other session sees it.
    """
    bound = [name for name in TABLES.values() if _row_security_holds(connection, name)]
    for name in bound:
        connection.exec_driver_sql(f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY")
    yield
    for name in bound:
        connection.exec_driver_sql(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")


def _row_security_holds(connection: Connection, name: str) -> bool:
    return bool(
        connection.execute(text("SELECT row_security_active(:name)"), {"name": name}).scalar_one()
    )


def _field(value: object) -> str:
    if value is None:
        return r"\N"
    if type(value) is list:
        return "{" + ",".join(["NULL" if item is None else str(item) for item in value]) + "}"
    return str(value)
