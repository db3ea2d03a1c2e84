"""The preparation of a meeting of a psychiatrist and a nurse: the patients on its agenda, their
order, and the expected length of the meeting.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from statistics import median
from uuid import UUID

from dashboard.calendar import PARIS
from dashboard.clinical.caseload.rules import Reason, Tier, alerted_after
from dashboard.clinical.episodes import EpisodeFacts
from dashboard.clinical.meeting.meeting_days import usual_weekday
from dashboard.clinical.people import Identity, Person
from dashboard.clinical.remarks import Remark
from dashboard.vocabulary import ChosenBy

CHOSEN_UP_TO = Tier.REVIEW_DUE
"""Patients for whom a rule of tiers 0 to 2 (the urgent tiers) holds are always proposed for the
agenda, even if the meeting is too short for all of them.
"""

USUAL_MINUTES = 60
"""The length of a meeting, in minutes, if the psychiatrist and the nurse have not chosen a length
[proposal]. It is enough for twelve cases of five minutes.
"""

LENGTHS = (30, 45, 60, 75, 90, 120, 150, 180)
"""The lengths of a meeting that a psychiatrist and a nurse can choose, in minutes."""

MEETINGS_APART = timedelta(days=4)
"""The smallest time from one meeting to the next [proposal]. It is shorter than a week. Therefore a
meeting that was held up to three days late does not move the next meeting.
"""

TOO_LITTLE_TIME_AFTER = 4
"""The number of consecutive meetings that were too short for the cases of tiers 0 to 2 after which
the psychiatrist and the medical lead are told.
"""

USUAL_SECONDS = 300
"""The time that a psychiatrist and a nurse are assumed to need for a case, in seconds, until their
own time is measured [proposal].
"""

ENOUGH_CASES = 5
"""The smallest number of measured cases from which the usual time for a case is computed. With
fewer cases, ``USUAL_SECONDS`` is used [proposal].
"""

UNCONFIRMED_DAYS = 30
"""A treatment counts as unconfirmed if its last confirmation was this many days ago or more,
because the patient may no longer take it [proposal].
"""

UNANSWERED_AFTER = timedelta(days=7)
"""Before a meeting, the nurse is told of advice that has been without any answer for this long."""

SEQUENCE_ENDS_WITHIN = timedelta(days=14)
"""The time before the end of a care sequence from which the nurse is asked to prepare the next
step.
"""

SAID_BY_NO_RULE = ("item9_unknown", "treatment_unconfirmed")
"""The codes of missing data that the nurse can still get before a meeting, but that no rule of the
review list reports.
"""

NO_LONGER_DUE = "no_longer_due"
"""The stored reason when a patient is taken off the agenda automatically. The rule or the choice
that put the patient on the agenda no longer holds.
"""


class MeetingStarted(Exception):
    """The error raised for a change to the agenda of a meeting that has begun."""


def check_can_change(started_at: datetime | None) -> None:
    """Raise ``MeetingStarted`` if the meeting has begun. ``started_at`` is the time of its start,
    or None.
    """
    if started_at is not None:
        raise MeetingStarted


def can_change(started_at: datetime | None) -> bool:
    """Return whether the agenda can still be changed. ``started_at`` is the start of the meeting,
    or None.
    """
    try:
        check_can_change(started_at)
    except MeetingStarted:
        return False
    return True


class ReasonMissing(ValueError):
    """The error raised when a patient is taken off the agenda without a reason."""


class NotOnAgenda(LookupError):
    """The error raised for an episode that is not, or no longer, on the agenda."""


@dataclass(frozen=True)
class Preparation:
    """The nurse's preparation of an episode for the next meeting.

    ``asked_at`` is None if nothing is stored. ``ready_at`` is None until the nurse has made the
    preparation ready. ``saved_at`` is set only right after the preparation was saved.
    """

    id: UUID
    question: str = ""
    tried: str = ""
    wants_discussion: bool = False
    asked_at: datetime | None = None
    ready_at: datetime | None = None
    saved_at: datetime | None = None

    @property
    def asks(self) -> bool:
        """Whether the nurse has made a question ready."""
        return self.ready_at is not None and bool(self.question.strip())

    @property
    def chooses(self) -> bool:
        """Whether the preparation puts the patient on the agenda: a question is ready, or the nurse
        wants to discuss the patient.
        """
        return self.wants_discussion or self.asks


@dataclass(frozen=True)
class CaseToPrepare:
    """An open episode of a psychiatrist and a nurse, with all that the nurse needs to prepare it
    for the meeting.

    ``rank`` counts from 1 among the episodes that were read. ``reasons`` are the rules of the
    review list that hold.
    """

    rank: int
    tier: Tier
    reasons: tuple[Reason, ...]
    facts: EpisodeFacts
    identity: Identity
    psychiatrist: Person
    nurse: Person
    missing: tuple[Remark, ...]
    preparation: Preparation

    @property
    def episode_id(self) -> int:
        return self.facts.episode_id


@dataclass(frozen=True)
class StoredItem:
    """An item of the agenda, as stored.

    ``removed_at`` is when the patient was taken off the agenda; None while the patient is on it.
    ``removed_in_tier`` is the patient's tier on the review list at that time; None if the removal
    is older than migration 0029, which began to store it.
    """

    patient_id: int
    episode_id: int
    chosen_by: str
    removed_at: datetime | None = None
    removed_reason: str | None = None
    removed_in_tier: int | None = None


@dataclass(frozen=True)
class AgendaItem:
    """A patient who is on the agenda, or was taken off the agenda for ``removed_reason``.

    ``chosen_by`` is a value of ``ChosenBy``. ``deferral`` is the reason why a meeting deferred the
    case, which was not reviewed since. ``not_reached`` is true if the last meeting ended before the
    case was opened; the order of the agenda does not depend on it. ``is_new`` is true if the
    patient was added after the agenda was sent. ``removed_at`` is None if the removal is not stored
    yet. ``removed_in_tier`` is the patient's tier at the removal, as in ``StoredItem``.
    """

    case: CaseToPrepare
    chosen_by: str
    deferral: str | None = None
    removed_reason: str | None = None
    removed_at: datetime | None = None
    removed_in_tier: int | None = None
    is_new: bool = False
    not_reached: bool = False

    @property
    def episode_id(self) -> int:
        return self.case.episode_id


@dataclass(frozen=True)
class Pace:
    """The usual time that a psychiatrist and a nurse need for a case, in seconds.

    ``cases`` is the number of cases from which the time was computed; None if the time is only
    assumed.
    """

    seconds: int
    cases: int | None = None

    def minutes_for(self, cases: int) -> int:
        """Return the time for this number of cases, in whole minutes, rounded up."""
        return -(-cases * self.seconds // 60)


@dataclass(frozen=True)
class Agenda:
    """The next agenda of a psychiatrist and a nurse.

    ``items`` are the items on the agenda, in order. ``off`` are the items that were taken off.
    ``cases`` are all open episodes of the two, in the order of the review list. ``meeting_id`` is
    None until the meeting is stored. ``length`` is the planned length of the meeting, in minutes.
    ``short_of_time`` is true if each of the last four meetings was too short for its cases of tiers
    0 to 2.
    """

    psychiatrist: Person
    nurse: Person
    cases: tuple[CaseToPrepare, ...]
    held_on: date
    pace: Pace
    length: int = USUAL_MINUTES
    short_of_time: bool = False
    meeting_id: UUID | None = None
    sent_at: datetime | None = None
    started_at: datetime | None = None
    items: tuple[AgendaItem, ...] = ()
    off: tuple[AgendaItem, ...] = ()

    @property
    def minutes(self) -> int:
        """The expected length of the meeting, in minutes, at the usual pace of the psychiatrist and
        the nurse.
        """
        return self.pace.minutes_for(len(self.items))

    @property
    def room(self) -> int:
        """The number of cases for which the meeting has time, at the usual pace of the psychiatrist
        and the nurse.
        """
        return room_for(self.length, self.pace)

    @property
    def due(self) -> int:
        """The number of patients of the psychiatrist and the nurse for whom a rule of tiers 0 to 2
        holds.
        """
        return sum(case.tier <= CHOSEN_UP_TO for case in self.cases)

    @property
    def needs_more_time(self) -> bool:
        """Whether this meeting, and each of the last four, is too short for its cases of tiers 0 to
        2.
        """
        return self.short_of_time and self.due > self.room

    @property
    def order(self) -> list[int]:
        """The ids of the episodes on the agenda, in order."""
        return [item.episode_id for item in self.items]

    @property
    def others(self) -> list[CaseToPrepare]:
        """The cases of the psychiatrist and the nurse that are neither on the agenda nor taken
        off.
        """
        placed = {item.episode_id for item in (*self.items, *self.off)}
        return [case for case in self.cases if case.episode_id not in placed]

    def case_of(self, episode_id: int) -> CaseToPrepare:
        """Return the element of ``cases`` with this episode id."""
        return next(case for case in self.cases if case.episode_id == episode_id)

    def item_of(self, episode_id: int) -> AgendaItem | None:
        """Return the agenda item of this episode, even if it was taken off; None if there is
        none.
        """
        items = (*self.items, *self.off)
        return next((item for item in items if item.episode_id == episode_id), None)


def room_for(minutes: int, pace: Pace) -> int:
    """Return the number of cases for which ``minutes`` are enough at this pace; at least one."""
    return max(1, minutes * 60 // pace.seconds)


def proposed(
    cases: Iterable[CaseToPrepare],
    deferred: Mapping[int, str | None],
    room: int,
    taken_off: Container[int] = (),
) -> list[AgendaItem]:
    """Return the proposed items of the agenda (docs/review_list.md, "The agenda"), in this order:

    - the cases that a meeting deferred and that were not reviewed since;
    - all cases with a rule of tiers 0 to 2 and all cases that the nurse has chosen, by rank;
    - cases of tier 3, by rank, until ``room`` cases are on the agenda.

    ``deferred`` gives the episodes of these deferred cases, in their order, with the reasons.
    Episodes in ``taken_off`` are among the items, but use no room.
    """
    known = {case.episode_id: case for case in sorted(cases, key=lambda case: case.rank)}
    put_off = [
        AgendaItem(known[episode], ChosenBy.DEFERRED, deferral=reason)
        for episode, reason in deferred.items()
        if episode in known
    ]
    others = [case for case in known.values() if case.episode_id not in deferred]
    chosen = [
        AgendaItem(case, ChosenBy.NURSE if case.preparation.chooses else ChosenBy.RULE)
        for case in others
        if case.preparation.chooses or case.tier <= CHOSEN_UP_TO
    ]
    items = put_off + chosen
    left = room - sum(item.episode_id not in taken_off for item in items)
    for case in others:
        if case.tier is not Tier.FOLLOW_UP or case.preparation.chooses:
            continue
        if case.episode_id not in taken_off:
            if left <= 0:
                break
            left -= 1
        items.append(AgendaItem(case, ChosenBy.RULE))
    return items


def short_of_time(meetings: Sequence[tuple[int | None, int | None]]) -> bool:
    """Return whether each of the last four meetings was too short for its cases of tiers 0 to 2.

    ``meetings`` are the ended meetings, the latest first. Each is a pair of numbers: the cases of
    tiers 0 to 2, and the cases for which there was time. If a number is None (unknown), the meeting
    counts as long enough.
    """
    last = meetings[:TOO_LITTLE_TIME_AFTER]
    return len(last) == TOO_LITTLE_TIME_AFTER and all(
        due is not None and room is not None and due > room for due, room in last
    )


def merged(
    proposal: Sequence[AgendaItem], stored: Sequence[StoredItem]
) -> tuple[tuple[AgendaItem, ...], tuple[AgendaItem, ...]]:
    """Combine the proposed items of an agenda with the stored ones. Return the items on the agenda,
    in order, and the items that were taken off.

    The items are in the order that the psychiatrist and the nurse chose. A new item comes right
    after the item that precedes it in the proposal. A stored item that is no longer proposed is
    left out. A patient who was taken off stays off, unless the removal was automatic. A new
    danger also ends the removal: the patient is in tier 0 now and was not then, a safety rule has
    begun to hold on a later day, or an alert of suicide has come since.
    """
    by_episode = {item.episode_id: item for item in proposal}
    kept = {one.episode_id: one for one in stored if one.episode_id in by_episode}
    off = [
        replace(
            by_episode[one.episode_id],
            removed_reason=one.removed_reason,
            removed_at=one.removed_at,
            removed_in_tier=one.removed_in_tier,
        )
        for one in kept.values()
        if _stays_off(one, by_episode[one.episode_id].case)
    ]
    gone = {item.episode_id for item in off}
    by_hand = [episode for episode, one in kept.items() if one.removed_reason is None]
    order = woven(by_hand, [episode for episode in by_episode if episode not in gone])
    return tuple(by_episode[episode] for episode in order), tuple(off)


def woven(first: Iterable[int], second: Sequence[int]) -> list[int]:
    """Return the elements of ``second``, sorted as in ``first``.

    An element that is not in ``first`` comes right after the element that precedes it in
    ``second``. If none precedes it, it comes first.
    """
    order = [one for one in dict.fromkeys(first) if one in second]
    before: int | None = None
    for one in second:
        if one not in order:
            order.insert(0 if before is None else order.index(before) + 1, one)
        before = one
    return order


def reordered(agenda: Agenda, order: Iterable[int]) -> Agenda:
    """Return the agenda with its items in the order of the episode ids in ``order``. An item whose
    episode is not in ``order`` stays right after the item that precedes it now.
    """
    items = {item.episode_id: item for item in agenda.items}
    return replace(agenda, items=tuple(items[one] for one in woven(order, agenda.order)))


def without(agenda: Agenda, episode_id: int, reason: str) -> Agenda:
    """Return the agenda after taking this patient off it. If the patient was already taken off, the
    agenda does not change, and the first reason stays.

    Raise ``ReasonMissing`` if ``reason`` is empty. Raise ``NotOnAgenda`` if the patient is not on
    the agenda.
    """
    if not reason.strip():
        raise ReasonMissing
    if _has(agenda.off, episode_id):
        return agenda
    item = _item(agenda.items, episode_id)
    removed = replace(item, removed_reason=reason.strip(), removed_in_tier=int(item.case.tier))
    return replace(
        agenda,
        items=tuple(one for one in agenda.items if one is not item),
        off=(*agenda.off, removed),
    )


def put_back(agenda: Agenda, episode_id: int) -> Agenda:
    """Return the agenda after putting back this patient, who was taken off. The patient comes last.
    If the patient is already on the agenda, the agenda does not change.

    Raise ``NotOnAgenda`` if the patient is neither on the agenda nor taken off it.
    """
    if _has(agenda.items, episode_id):
        return agenda
    item = _item(agenda.off, episode_id)
    return replace(
        agenda,
        items=(
            *agenda.items,
            replace(item, removed_reason=None, removed_at=None, removed_in_tier=None),
        ),
        off=tuple(one for one in agenda.off if one is not item),
    )


def next_to_prepare(agenda: Agenda, after: int | None = None) -> int | None:
    """Return the episode id of the next patient on the agenda whose preparation is not ready; None
    if all are ready.

    The search begins after the episode ``after`` and continues from the top of the agenda.
    ``after`` itself is never returned.
    """
    place = agenda.order.index(after) + 1 if after in agenda.order else 0
    for item in (*agenda.items[place:], *agenda.items[:place]):
        if item.case.preparation.ready_at is None and item.episode_id != after:
            return item.episode_id
    return None


def case_to_show(agenda: Agenda, named: str) -> CaseToPrepare:
    """Return the case whose id is the text ``named``, which comes from the page's address. If there
    is no such case, return the first case to prepare. If every case is prepared, return the first
    case on the agenda. If the agenda is empty, return the first of all cases.
    """
    by_name = {str(case.episode_id): case for case in agenda.cases}
    first = next_to_prepare(agenda) or next(iter(agenda.order), agenda.cases[0].episode_id)
    return by_name.get(named) or by_name[str(first)]


def usual_pace(seconds: Sequence[int]) -> Pace:
    """Return the usual time of a psychiatrist and a nurse for a case, computed from their past
    cases.

    ``seconds`` has the time that they spent on each past case. The usual time is the median. If
    there are fewer than ``ENOUGH_CASES`` cases, it is ``USUAL_SECONDS``.
    """
    if len(seconds) < ENOUGH_CASES:
        return Pace(USUAL_SECONDS)
    return Pace(round(median(seconds)), len(seconds))


def next_meeting_day(held_on: Sequence[date], today: date) -> date:
    """Return the day of the next meeting of a psychiatrist and a nurse. It is the next day that
    falls on the usual weekday of their meetings; this can be today. A day within three days after
    the last meeting is skipped.

    ``held_on`` are the days of their past meetings. If it is empty, return today.
    """
    weekday = usual_weekday(held_on)
    if weekday is None:
        return today
    earliest = max(today, max(held_on) + MEETINGS_APART)
    return earliest + timedelta(days=(weekday - earliest.weekday()) % 7)


def missing_before(
    episode: EpisodeFacts, reasons: Iterable[Reason], today: date
) -> tuple[Remark, ...]:
    """Return the missing data that the nurse can still get before the meeting.

    The codes are:

    - ``score_overdue``, if the rule of this name holds;
    - ``sequence_ending``, if the sequence has ended or ends within 14 days;
    - ``advice_unanswered``, if advice is late, or has had no answer for a week;
    - ``item9_unknown``, if item 9 of the latest PHQ-9 is unknown;
    - ``treatment_unconfirmed``, with the day of the last confirmation.

    ``sequence_ending`` and ``advice_unanswered`` are also reported when the rules of the review
    list do not report them: at low need, or after a review.
    """
    holding = {reason.rule.id for reason in reasons}
    measured = episode.latest.day if episode.latest else None
    unconfirmed = treatment_unconfirmed_since(episode, today)
    unanswered = _unanswered_since(episode, today)
    sequence = episode.sequence
    ending = sequence is not None and sequence.ends_on <= today + SEQUENCE_ENDS_WITHIN
    found = (
        ("score_overdue", "score_overdue" in holding, measured),
        ("item9_unknown", episode.item9_state == "unknown", measured),
        ("treatment_unconfirmed", unconfirmed is not None, unconfirmed),
        ("sequence_ending", ending, sequence.ends_on if sequence else None),
        ("advice_unanswered", unanswered is not None, unanswered),
    )
    return tuple(Remark(code, day=day) for code, holds, day in found if holds)


def _unanswered_since(episode: EpisodeFacts, today: date) -> date | None:
    """Return the first day on which a standing recommendation was overdue, or had been without an
    answer for a week since it was sent. None if there is no such recommendation.
    """
    late = [
        advice.due_on + timedelta(days=1)
        for advice in episode.standing_advice
        if advice.outcome is None and advice.due_on is not None and advice.due_on < today
    ]
    silent = [
        advice.sent_on + UNANSWERED_AFTER
        for advice in episode.standing_advice
        if not advice.is_answered_since_sent and advice.sent_on + UNANSWERED_AFTER <= today
    ]
    return min(late + silent, default=None)


def treatment_unconfirmed_since(episode: EpisodeFacts, today: date) -> date | None:
    """Return the day on which the current treatment was last confirmed. Return None if that day is
    less than 30 days ago, or if there is no treatment.

    The registry does not record confirmations. Each attended contact counts as one, because the
    nurse then asks about the treatment. The start of a current drug or dose counts too.
    """
    starts = [row.started_on for row in episode.medications if row.current_on(today)]
    if not starts:
        return None
    kept = [contact.day for contact in episode.contacts if contact.attended]
    last = max(starts + kept)
    return last if last <= today - timedelta(days=UNCONFIRMED_DAYS) else None


def _stays_off(stored: StoredItem, case: CaseToPrepare) -> bool:
    """Return whether somebody took the patient off the agenda, and no new danger brings the patient
    back (see ``merged``).
    """
    if stored.removed_reason in (None, NO_LONGER_DUE):
        return False
    removed_at = stored.removed_at
    if removed_at is None:
        return True
    # A form may be entered late, and its day may be before the removal.
    if case.tier == Tier.SAFETY and stored.removed_in_tier not in (None, Tier.SAFETY):
        return False
    holds_since = [reason.since for reason in case.reasons if reason.tier == Tier.SAFETY]
    return not any(since > removed_at.astimezone(PARIS).date() for since in holds_since) and not (
        holds_since and alerted_after(case.facts, removed_at)
    )


def _has(items: Iterable[AgendaItem], episode_id: int) -> bool:
    return any(item.episode_id == episode_id for item in items)


def _item(items: Iterable[AgendaItem], episode_id: int) -> AgendaItem:
    for item in items:
        if item.episode_id == episode_id:
            return item
    raise NotOnAgenda(episode_id)
