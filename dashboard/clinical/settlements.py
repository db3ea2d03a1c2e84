"""The effect of each review on earlier lines of advice, and the lines that stand on a given day.

The rules are those of docs/review_list.md, "What a review does to earlier advice".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from dashboard.vocabulary import AnswerOutcome, Outcome, SettlementKind

SETTLING_OUTCOMES = (
    AnswerOutcome.DONE,
    AnswerOutcome.MODIFIED,
    AnswerOutcome.DECLINED,
    AnswerOutcome.REFUSED_BY_PATIENT,
)
"""The answers that settle a line of advice. After such an answer, nobody has to answer or carry out
the line.
"""


@dataclass(frozen=True, slots=True)
class SignedFact:
    """The facts of a signed review that decide which lines of advice stand.

    Ids of reviews and lines are only compared with each other. Therefore a query may return all of
    them as text.
    """

    id: UUID
    signed_at: datetime
    outcome: str
    supersedes: UUID | None = None


@dataclass(frozen=True, slots=True)
class SettlementFact:
    """A row of ``review.settlement``. ``review_id`` is None if a psychiatrist withdrew the line of
    advice without a new review.

    ``settled_at`` and ``reason`` decide only how the end of a line is shown, not whether the line
    stands.
    """

    recommendation_id: UUID
    review_id: UUID | None
    kind: SettlementKind
    due_on: date | None = None
    replaced_by: UUID | None = None
    reason: str = ""
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LineFact:
    """A line of advice. ``settled_at`` is the time of the first answer that settles it; None
    without one.
    """

    id: UUID
    review_id: UUID
    due_on: date | None = None
    settled_at: datetime | None = None


class LineEnd(StrEnum):
    """The ways in which a line of advice can cease to stand.

    ``SUPERSEDED``: another review superseded the review of the line. ``REPLACED`` and
    ``WITHDRAWN``: a psychiatrist ended the line. ``SETTLED``: an answer settled the line before a
    later review, so that review did not have to settle it.
    """

    SUPERSEDED = "superseded"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class LineCourse:
    """The history of a line of advice through later reviews. The line stands as long as ``end`` is
    None.

    ``given_at`` is when the review of the line was signed. ``sent_by`` is the review that last gave
    or kept the line, and ``sent_at`` is when that review was signed. ``due_on`` is the latest due
    date. ``ended_by`` is the review that ended the line; None if the line stands or was withdrawn
    without a new review. ``replaced_by`` is the line that replaces it, if a review has named one.
    """

    line: LineFact
    given_at: datetime
    sent_by: UUID
    sent_at: datetime
    due_on: date | None
    end: LineEnd | None = None
    ended_by: UUID | None = None
    ended_at: datetime | None = None
    replaced_by: UUID | None = None
    reason: str = ""

    @property
    def stands(self) -> bool:
        """Whether the line of advice still stands, because nothing has ended it."""
        return self.end is None

    @property
    def is_said(self) -> bool:
        """Whether the line of advice was withdrawn, or a review named the line that replaces it.

        Reviews that were signed before settlements existed named no replacement.
        """
        return self.end is LineEnd.WITHDRAWN or self.replaced_by is not None

    @property
    def is_wanted(self) -> bool:
        """Whether the line of advice accepts an answer: it is not superseded, replaced or
        withdrawn.
        """
        return self.end in (None, LineEnd.SETTLED)


@dataclass(frozen=True, slots=True)
class StandingLine:
    """A line of advice that stands. ``sent_at`` is when a review last gave or kept the line.
    ``due_on`` is its latest due date.
    """

    line: LineFact
    sent_at: datetime
    due_on: date | None


@dataclass
class _Settlements:
    by_review: dict[tuple[UUID, UUID], SettlementFact] = field(default_factory=dict)
    withdrawn: dict[UUID, SettlementFact] = field(default_factory=dict)


def standing_lines(
    reviews: Iterable[SignedFact],
    lines: Iterable[LineFact],
    settlements: Iterable[SettlementFact],
) -> list[StandingLine]:
    """Return the lines of advice of one episode that stand, in the order of ``lines``.

    A line stands if its review is not superseded, every later review that is not superseded has
    kept it, and nobody withdrew it. A review that was signed before settlements existed kept a line
    if the review changed nothing and the line was not settled yet.

    For a past day, pass only the reviews, lines and settlements up to that day.
    """
    return [
        StandingLine(course.line, course.sent_at, course.due_on)
        for course in line_courses(reviews, lines, settlements)
        if course.stands
    ]


def line_courses(
    reviews: Iterable[SignedFact],
    lines: Iterable[LineFact],
    settlements: Iterable[SettlementFact],
) -> list[LineCourse]:
    """Return the history of each line of advice of one episode, in the order of ``lines``.

    The parameters are those of ``standing_lines``. A line is left out if its review is not in
    ``reviews``.
    """
    signed = sorted(reviews, key=lambda review: (review.signed_at, str(review.id)))
    known = _index(settlements)
    amended_by = {review.supersedes: review for review in signed if review.supersedes is not None}
    effective = [review for review in signed if review.id not in amended_by]
    place = {review.id: number for number, review in enumerate(effective)}
    given_by = {review.id: review for review in signed}
    courses = []
    for line in lines:
        given = given_by.get(line.review_id)
        if given is None:
            continue
        if given.id in amended_by:
            by = amended_by[given.id]
            courses.append(_ended(_begun(line, given), LineEnd.SUPERSEDED, by))
        else:
            later = effective[place[given.id] + 1 :]
            courses.append(_course(line, given, later, known))
    return courses


def _index(settlements: Iterable[SettlementFact]) -> _Settlements:
    index = _Settlements()
    for settlement in settlements:
        if settlement.review_id is not None:
            index.by_review[settlement.review_id, settlement.recommendation_id] = settlement
        elif settlement.kind is SettlementKind.WITHDRAWN:
            index.withdrawn[settlement.recommendation_id] = settlement
    return index


def _course(
    line: LineFact, given: SignedFact, later: Sequence[SignedFact], known: _Settlements
) -> LineCourse:
    course = _begun(line, given)
    withdrawn = known.withdrawn.get(line.id)
    for review in later:
        if withdrawn is not None and _is_before(withdrawn, review):
            break
        course = _after(course, review, known.by_review.get((review.id, line.id)))
        if not course.stands:
            return course
    return course if withdrawn is None else _withdrawn(course, withdrawn)


def _begun(line: LineFact, given: SignedFact) -> LineCourse:
    return LineCourse(line, given.signed_at, given.id, given.signed_at, line.due_on)


def _is_before(withdrawn: SettlementFact, review: SignedFact) -> bool:
    return withdrawn.settled_at is not None and withdrawn.settled_at <= review.signed_at


def _after(course: LineCourse, review: SignedFact, settlement: SettlementFact | None) -> LineCourse:
    """Return the history of a standing line of advice after one more ``review``. ``settlement`` is
    what this review decided about the line; None if it decided nothing.
    """
    if settlement is None:
        settled_at = course.line.settled_at
        if settled_at is not None and settled_at <= review.signed_at:
            return _ended(course, LineEnd.SETTLED, review)
        if review.outcome != Outcome.NO_CHANGE:
            return _ended(course, LineEnd.REPLACED, review)
        return replace(course, sent_by=review.id, sent_at=review.signed_at)
    if settlement.kind is SettlementKind.KEPT:
        due_on = settlement.due_on or course.due_on
        return replace(course, sent_by=review.id, sent_at=review.signed_at, due_on=due_on)
    ended = _ended(course, LineEnd(settlement.kind.value), review)
    return replace(ended, replaced_by=settlement.replaced_by, reason=settlement.reason)


def _ended(course: LineCourse, end: LineEnd, by: SignedFact) -> LineCourse:
    return replace(course, end=end, ended_by=by.id, ended_at=by.signed_at)


def _withdrawn(course: LineCourse, settlement: SettlementFact) -> LineCourse:
    return replace(
        course,
        end=LineEnd.WITHDRAWN,
        ended_at=settlement.settled_at,
        reason=settlement.reason,
    )
