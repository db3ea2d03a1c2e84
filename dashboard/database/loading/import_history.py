"""The history of registry imports, which is stored in the schema ``review``.

It has the numbers of rows by relation, and no content of any row.
"""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from uuid import uuid4

from sqlalchemy import Connection, insert, select

from dashboard.clinical.registry_imports import Arrived, PastImport
from dashboard.database.schema.review import registry_import
from dashboard.vocabulary import ImportOutcome


def record_import(
    connection: Connection,
    as_of: date,
    source: str,
    outcome: ImportOutcome,
    relations: Sequence[Arrived],
) -> None:
    """Add an import to the history, with its numbers of rows by relation.

    An import that stopped before any file was read has none.
    """
    shared = {"import_id": uuid4(), "as_of": as_of, "source": source, "outcome": outcome}
    rows = [shared | vars(one) for one in relations or [Arrived(_NO_RELATION)]]
    connection.execute(insert(registry_import), rows)


_NO_RELATION = ""
"""The name in the only row of an import without numbers of rows."""


def import_history(connection: Connection, latest: int) -> list[PastImport]:
    """Return the most recent imports, newest first. ``latest`` is their maximum number."""
    last = (
        select(registry_import.c.import_id)
        .group_by(registry_import.c.import_id)
        .order_by(registry_import.c.at.desc())
        .group_by(registry_import.c.at)
        .limit(latest)
    )
    rows = connection.execute(
        select(registry_import)
        .where(registry_import.c.import_id.in_(last))
        .order_by(
            registry_import.c.at.desc(), registry_import.c.import_id, registry_import.c.relation
        )
    ).all()
    return [
        _past(list(of_import)) for _id, of_import in groupby(rows, key=lambda row: row.import_id)
    ]


def _past(rows: list) -> PastImport:  # type: ignore[type-arg]  # Rows of SQLAlchemy.
    first = rows[0]
    return PastImport(
        at=first.at,
        as_of=first.as_of,
        source=first.source,
        outcome=ImportOutcome(first.outcome),
        relations=tuple(
            Arrived(
                row.relation,
                row.read,
                row.added,
                row.changed,
                row.removed,
                row.kept,
                row.same,
                row.refused,
            )
            for row in rows
            if row.relation != _NO_RELATION
        ),
    )
