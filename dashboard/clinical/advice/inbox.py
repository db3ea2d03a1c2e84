"""The reviews that a nurse or a GP has received, by patient."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from dashboard.clinical.case.case_file import CaseReview, Recommendation
from dashboard.clinical.people import Identity, Person


class ReasonNeeded(ValueError):
    """The error raised where an answer needs a reason and has none."""


class Superseded(Exception):
    """The error raised for a line of a superseded review: it is not answered any more."""


class NotWanted(Exception):
    """The error raised for a line that a later review has replaced or withdrawn."""


@dataclass(frozen=True)
class Received:
    """The reviews of one episode, the latest first."""

    episode_id: int
    identity: Identity
    closed: bool
    reviews: tuple[CaseReview, ...]
    covered: Person | None = None
    """The colleague in whose place the reader has received them; None where the patient is their
    own.
    """


@dataclass(frozen=True)
class WithdrawnLine:
    """A line that a psychiatrist has withdrawn between reviews; its recipients are told."""

    episode_id: int
    identity: Identity
    line: Recommendation
    signed_on: date
    """The day of the review that gave it."""
    by: Person | None
    at: datetime
    reason: str


def is_open(review: CaseReview, line: Recommendation, *, closed: bool = False) -> bool:
    """Return whether something is still awaited of this line.

    Nothing is awaited of a line of a superseded review or a closed episode, of a settled line, or
    of one that a later review has ended.
    """
    return not closed and review.superseded_by is None and line.is_open


def lines_of(review: CaseReview) -> tuple[Recommendation, ...]:
    """Return the lines that stand by this review: its own, and those of which it is the last to
    keep them.
    """
    own = (line for line in review.recommendations if _stands_by(review, line))
    return (*own, *review.kept)


def left_lines(review: CaseReview) -> tuple[Recommendation, ...]:
    """Return the lines of this review that a later review has kept, replaced or withdrawn."""
    return tuple(line for line in review.recommendations if not _stands_by(review, line))


def _stands_by(review: CaseReview, line: Recommendation) -> bool:
    """Return whether a line is shown under its own review; a line settled there is shown too."""
    course = line.course
    if course is None or review.superseded_by is not None:
        return True
    return course.is_wanted and course.sent_by == review.id


def open_lines(received: Received) -> list[Recommendation]:
    """Return the lines of an episode of which something is still awaited, each once."""
    return [
        line
        for review in received.reviews
        for line in lines_of(review)
        if is_open(review, line, closed=received.closed)
    ]


def parted(
    inbox: Iterable[Received], reviews: Container[UUID]
) -> tuple[list[Received], list[Received]]:
    """Return what was received with these reviews, and the rest, each in its order."""
    within: list[Received] = []
    rest: list[Received] = []
    for received in inbox:
        for part, chosen in ((within, True), (rest, False)):
            kept = tuple(one for one in received.reviews if (one.id in reviews) is chosen)
            if kept:
                part.append(replace(received, reviews=kept))
    return within, rest


def is_overdue(line: Recommendation, today: date) -> bool:
    """Return whether its due date has passed."""
    return line.current_due_on is not None and line.current_due_on < today


def in_order(inbox: list[Received], today: date) -> list[Received]:
    """Return the inbox: the longest overdue first, then the others, the newest first."""
    return sorted(inbox, key=lambda received: _place(received, today))


def _place(received: Received, today: date) -> tuple[int, float, int]:
    lines = open_lines(received)
    overdue = [on for line in lines if (on := line.current_due_on) and is_overdue(line, today)]
    if overdue:
        return 0, min(overdue).toordinal(), received.episode_id
    newest = max(review.signed_at for review in received.reviews)
    return (1 if lines else 2), -newest.timestamp(), received.episode_id
