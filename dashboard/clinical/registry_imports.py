"""The results of imports of files into the registry. A result has the numbers of rows for each
relation, but no content of the rows.
"""

from dataclasses import dataclass
from datetime import date, datetime

from dashboard.vocabulary import ImportOutcome


@dataclass(frozen=True)
class Arrived:
    """The result of an import for one relation, in numbers of rows."""

    relation: str
    read: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    kept: int = 0
    """Number of rows that are missing from the file but were not removed. A review, draft or answer
    names them or their patient, or another row of the registry refers to them.
    """
    same: int = 0
    """Number of assessments that were left out because another row is the same assessment."""
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
    """One past import, as listed in the history of imports."""

    at: datetime
    as_of: date
    source: str
    outcome: ImportOutcome
    relations: tuple[Arrived, ...]
