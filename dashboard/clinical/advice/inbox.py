"""What a nurse or a GP has received, by patient."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from dashboard.clinical.case.case_file import CaseReview, Recommendation
from dashboard.clinical.people import Identity, Person


class ReasonNeeded(ValueError):
    """This answer must give a reason."""


class Superseded(Exception):
    """The review of this line has been superseded: its lines are not answered any more."""


class NotWanted(Exception):
    """A later review has replaced or withdrawn this line: it is not answered any more."""


@dataclass(frozen=True)
class Received:
    """The reviews of one episode, the latest first."""

    episode_id: int
    identity: Identity
    closed: bool
    reviews: tuple[CaseReview, ...]
    covered: Person | None = None
    """In whose place the reader has received them; none where the patient is their own."""


@dataclass(frozen=True)
class WithdrawnLine:
    """A line that a psychiatrist has withdrawn between reviews: those who had it are told."""

    episode_id: int
    identity: Identity
    line: Recommendation
    signed_on: date
    """The day of the review that gave it."""
    by: Person | None
    at: datetime
    reason: str


def is_open(review: CaseReview, line: Recommendation, *, closed: bool = False) -> bool:
    """Whether something is still awaited of this line.

    Not of a superseded review, not of a closed episode, not once it is settled, and not once
    a later review has ended it.
    """
    return not closed and review.superseded_by is None and line.is_open


def lines_of(review: CaseReview) -> tuple[Recommendation, ...]:
    """Return the lines that stand by this review: its own, and those that it was the last to
    keep.
    """
    own = (line for line in review.recommendations if _stands_by(review, line))
    return (*own, *review.kept)


def left_lines(review: CaseReview) -> tuple[Recommendation, ...]:
    """Return the lines of this review that a later review has kept, replaced or withdrawn."""
    return tuple(line for line in review.recommendations if not _stands_by(review, line))


def _stands_by(review: CaseReview, line: Recommendation) -> bool:
    """Whether a line is shown under its own review: also one that was settled there."""
    course = line.course
    if course is None or review.superseded_by is not None:
        return True
    return course.is_wanted and course.sent_by == review.id


def open_lines(received: Received) -> list[Recommendation]:
    """The lines of an episode of which something is still awaited, each once."""
    return [
        line
        for review in received.reviews
        for line in lines_of(review)
        if is_open(review, line, closed=received.closed)
    ]


def parted(
    inbox: Iterable[Received], reviews: Container[UUID]
) -> tuple[list[Received], list[Received]]:
    """What was received with these reviews, and the rest, each in its order."""
    within: list[Received] = []
    rest: list[Received] = []
    for received in inbox:
        for part, chosen in ((within, True), (rest, False)):
            kept = tuple(one for one in received.reviews if (one.id in reviews) is chosen)
            if kept:
                part.append(replace(received, reviews=kept))
    return within, rest


def is_overdue(line: Recommendation, today: date) -> bool:
    """Whether the day by which it was to be done has passed."""
    return line.current_due_on is not None and line.current_due_on < today


def in_order(inbox: list[Received], today: date) -> list[Received]:
    """Those with something overdue first, the longest overdue at the top; then the newest."""
    return sorted(inbox, key=lambda received: _place(received, today))


def _place(received: Received, today: date) -> tuple[int, float, int]:
    lines = open_lines(received)
    overdue = [on for line in lines if (on := line.current_due_on) and is_overdue(line, today)]
    if overdue:
        return 0, min(overdue).toordinal(), received.episode_id
    newest = max(review.signed_at for review in received.reviews)
    return (1 if lines else 2), -newest.timestamp(), received.episode_id
