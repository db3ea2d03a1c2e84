"""The history of imports, in schema ``review``: numbers of rows by relation, nothing of a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import uuid4

from sqlalchemy import Connection, insert, select

from dashboard.calendar import PARIS
from dashboard.database.schema.review import registry_import
from dashboard.vocabulary import ImportOutcome


@dataclass(frozen=True)
class Arrived:
    """The result of an import for one relation, in rows."""

    relation: str
    read: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    kept: int = 0
    """Rows that were not removed, because somebody has written about their patient, or because they
    name a person who must stay known by name."""
    same: int = 0
    """Assessments left out because another source has sent the same one."""
    refused: int = 0

    def __str__(self) -> str:
        said = (
            f"{self.relation}: {self.read:,} read, {self.added:,} new, {self.changed:,} changed,"
            f" {self.removed:,} gone, {self.refused:,} refused"
        )
        if self.kept:
            said += f", {self.kept:,} kept that reviews or other rows name"
        if self.same:
            said += f", {self.same:,} the same as another"
        return said


@dataclass(frozen=True)
class PastImport:
    """An import of the history."""

    at: datetime
    as_of: date
    source: str
    outcome: ImportOutcome
    relations: tuple[Arrived, ...]

    def __str__(self) -> str:
        when = f"{self.at.astimezone(PARIS):%Y-%m-%d %H:%M}"
        said = {
            ImportOutcome.LOADED: "loaded",
            ImportOutcome.SET_ASIDE: "loaded, with rows set aside",
            ImportOutcome.STOPPED: "stopped, nothing was changed",
        }[self.outcome]
        lines = [f"{when}  {self.source}, as of {self.as_of}: {said}"]
        return "\n".join([*lines, *(f"  {one}" for one in self.relations)])


def record_import(
    connection: Connection,
    as_of: date,
    source: str,
    outcome: ImportOutcome,
    relations: Sequence[Arrived],
) -> None:
    """Add an import to the history."""
    shared = {"import_id": uuid4(), "as_of": as_of, "source": source, "outcome": outcome}
    rows = [shared | vars(one) for one in relations]
    if rows:
        connection.execute(insert(registry_import), rows)


def import_history(connection: Connection, latest: int) -> list[PastImport]:
    """Return the latest imports, newest first."""
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
        ),
    )
