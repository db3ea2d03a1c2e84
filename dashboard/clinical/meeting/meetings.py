"""The data of a meeting, in which a psychiatrist and a nurse go through the agenda together.

This module also computes the time spent on each case, the resulting tasks, and the data that
arrived during the meeting.
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
"""A case is marked if the time spent on it exceeds the usual time for a case by this factor
[proposal].
"""


@dataclass(frozen=True)
class MeetingItem:
    """A case on the agenda of a meeting, and the decision on it. A decision is made only once, but
    a deferral can be undone.

    ``outcome`` is a value of ``Outcome``; None until a decision is made. ``seconds_spent`` is the
    time spent on the case, in seconds. For the case that is being discussed, add
    ``Meeting.seconds_here``.
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
    """A meeting of a psychiatrist and a nurse, with its cases in the order of the agenda.

    A meeting that has not started is the next agenda. ``seconds_here`` is the time spent on the
    current case since it was last opened, in seconds.
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
        """Whether the meeting has started and has not ended."""
        return self.started_at is not None and self.ended_at is None

    @property
    def current(self) -> MeetingItem | None:
        """The case that is being discussed. None before the start, or if the reader may not see the
        case.
        """
        return self.item(self.current_item_id)

    def item(self, item_id: UUID | None) -> MeetingItem | None:
        """Return the agenda item with this id; None if there is none."""
        return next((item for item in self.items if item.id == item_id), None)

    def item_of(self, episode_id: int) -> MeetingItem | None:
        """Return the agenda item of this episode; None if there is none."""
        return next((item for item in self.items if item.episode_id == episode_id), None)


@dataclass(frozen=True)
class Pair:
    """A psychiatrist and a nurse who meet. ``sent_at`` is when the agenda of their next meeting was
    sent; None if it was not sent.
    """

    psychiatrist: Person
    nurse: Person
    sent_at: datetime | None


@dataclass(frozen=True)
class Agreed:
    """The result of a meeting for one patient: the decision, and the review in its present
    state.
    """

    item: MeetingItem
    identity: Identity
    review: CaseReview | None


@dataclass(frozen=True)
class ToDo:
    """A task that results from a meeting: a line of advice that a person has to carry out."""

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
    """The ids of the rows that the registry had about a patient when the meeting began, by kind of
    row.
    """

    assessments: frozenset[int] = frozenset()
    contacts: frozenset[int] = frozenset()
    treatments: frozenset[int] = frozenset()
    flags: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Arrived:
    """The rows about a patient that have arrived since the meeting began. Each element of
    ``answers`` is a pair of a recommendation and its answer.
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
    """Raise ``NotRunning`` if the meeting has ended, because an ended meeting cannot start
    again.
    """
    if ended_at is not None:
        raise NotRunning


def check_can_end(started_at: datetime | None) -> None:
    """Raise ``NotRunning`` if the meeting has not begun, because only a running meeting can end."""
    if started_at is None:
        raise NotRunning


def check_can_decide(started_at: datetime | None, ended_at: datetime | None) -> None:
    """Raise ``NotRunning`` unless the meeting is running. Only in a running meeting can a case be
    opened or decided.
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
    """Return the position of ``item`` on the agenda, counted from 1, and the number of cases on the
    agenda.
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
    """Return the cases of the meeting that have no outcome yet."""
    return tuple(item for item in meeting.items if item.outcome is None)


def seconds_on(meeting: Meeting, item: MeetingItem) -> int:
    """Return the time spent on a case so far, in seconds."""
    here = meeting.seconds_here if item.id == meeting.current_item_id else 0
    return item.seconds_spent + here


def seconds_in_all(meeting: Meeting) -> int:
    """Return the time spent on all cases of the meeting so far, in seconds. Time while neither the
    psychiatrist nor the nurse had the page open is not counted.
    """
    return sum(item.seconds_spent for item in meeting.items) + meeting.seconds_here


def runs_over(seconds: int, pace: int) -> bool:
    """Return whether a case takes clearly longer than usual. ``seconds`` is the time spent on the
    case so far. ``pace`` is the usual time for a case, in seconds.
    """
    return seconds > OVER * pace


def to_do(summary: MeetingSummary, role: str) -> tuple[ToDo, ...]:
    """Return the tasks of the people of this ``role``, sorted by due date. Tasks without a due date
    come last.

    The tasks are the recommendations that the reviews of the meeting gave or kept, also those that
    are already answered. Recommendations that were withdrawn, replaced or kept again later are left
    out.
    """
    lines = [
        ToDo(one.item.episode_id, one.identity, line)
        for one in summary.agreed
        if one.review is not None
        for line in lines_of(one.review)
        if line.owner_role == role
    ]
    return tuple(sorted(lines, key=lambda one: one.line.current_due_on or date.max))


def with_outcome(summary: MeetingSummary, outcome: str) -> tuple[Agreed, ...]:
    """Return the cases with this outcome, in the order of the agenda."""
    return tuple(one for one in summary.agreed if one.item.outcome == outcome)


def left_open(summary: MeetingSummary, *, reached: bool) -> tuple[Agreed, ...]:
    """Return the cases without a decision, in the order of the agenda: those that the meeting has
    ``reached``, because they were opened in it, or those that it has not.
    """
    return tuple(
        one
        for one in summary.agreed
        if one.item.outcome is None and (one.item.seconds_spent > 0) is reached
    )


def arrived(case: CaseFile, known: Known, since: datetime) -> Arrived:
    """Return the rows of ``case`` that have arrived since the meeting began at ``since``.

    The registry does not record when a row arrived. Therefore the ids of all rows are stored when
    the meeting begins; ``known`` has these ids.
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
    """Return the row ids stored in the JSON data ``content``; None if no ids were stored."""
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
