"""The inbox of a nurse or a GP: the reviews that they have received, and the lines of advice of
these reviews by urgency.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from dashboard.clinical.case.case_file import CaseReview, Recommendation
from dashboard.clinical.people import Identity, Person
from dashboard.vocabulary import RecommendationKind, Role

SOON = timedelta(days=7)
"""A line of advice is listed under "this week" if it is due within this time from today [proposal].
"""


class ReasonNeeded(ValueError):
    """The error raised when an answer needs a reason and has none."""


class Superseded(Exception):
    """The error raised for an answer to a line of advice of a superseded review, or for a reminder
    of such a review.
    """


class NotWanted(Exception):
    """The error raised for an answer that is no longer accepted.

    The line of advice was replaced or withdrawn, or the answer would reopen a line on whose settled
    state a later review relied. The error is also raised for an answer through a link if the line
    no longer awaits one.
    """


@dataclass(frozen=True)
class Received:
    """The reviews of one episode that the reader has received, the latest first."""

    episode_id: int
    identity: Identity
    closed: bool
    reviews: tuple[CaseReview, ...]
    covered: Person | None = None
    """The colleague whom the reader covers for this patient. None if the patient is the reader's
    own.
    """
    undelivered: frozenset[tuple[UUID, Role]] = frozenset()
    """The reviews whose latest mail to a nurse or a GP has not arrived, each with the role of this
    recipient. Mails to the reader's own role are left out.
    """


@dataclass(frozen=True)
class WithdrawnLine:
    """A notice that a psychiatrist has withdrawn a line of advice without a new review. The inboxes
    of the nurse and of the GP show it.
    """

    episode_id: int
    identity: Identity
    line: Recommendation
    signed_on: date
    """The day of the review that gave the line of advice."""
    by: Person | None
    at: datetime
    reason: str


def is_open(review: CaseReview, line: Recommendation, *, closed: bool = False) -> bool:
    """Return whether the line of advice ``line`` still has to be answered or carried out.

    It is not open if its review is superseded, if its episode is ``closed``, or if an answer, a
    later review or a withdrawal has ended it.
    """
    return not closed and review.superseded_by is None and line.is_open


def lines_of(review: CaseReview) -> tuple[Recommendation, ...]:
    """Return the lines of advice to show under ``review``, so that each line is shown under the
    latest review that gave or kept it.

    The lines that ``review`` gave come first. They are left out if they were withdrawn, or if a
    later review has kept or replaced them. The lines of earlier reviews that ``review`` kept come
    next.
    """
    own = (line for line in review.recommendations if _stands_by(review, line))
    return (*own, *review.kept)


def left_lines(review: CaseReview) -> tuple[Recommendation, ...]:
    """Return the lines of advice of ``review`` that were withdrawn, or that a later review has kept
    or replaced. Return an empty tuple if the review is superseded.
    """
    return tuple(line for line in review.recommendations if not _stands_by(review, line))


def _stands_by(review: CaseReview, line: Recommendation) -> bool:
    """Return whether the line of advice ``line`` is shown under ``review``, the review that gave
    it. Return False if the line was withdrawn, or if a later review has kept or replaced it. Return
    True if the review is superseded.
    """
    course = line.course
    if course is None or review.superseded_by is not None:
        return True
    return course.is_wanted and course.sent_by == review.id


def is_overdue(line: Recommendation, today: date) -> bool:
    """Return whether the due date of the line of advice ``line`` is before ``today``."""
    return line.current_due_on is not None and line.current_due_on < today


def is_undelivered(received: Received, review: CaseReview, line: Recommendation) -> bool:
    """Return whether the owner of the line of advice ``line`` has not received it. The mail with
    ``review`` has not arrived, and there is no answer since it was sent.

    The follow-up of advice has the state ``not_delivered`` for the same lines.
    """
    return line.state == "unanswered" and (review.id, line.owner_role) in received.undelivered


class Part(StrEnum):
    """The parts of an inbox, the most urgent first.

    ``NOT_DELIVERED`` holds the lines of advice that their owner has not received. Nobody can carry
    them out, so they are in no other part, even if their due date has passed. ``ENDED`` holds the
    lines of advice that nobody has to answer any more.
    """

    NOT_DELIVERED = "not_delivered"
    OVERDUE = "overdue"
    SAFETY = "safety"
    THIS_WEEK = "this_week"
    LATER = "later"
    ENDED = "ended"


@dataclass(frozen=True)
class InboxLine:
    """A line of advice in an inbox, with its patient, the review under which it is shown, and its
    part of the inbox.
    """

    received: Received
    review: CaseReview
    line: Recommendation
    part: Part

    @property
    def is_safety(self) -> bool:
        """Whether the line of advice has the kind ``safety``. Not all of these lines are in the
        part ``Part.SAFETY``: an overdue line is in ``OVERDUE``, and an ended line is in ``ENDED``.
        """
        return self.line.kind == RecommendationKind.SAFETY

    @property
    def state(self) -> str:
        """The state of the line of advice, as in the follow-up of advice. An overdue line has the
        state that its answers give it.
        """
        return "not_delivered" if self.part is Part.NOT_DELIVERED else self.line.state


def part_of(line: Recommendation, today: date) -> Part:
    """Return the part of the inbox for an open line of advice that was delivered. An overdue line
    is in ``OVERDUE``. Any other line of kind ``safety`` is in ``SAFETY``. Any other line that is
    due within a week is in ``THIS_WEEK``. All other lines are in ``LATER``, also those without a
    due date.
    """
    if is_overdue(line, today):
        return Part.OVERDUE
    if line.kind == RecommendationKind.SAFETY:
        return Part.SAFETY
    due_on = line.current_due_on
    return Part.THIS_WEEK if due_on is not None and due_on <= today + SOON else Part.LATER


def in_parts(
    inbox: Iterable[Received], today: date, *, with_ended: bool = False
) -> dict[Part, list[InboxLine]]:
    """Return the lines of advice in an inbox, by part. Parts without a line are left out.

    Open parts are sorted by due date, the earliest first; lines without a due date come last. Among
    overdue and undelivered lines, those of kind ``safety`` come first. In the part ``SAFETY``,
    lines without a due date come first, the one that was sent first before the others. The part
    ``ENDED`` is included only if ``with_ended`` is true. Its lines are sorted by review, the newest
    first.
    """
    lines = [one for received in inbox for one in _lines(received, today, with_ended=with_ended)]
    return {
        part: sorted(found, key=_ended_place if part is Part.ENDED else _place)
        for part in Part
        if (found := [one for one in lines if one.part is part])
    }


def _lines(received: Received, today: date, *, with_ended: bool) -> Iterator[InboxLine]:
    """Yield each line of advice of a patient once, under the latest review that gave or kept it.
    Ended lines are included only if ``with_ended`` is true.
    """
    standing = {line.id for review in received.reviews for line in lines_of(review)}
    for review in received.reviews:
        for line in lines_of(review):
            if is_open(review, line, closed=received.closed):
                undelivered = is_undelivered(received, review, line)
                part = Part.NOT_DELIVERED if undelivered else part_of(line, today)
                yield InboxLine(received, review, line, part)
            elif with_ended:
                yield InboxLine(received, review, line, Part.ENDED)
        if with_ended:
            for line in left_lines(review):
                if line.id not in standing:
                    yield InboxLine(received, review, line, Part.ENDED)


def _place(one: InboxLine) -> tuple[bool, date, float, int, int]:
    after_safety = one.part in (Part.NOT_DELIVERED, Part.OVERDUE) and not one.is_safety
    in_safety = one.part is Part.SAFETY
    due_on = one.line.current_due_on or (date.min if in_safety else date.max)
    signed = one.review.signed_at.timestamp() * (1 if in_safety else -1)
    return after_safety, due_on, signed, one.received.episode_id, one.line.position


def _ended_place(one: InboxLine) -> tuple[float, int, int]:
    return -one.review.signed_at.timestamp(), one.received.episode_id, one.line.position
