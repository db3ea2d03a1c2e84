"""The settlement of earlier advice by each review, and the lines that stand on a day.

The rules are those of docs/review_list.md, "What a review does to earlier advice".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

SETTLING_OUTCOMES = ("done", "modified", "declined", "refused_by_patient")
"""The answers after which nothing more is awaited of a line."""


class SettlementKind(StrEnum):
    """What a review does with a line that stands."""

    KEPT = "kept"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class SignedFact:
    """A signed review, as far as the standing of lines depends on it."""

    id: UUID
    signed_at: datetime
    outcome: str
    supersedes: UUID | None = None


@dataclass(frozen=True, slots=True)
class SettlementFact:
    """A row of ``review.settlement``; ``review_id`` is None between reviews."""

    recommendation_id: UUID
    review_id: UUID | None
    kind: SettlementKind
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class LineFact:
    """A line of advice; ``settled_at`` is the first instant of an answer that settles it."""

    id: UUID
    review_id: UUID
    due_on: date | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StandingLine:
    """A line that stands: the review that last gave or kept it sent it, with the due date last
    given.
    """

    line: LineFact
    sent_at: datetime
    due_on: date | None


@dataclass
class _Settlements:
    by_review: dict[tuple[UUID, UUID], SettlementFact] = field(default_factory=dict)
    withdrawn: set[UUID] = field(default_factory=set)


def standing_lines(
    reviews: Iterable[SignedFact],
    lines: Iterable[LineFact],
    settlements: Iterable[SettlementFact],
) -> list[StandingLine]:
    """Return the lines of one episode that stand, in the order given.

    A line stands if its review is not superseded and every later review that is not
    superseded has kept it. A later review without a settlement of the line keeps it where it
    changed nothing and the line was not settled yet; otherwise it replaced the line (reviews
    signed before settlements existed). The caller passes the facts up to a day: reviews and
    lines of that day or before, and settlements made by then.
    """
    signed = sorted(reviews, key=lambda review: (review.signed_at, review.id.int))
    superseded = {review.supersedes for review in signed}
    effective = [review for review in signed if review.id not in superseded]
    place = {review.id: number for number, review in enumerate(effective)}
    known = _index(settlements)
    standing = []
    for line in lines:
        if line.review_id not in place or line.id in known.withdrawn:
            continue
        number = place[line.review_id]
        found = _kept_through(line, effective[number], effective[number + 1 :], known)
        if found is not None:
            standing.append(found)
    return standing


def _index(settlements: Iterable[SettlementFact]) -> _Settlements:
    index = _Settlements()
    for settlement in settlements:
        if settlement.review_id is not None:
            index.by_review[settlement.review_id, settlement.recommendation_id] = settlement
        elif settlement.kind is SettlementKind.WITHDRAWN:
            index.withdrawn.add(settlement.recommendation_id)
    return index


def _kept_through(
    line: LineFact, given: SignedFact, later: Sequence[SignedFact], known: _Settlements
) -> StandingLine | None:
    sent_at, due_on = given.signed_at, line.due_on
    for review in later:
        settlement = known.by_review.get((review.id, line.id))
        if settlement is None:
            settled = line.settled_at is not None and line.settled_at <= review.signed_at
            if review.outcome != "no_change" or settled:
                return None
        elif settlement.kind is not SettlementKind.KEPT:
            return None
        else:
            due_on = settlement.due_on or due_on
        sent_at = review.signed_at
    return StandingLine(line, sent_at, due_on)
