"""The page that a GP without an account sees behind a link, and the reasons for a closed link."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from dashboard.clinical.advice.lines import ANSWERS, ANSWERS_WITH_REASON
from dashboard.clinical.case.case_file import Recommendation
from dashboard.clinical.people import Person
from dashboard.clinical.risk import RiskStatement
from dashboard.vocabulary import Role


class LinkClosed(Exception):
    """The error raised for a closed link: ``used``, ``expired``, ``superseded``, ``not_wanted``
    where none of its lines is wanted any more, or ``unknown``.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class AskedByLink:
    """The recommendations that one review gave or kept. Of the patient it has only initials and
    age.
    """

    case_review_id: UUID
    language: str
    patient: str
    age: int
    psychiatrist: Person | None
    signed_on: date
    lines: tuple[Recommendation, ...]
    risk: RiskStatement | None = None

    @property
    def awaited(self) -> tuple[Recommendation, ...]:
        """The lines that the GP answers: neither those of others, nor those that no
        longer stand.
        """
        return tuple(line for line in self.lines if line.owner_role == Role.GP and line.stands)

    def answered_in_vain(self, given: "Given") -> tuple[Recommendation, ...]:
        """Return the lines that are answered although they no longer stand, since the page was
        outdated.
        """
        awaited = {line.id for line in self.awaited}
        return tuple(
            line
            for line in self.lines
            if line.owner_role == Role.GP
            and line.id not in awaited
            and given.get(line.id, ("", ""))[0] in ANSWERS
        )


Given = Mapping[UUID, tuple[str, str]]
"""The answers by recommendation: the outcome, empty if none was chosen, and the reason."""


def lacking(asked: AskedByLink, given: Given) -> dict[UUID, str]:
    """Return the missing part of each line before the answers can be sent: ``outcome`` or
    ``reason``.
    """
    found = {}
    for line in asked.awaited:
        outcome, reason = given.get(line.id, ("", ""))
        if outcome not in ANSWERS:
            found[line.id] = "outcome"
        elif outcome in ANSWERS_WITH_REASON and not reason.strip():
            found[line.id] = "reason"
    return found
