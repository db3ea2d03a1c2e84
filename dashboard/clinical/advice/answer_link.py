"""The data of the page on which a GP without an account answers a review. The GP opens the page
with an answer link. ``LinkClosed`` lists the reasons why an answer link is closed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from dashboard.clinical.advice.answering import needs_reason
from dashboard.clinical.advice.lines import ANSWERS
from dashboard.clinical.case.case_file import Recommendation
from dashboard.clinical.people import Person
from dashboard.clinical.risk import RiskStatement
from dashboard.vocabulary import Role


class LinkClosed(Exception):
    """The error raised for a closed answer link. ``why`` is ``used``, ``expired``, ``superseded``,
    ``not_wanted`` or ``unknown``. ``not_wanted`` means that no recommendation of the page awaits
    an answer from the GP.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class AskedByLink:
    """The content of the page that an answer link opens: the recommendations that one review gave
    or kept. ``patient`` holds only the patient's initials.
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
        """The recommendations that the GP has to answer: the GP is their owner, they still stand,
        and no answer settles them.
        """
        return tuple(line for line in self.lines if line.owner_role == Role.GP and line.is_open)

    def answered_in_vain(self, given: "Given") -> tuple[Recommendation, ...]:
        """Return the GP's recommendations that have an answer in ``given`` but no longer await one.
        This happens if the page was opened before the recommendations were settled or ended.
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
"""The outcome and the reason that the GP entered, by recommendation id. The outcome is an empty
text if the GP has chosen none.
"""


def lacking(asked: AskedByLink, given: Given) -> dict[UUID, str]:
    """Return the part that is missing from each incomplete answer: ``outcome`` or ``reason``. The
    keys are recommendation ids.
    """
    found = {}
    for line in asked.awaited:
        outcome, reason = given.get(line.id, ("", ""))
        if outcome not in ANSWERS:
            found[line.id] = "outcome"
        elif needs_reason(line.kind, outcome) and not reason.strip():
            found[line.id] = "reason"
    return found
