"""The lines of advice of a case that stand, and those of them that the next review has to
settle.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dashboard.clinical.case.case_file import CaseFile, CaseReview, Recommendation
from dashboard.clinical.settlements import (
    SETTLING_OUTCOMES,
    LineFact,
    SettlementFact,
    SignedFact,
    standing_lines,
)


@dataclass(frozen=True)
class StandingAdvice:
    """A line of advice that stands, because nothing has ended it. ``review`` is the review that
    gave the line.

    ``sent_at`` is when a review last gave or kept the line. ``due_on`` is its latest due date.
    """

    line: Recommendation
    review: CaseReview
    sent_at: datetime
    due_on: date | None

    @property
    def is_settled(self) -> bool:
        """Whether an answer settles the line."""
        return self.line.is_settled


class NotOpen(Exception):
    """The error raised when a line of advice cannot be withdrawn, because it was already answered,
    replaced or withdrawn.
    """


def check_can_withdraw(line: Recommendation) -> None:
    """Raise ``NotOpen`` if the line of advice ``line`` can no longer be withdrawn."""
    if not line.is_open:
        raise NotOpen


def can_withdraw(line: Recommendation) -> bool:
    """Return whether a psychiatrist can withdraw the line of advice ``line`` without a new
    review.
    """
    try:
        check_can_withdraw(line)
    except NotOpen:
        return False
    return True


def standing_advice(case: CaseFile, amended: UUID | None = None) -> tuple[StandingAdvice, ...]:
    """Return the lines of advice of ``case`` that stand, in order of time and position.

    ``amended`` is the id of a review that a new review will supersede. The lines and settlements of
    the review ``amended`` are ignored.
    """
    given = {line.id: (line, review) for review in case.reviews for line in review.recommendations}
    standing = standing_lines(
        [
            SignedFact(one.id, one.signed_at, one.outcome, one.supersedes)
            for one in _without(case, amended)
        ],
        [
            LineFact(line.id, review.id, line.due_on, _settled_at(line))
            for line, review in given.values()
        ],
        _settlement_facts(case),
    )
    return tuple(StandingAdvice(*given[one.line.id], one.sent_at, one.due_on) for one in standing)


def unsettled_advice(case: CaseFile, amended: UUID | None = None) -> tuple[StandingAdvice, ...]:
    """Return the lines of advice that the next review of ``case`` has to settle: those that stand
    and that no answer settles.

    ``amended`` is the id of the review that the next review supersedes, or None.
    """
    return tuple(one for one in standing_advice(case, amended) if not one.is_settled)


def _without(case: CaseFile, amended: UUID | None) -> Iterator[CaseReview]:
    """Return the reviews of ``case`` that are not superseded, without the review with the id
    ``amended``.
    """
    superseded = {amended, *(review.supersedes for review in case.reviews)}
    return (review for review in case.reviews if review.id not in superseded)


def _settlement_facts(case: CaseFile) -> list[SettlementFact]:
    made = [one for review in case.reviews for one in review.settlements]
    return [
        SettlementFact(one.recommendation_id, one.review_id, one.kind, one.due_on)
        for one in (*made, *case.withdrawals)
    ]


def _settled_at(line: Recommendation) -> datetime | None:
    settling = (one.answered_at for one in line.answers if one.outcome in SETTLING_OUTCOMES)
    return min(settling, default=None)
