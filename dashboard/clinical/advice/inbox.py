"""The reviews that a nurse or a GP has received, by patient."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from dashboard.clinical.case.case_file import CaseReview, Recommendation
from dashboard.clinical.people import Identity, Person


class ReasonNeeded(ValueError):
    """The error raised when an answer needs a reason and has none."""


class Superseded(Exception):
    """The error raised for an answer to a line of a superseded review."""


class NotWanted(Exception):
    """The error raised for an answer to a line that was replaced or withdrawn."""


@dataclass(frozen=True)
class Received:
    """The reviews of one episode, the latest first."""

    episode_id: int
    identity: Identity
    closed: bool
    reviews: tuple[CaseReview, ...]
    covered: Person | None = None
    """The colleague whom the reader covers for this patient; None if the patient is the reader's
    own.
    """


@dataclass(frozen=True)
class WithdrawnLine:
    """A line that a psychiatrist has withdrawn between reviews, as its recipients are told."""

    episode_id: int
    identity: Identity
    line: Recommendation
    signed_on: date
    """The day of the review that gave the line."""
    by: Person | None
    at: datetime
    reason: str


def is_open(review: CaseReview, line: Recommendation, *, closed: bool = False) -> bool:
    """Return whether this line still has to be answered or carried out.

    It is not open if its review is superseded, its episode closed, the line settled, or ended by a
    later review.
    """
    return not closed and review.superseded_by is None and line.is_open


def lines_of(review: CaseReview) -> tuple[Recommendation, ...]:
    """Return the lines to show under this review: its own, and the earlier lines that it was the
    last review to keep.
    """
    own = (line for line in review.recommendations if _stands_by(review, line))
    return (*own, *review.kept)


def left_lines(review: CaseReview) -> tuple[Recommendation, ...]:
    """Return the lines of this review that a later review has kept, replaced or withdrawn."""
    return tuple(line for line in review.recommendations if not _stands_by(review, line))


def _stands_by(review: CaseReview, line: Recommendation) -> bool:
    """Return whether a line is shown under its own review. It is, unless a later review has kept,
    replaced or withdrawn it. A settled line is shown too.
    """
    course = line.course
    if course is None or review.superseded_by is not None:
        return True
    return course.is_wanted and course.sent_by == review.id


def open_lines(received: Received) -> list[Recommendation]:
    """Return the open lines of an episode, each once."""
    return [
        line
        for review in received.reviews
        for line in lines_of(review)
        if is_open(review, line, closed=received.closed)
    ]


def parted(
    inbox: Iterable[Received], reviews: Container[UUID]
) -> tuple[list[Received], list[Received]]:
    """Return the inbox in two parts: these reviews, and the other reviews. Each part keeps its
    order.
    """
    within: list[Received] = []
    rest: list[Received] = []
    for received in inbox:
        for part, chosen in ((within, True), (rest, False)):
            kept = tuple(one for one in received.reviews if (one.id in reviews) is chosen)
            if kept:
                part.append(replace(received, reviews=kept))
    return within, rest


def is_overdue(line: Recommendation, today: date) -> bool:
    """Return whether the due date of the line has passed."""
    return line.current_due_on is not None and line.current_due_on < today


def in_order(inbox: list[Received], today: date) -> list[Received]:
    """Return the inbox sorted: the longest overdue first, then those with open lines, then the
    others. Within the last two groups, the newest come first.
    """
    return sorted(inbox, key=lambda received: _place(received, today))


def _place(received: Received, today: date) -> tuple[int, float, int]:
    lines = open_lines(received)
    overdue = [on for line in lines if (on := line.current_due_on) and is_overdue(line, today)]
    if overdue:
        return 0, min(overdue).toordinal(), received.episode_id
    newest = max(review.signed_at for review in received.reviews)
    return (1 if lines else 2), -newest.timestamp(), received.episode_id
