"""The statements of a migration on tables in use, and those that hold a lock for long.

Tables that the migration itself makes are not in use yet: any statement on them is quick.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, event

TABLE = r"(?:ONLY\s+)?review\.(?P<table>\w+)"

RULES = {
    "SET NOT NULL reads every row: add a CHECK … NOT VALID, validate it, then set it": (
        rf"ALTER TABLE {TABLE}\s.*\bSET NOT NULL"
    ),
    "a type changed writes every row anew": rf"ALTER TABLE {TABLE}\s.*\b(SET DATA )?TYPE\b",
    "a constraint reads every row: add it NOT VALID, and validate it in the next migration": (
        rf"ALTER TABLE {TABLE}\s+ADD CONSTRAINT\s+\S+\s+(CHECK|FOREIGN KEY)(?!.*NOT VALID)"
    ),
    "a key makes its index under the lock: make the index first, then USING INDEX": (
        rf"ALTER TABLE {TABLE}\s+ADD (CONSTRAINT\s+\S+\s+)?(UNIQUE|PRIMARY KEY)(?!.*USING INDEX)"
    ),
    "an index holds writing up: IF NOT EXISTS, and docs/keeping.md says how to make it before": (
        rf"CREATE (UNIQUE )?INDEX (?!CONCURRENTLY)(?!IF NOT EXISTS)\S+ ON {TABLE}"
    ),
    "a column that must be filled has no default": (
        rf"ALTER TABLE {TABLE}\s+ADD COLUMN(?!.*\bDEFAULT\b).*\bNOT NULL"
    ),
    "a default that differs by row writes every row anew": (
        rf"ALTER TABLE {TABLE}\s+ADD COLUMN.*\bDEFAULT\b.*(uuid|clock_timestamp|random)\("
    ),
    "the version before still reads what is dropped or renamed: in a release after": (
        rf"(ALTER|DROP) TABLE {TABLE}(\s+DROP COLUMN|\s+RENAME|\s*$)"
    ),
    "every row is written: a few thousand at a time, outside the migration": (
        rf"(UPDATE|DELETE FROM) {TABLE}"
    ),
    "a table is held until the end": rf"(LOCK TABLE|TRUNCATE|CLUSTER|VACUUM FULL)\s+{TABLE}",
    "what a DO block does nobody sees": r"^\s*DO \$",
}


def broken(statement: str, tables: set[str]) -> Iterator[str]:
    """Yield the rules that this statement breaks for the tables that existed before."""
    for why, pattern in RULES.items():
        found = re.search(pattern, statement, re.IGNORECASE | re.DOTALL)
        if found and found.groupdict().get("table", "") in {"", *tables}:
            yield why


@contextmanager
def statements(connection: Connection) -> Iterator[list[str]]:
    """Yield the statements that the block sends to the database, without Alembic's own."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_others):
        if "schema_version" not in statement and not statement.startswith("SELECT"):
            sent.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(connection, "before_cursor_execute", note)
