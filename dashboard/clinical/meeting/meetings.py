"""A meeting, in which a psychiatrist and a nurse go through the agenda together.

This module has the data of a meeting. It also computes the time spent on cases, the tasks and the
data that arrive during a meeting.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from dashboard.clinical.advice.inbox import lines_of
from dashboard.clinical.case.case_file import (
    Answer,
    Assessment,
    CaseFile,
    CaseReview,
    Contact,
    Flag,
    Question,
    Recommendation,
    Treatment,
)
from dashboard.clinical.people import Identity, Person
from dashboard.vocabulary import PAIR

Numbered = TypeVar("Numbered", Assessment, Contact, Treatment, Flag)

ROLES = PAIR
"""The roles that hold meetings."""

OVER = 1.5
"""A case is marked as long once it takes more than this multiple of the pair's usual time
[proposal].
"""


@dataclass(frozen=True)
class MeetingItem:
    """A case on the agenda and the decision on it. A decision is made once, and its author and time
    are kept.

    ``outcome`` is a value of ``Outcome``; None until it is decided. ``seconds_spent`` is the time
    spent on the case, in seconds. For the current case, ``Meeting.seconds_here`` must be added.
    """

    id: UUID
    episode_id: int
    position: int
    chosen_by: str
    outcome: str | None = None
    reason: str | None = None
    decided_by: Person | None = None
    decided_at: datetime | None = None
    case_review_id: UUID | None = None
    seconds_spent: int = 0


@dataclass(frozen=True)
class Meeting:
    """A meeting of a pair, with its cases in the order of the agenda.

    A meeting that has not started is the next agenda. ``seconds_here`` is the time spent on the
    current case, in seconds, since the pair last turned to it.
    """

    id: UUID
    psychiatrist: Person | None
    nurse: Person | None
    held_on: date
    sent_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    current_item_id: UUID | None
    seconds_here: int
    items: tuple[MeetingItem, ...]

    @property
    def is_running(self) -> bool:
        """Whether the meeting was started and has not ended."""
        return self.started_at is not None and self.ended_at is None

    @property
    def current(self) -> MeetingItem | None:
        """The case that the pair is discussing. None before the start, or if the reader may not see
        the case.
        """
        return self.item(self.current_item_id)

    def item(self, item_id: UUID | None) -> MeetingItem | None:
        """Return the item with this id; None if it is not on the agenda."""
        return next((item for item in self.items if item.id == item_id), None)

    def item_of(self, episode_id: int) -> MeetingItem | None:
        """Return the item of this episode; None if it is not on the agenda."""
        return next((item for item in self.items if item.episode_id == episode_id), None)


@dataclass(frozen=True)
class Pair:
    """A psychiatrist and a nurse who have a next meeting. ``sent_at`` is when its agenda was sent;
    None if it was not.
    """

    psychiatrist: Person
    nurse: Person
    sent_at: datetime | None


@dataclass(frozen=True)
class Agreed:
    """The result of a meeting for one patient: the decision, and the review as it is now."""

    item: MeetingItem
    identity: Identity
    review: CaseReview | None


@dataclass(frozen=True)
class ToDo:
    """A task: a line of advice that a person has to carry out."""

    episode_id: int
    identity: Identity
    line: Recommendation


@dataclass(frozen=True)
class MeetingSummary:
    """The decisions of a meeting, in the order of its agenda."""

    meeting: Meeting
    agreed: tuple[Agreed, ...]


@dataclass(frozen=True)
class Known:
    """The ids of the rows that the registry had for a patient when the meeting began, by kind of
    row.
    """

    assessments: frozenset[int] = frozenset()
    contacts: frozenset[int] = frozenset()
    treatments: frozenset[int] = frozenset()
    flags: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Arrived:
    """The rows of a case that have arrived since the meeting began. ``answers`` holds each answer
    together with its recommendation.
    """

    assessments: tuple[Assessment, ...] = ()
    contacts: tuple[Contact, ...] = ()
    treatments: tuple[Treatment, ...] = ()
    flags: tuple[Flag, ...] = ()
    questions: tuple[Question, ...] = ()
    answers: tuple[tuple[Recommendation, Answer], ...] = ()

    def __bool__(self) -> bool:
        return any(vars(self).values())


class NotRunning(Exception):
    """The error raised for an action in a meeting that has not begun or has ended."""


def check_can_start(ended_at: datetime | None) -> None:
    """Raise ``NotRunning`` if a meeting has ended, because it cannot start again."""
    if ended_at is not None:
        raise NotRunning


def check_can_end(started_at: datetime | None) -> None:
    """Raise ``NotRunning`` if a meeting has not begun."""
    if started_at is None:
        raise NotRunning


def check_can_decide(started_at: datetime | None, ended_at: datetime | None) -> None:
    """Raise ``NotRunning`` unless the meeting is running. The pair can turn to a case or decide it
    only in a running meeting.
    """
    check_can_end(started_at)
    check_can_start(ended_at)


class NothingOnTheAgenda(Exception):
    """The error raised for starting a meeting that has no case on its agenda."""


class AlreadyDecided(Exception):
    """The error raised for a decision on a case that already has an outcome. The case is left
    unchanged.
    """

    def __init__(self, item: MeetingItem) -> None:
        super().__init__("already decided")
        self.item = item


def place(meeting: Meeting, item: MeetingItem) -> tuple[int, int]:
    """Return the place of ``item`` on the agenda, counted from 1, and the number of all cases on
    it.
    """
    return meeting.items.index(item) + 1, len(meeting.items)


def previous_item(meeting: Meeting, item: MeetingItem) -> MeetingItem | None:
    """Return the case before ``item`` on the agenda; None if ``item`` is the first."""
    at = meeting.items.index(item)
    return meeting.items[at - 1] if at > 0 else None


def next_item(meeting: Meeting, item: MeetingItem) -> MeetingItem | None:
    """Return the case after ``item`` on the agenda; None if ``item`` is the last."""
    at = meeting.items.index(item) + 1
    return meeting.items[at] if at < len(meeting.items) else None


def undecided(meeting: Meeting) -> tuple[MeetingItem, ...]:
    """Return the cases that have no outcome yet."""
    return tuple(item for item in meeting.items if item.outcome is None)


def seconds_on(meeting: Meeting, item: MeetingItem) -> int:
    """Return the seconds that the pair has spent on a case so far."""
    here = meeting.seconds_here if item.id == meeting.current_item_id else 0
    return item.seconds_spent + here


def seconds_in_all(meeting: Meeting) -> int:
    """Return the seconds that the pair has spent on all cases so far. Time while nobody was present
    is not counted.
    """
    return sum(item.seconds_spent for item in meeting.items) + meeting.seconds_here


def runs_over(seconds: int, pace: int) -> bool:
    """Return whether a case takes clearly longer than usual. ``seconds`` is its time so far,
    ``pace`` the pair's usual time for a case in seconds.
    """
    return seconds > OVER * pace


def to_do(summary: MeetingSummary, role: str) -> tuple[ToDo, ...]:
    """Return the tasks of a role, sorted by due date. Tasks without a due date come last.

    The tasks are the standing recommendations that the reviews of the meeting gave or kept.
    """
    lines = [
        ToDo(one.item.episode_id, one.identity, line)
        for one in summary.agreed
        if one.review is not None
        for line in lines_of(one.review)
        if line.owner_role == role
    ]
    return tuple(sorted(lines, key=lambda one: one.line.current_due_on or date.max))


def with_outcome(summary: MeetingSummary, outcome: str | None) -> tuple[Agreed, ...]:
    """Return the cases with this outcome, in the order of the agenda. For the outcome None, return
    the cases that the meeting has not reached.
    """
    return tuple(one for one in summary.agreed if one.item.outcome == outcome)


def arrived(case: CaseFile, known: Known, since: datetime) -> Arrived:
    """Return the rows of ``case`` that have arrived since ``since``, when the meeting began.

    The registry does not record when a row arrived. The ids in ``known`` were therefore stored when
    the meeting began.
    """
    return Arrived(
        assessments=_new(case.assessments, known.assessments),
        contacts=_new(case.contacts, known.contacts),
        treatments=_new(case.treatments, known.treatments),
        flags=_new(case.flags, known.flags),
        questions=tuple(one for one in case.questions if one.ready_at and one.ready_at > since),
        answers=tuple(_answered(case.reviews, since)),
    )


def known_from_json(content: Mapping[str, Sequence[int]] | None) -> Known | None:
    """Return the stored ids from ``content``, their JSON data; None if no ids were stored."""
    if content is None:
        return None
    return Known(**{name: frozenset(map(int, content.get(name, ()))) for name in KNOWN})


KNOWN = ("assessments", "contacts", "treatments", "flags")
"""The kinds of rows whose ids are stored when the meeting begins."""


def _new(rows: Iterable[Numbered], known: frozenset[int]) -> tuple[Numbered, ...]:
    return tuple(row for row in rows if row.id not in known)


def _answered(
    reviews: Iterable[CaseReview], since: datetime
) -> Iterable[tuple[Recommendation, Answer]]:
    for review in reviews:
        for line in review.recommendations:
            for answer in line.answers:
                if answer.answered_at > since:
                    yield line, answer
