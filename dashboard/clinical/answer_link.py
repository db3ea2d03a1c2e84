"""What a GP without an account is shown behind a link, and why a link shows nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from dashboard.clinical.advice import ANSWERS, ANSWERS_WITH_REASON
from dashboard.clinical.case_file import Person, Recommendation


class LinkClosed(Exception):
    """The link shows nothing: ``used``, ``expired``, ``superseded`` or ``unknown``."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class AskedByLink:
    """The recommendations of one review, with nothing of the patient but initials and age."""

    language: str
    patient: str
    age: int
    psychiatrist: Person | None
    signed_on: date
    lines: tuple[Recommendation, ...]

    @property
    def awaited(self) -> tuple[Recommendation, ...]:
        """The lines that the GP answers: the others are for somebody else."""
        return tuple(line for line in self.lines if line.owner_role == "gp")


Given = Mapping[UUID, tuple[str, str]]
"""By recommendation: the outcome, empty if none was chosen, and the reason."""


def lacking(asked: AskedByLink, given: Given) -> dict[UUID, str]:
    """What each line still lacks before the answers can be sent: ``outcome`` or ``reason``."""
    found = {}
    for line in asked.awaited:
        outcome, reason = given.get(line.id, ("", ""))
        if outcome not in ANSWERS:
            found[line.id] = "outcome"
        elif outcome in ANSWERS_WITH_REASON and not reason.strip():
            found[line.id] = "reason"
    return found
