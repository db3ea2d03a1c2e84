"""Preparing a meeting: who is on its agenda and why, in what order, how long it will take."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from statistics import median
from uuid import UUID

from dashboard.clinical.caseload.rules import Reason, Tier
from dashboard.clinical.episodes import EpisodeFacts
from dashboard.clinical.people import Identity, Person
from dashboard.clinical.remarks import Remark
from dashboard.vocabulary import ChosenBy

CHOSEN_UP_TO = Tier.REVIEW_DUE
"""The rules of tiers 0 to 2 put a patient on the agenda, whether the time suffices or not."""

USUAL_MINUTES = 60
"""The length of a meeting whose pair has not chosen one: twelve cases of five [proposal]."""

LENGTHS = (30, 45, 60, 75, 90, 120, 150, 180)
"""The lengths that a pair can choose, in minutes."""

TOO_LITTLE_TIME_AFTER = 4
"""So many meetings running without room for tiers 0 to 2 are said to psychiatrist and lead."""

USUAL_SECONDS = 300
"""Five minutes a case, where a pair has no pace of its own yet [proposal]."""

ENOUGH_CASES = 5
"""From so many cases on, the pair's own median is its pace [proposal]."""

UNCONFIRMED_DAYS = 30
"""After so long, a treatment that nobody has spoken of may not be taken any more [proposal]."""

UNANSWERED_AFTER = timedelta(days=7)
"""The time after which advice without any answer is missing before a meeting."""

SEQUENCE_ENDS_WITHIN = timedelta(days=14)
"""The time before its end from which the nurse prepares what follows a sequence."""

SAID_BY_NO_RULE = ("item9_unknown", "treatment_unconfirmed")
"""What is missing without being a reason on the review list."""

NO_LONGER_DUE = "no_longer_due"
"""Why a patient is off the agenda whom nobody took off: what put them there is gone."""


class MeetingStarted(Exception):
    """The meeting has begun: its agenda does not change any more."""


def check_can_change(started_at: datetime | None) -> None:
    """Raise ``MeetingStarted`` where the meeting of an agenda has begun."""
    if started_at is not None:
        raise MeetingStarted


def can_change(started_at: datetime | None) -> bool:
    """Return whether the agenda of a meeting can still be changed."""
    try:
        check_can_change(started_at)
    except MeetingStarted:
        return False
    return True


class ReasonMissing(ValueError):
    """Whoever takes a patient off the agenda says why."""


class NotOnAgenda(LookupError):
    """This episode is not on the agenda, or not any more."""


@dataclass(frozen=True)
class Preparation:
    """What the nurse has prepared of an episode. ``asked_at`` is none while nothing is kept.

    ``saved_at`` is there where it has just been saved.
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
        """Whether a question was made ready."""
        return self.ready_at is not None and bool(self.question.strip())

    @property
    def chooses(self) -> bool:
        """Whether it puts the patient on the agenda: a question, or the wish to discuss."""
        return self.wants_discussion or self.asks


@dataclass(frozen=True)
class CaseToPrepare:
    """An open episode before the meeting of its psychiatrist and its nurse.

    ``rank`` counts from 1 within what was read; ``reasons`` are as on the review list.
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
    """An item as it was written down last, with the day on which it was taken off."""

    patient_id: int
    episode_id: int
    chosen_by: str
    removed_on: date | None = None
    removed_reason: str | None = None


@dataclass(frozen=True)
class AgendaItem:
    """A patient on the agenda, or taken off it for ``removed_reason``.

    ``chosen_by`` is ``deferred``, ``nurse`` or ``rule``; ``deferral`` is why the last meeting
    put the case off. ``is_new`` says that it came after the agenda was sent.
    """

    case: CaseToPrepare
    chosen_by: str
    deferral: str | None = None
    removed_reason: str | None = None
    is_new: bool = False

    @property
    def episode_id(self) -> int:
        return self.case.episode_id


@dataclass(frozen=True)
class Pace:
    """Seconds a case. ``cases`` is how many it was measured on, none where it is assumed."""

    seconds: int
    cases: int | None = None

    def minutes_for(self, cases: int) -> int:
        """How long so many cases take, in whole minutes, rounded up."""
        return -(-cases * self.seconds // 60)


@dataclass(frozen=True)
class Agenda:
    """The next agenda of a psychiatrist and a nurse: ``items`` in order, ``off`` taken off.

    ``cases`` are all that the two share, in the order of the review list. ``meeting_id`` is
    none as long as nothing of it was written down. ``length`` is that of the meeting, in
    minutes; ``short_of_time`` that the last four meetings had no room for tiers 0 to 2.
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
        """How long it will take at the pair's usual pace."""
        return self.pace.minutes_for(len(self.items))

    @property
    def room(self) -> int:
        """How many cases the meeting has time for at the pair's pace."""
        return room_for(self.length, self.pace)

    @property
    def due(self) -> int:
        """How many patients of the pair have a rule of tiers 0 to 2."""
        return sum(case.tier <= CHOSEN_UP_TO for case in self.cases)

    @property
    def order(self) -> list[int]:
        """The episodes on it, in order."""
        return [item.episode_id for item in self.items]

    @property
    def others(self) -> list[CaseToPrepare]:
        """The patients who are neither on it nor taken off."""
        placed = {item.episode_id for item in (*self.items, *self.off)}
        return [case for case in self.cases if case.episode_id not in placed]

    def case_of(self, episode_id: int) -> CaseToPrepare:
        """The case of this episode, one of ``cases``."""
        return next(case for case in self.cases if case.episode_id == episode_id)

    def item_of(self, episode_id: int) -> AgendaItem | None:
        """The place of this patient, on it or taken off."""
        items = (*self.items, *self.off)
        return next((item for item in items if item.episode_id == episode_id), None)


def room_for(minutes: int, pace: Pace) -> int:
    """Return how many cases so many minutes have room for, one at least."""
    return max(1, minutes * 60 // pace.seconds)


def proposed(
    cases: Iterable[CaseToPrepare],
    deferred: Mapping[int, str | None],
    room: int,
    taken_off: Container[int] = (),
) -> list[AgendaItem]:
    """Return who belongs on the agenda, each once.

    First those put off last time, then those with a rule of tiers 0 to 2 and those whom the
    nurse chose, by rank, however many they are; then those of tier 3, by rank, until the
    ``room`` is full (docs/review_list.md, "The agenda"). ``deferred`` are the episodes that the
    last meeting put off, in its order, with the reason; those ``taken_off`` need no room.
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
    """Return whether the last four meetings had no room for tiers 0 to 2.

    ``meetings`` are those that have ended, the latest first, as (due, room); a meeting of
    which that is not known had room.
    """
    last = meetings[:TOO_LITTLE_TIME_AFTER]
    return len(last) == TOO_LITTLE_TIME_AFTER and all(
        due is not None and room is not None and due > room for due, room in last
    )


def merged(
    proposal: Sequence[AgendaItem], stored: Sequence[StoredItem]
) -> tuple[tuple[AgendaItem, ...], tuple[AgendaItem, ...]]:
    """The proposal in the order that was kept by hand, and those taken off.

    What has come since stands behind what precedes it in the proposal; what is no longer
    proposed is gone. Whoever was taken off stays off, unless a safety rule has come to hold
    on a later day.
    """
    by_episode = {item.episode_id: item for item in proposal}
    kept = {one.episode_id: one for one in stored if one.episode_id in by_episode}
    off = [
        replace(by_episode[one.episode_id], removed_reason=one.removed_reason)
        for one in kept.values()
        if _stays_off(one, by_episode[one.episode_id].case)
    ]
    gone = {item.episode_id for item in off}
    by_hand = [episode for episode, one in kept.items() if one.removed_reason is None]
    order = woven(by_hand, [episode for episode in by_episode if episode not in gone])
    return tuple(by_episode[episode] for episode in order), tuple(off)


def woven(first: Iterable[int], second: Sequence[int]) -> list[int]:
    """What is in ``second``, in the order of ``first``; the rest behind what precedes it."""
    order = [one for one in dict.fromkeys(first) if one in second]
    before: int | None = None
    for one in second:
        if one not in order:
            order.insert(0 if before is None else order.index(before) + 1, one)
        before = one
    return order


def reordered(agenda: Agenda, order: Iterable[int]) -> Agenda:
    """The agenda in this order; whoever is not named stays behind whom they follow now."""
    items = {item.episode_id: item for item in agenda.items}
    return replace(agenda, items=tuple(items[one] for one in woven(order, agenda.order)))


def without(agenda: Agenda, episode_id: int, reason: str) -> Agenda:
    """The agenda without this patient. Raises ``ReasonMissing`` or ``NotOnAgenda``."""
    if not reason.strip():
        raise ReasonMissing
    item = _item(agenda.items, episode_id)
    return replace(
        agenda,
        items=tuple(one for one in agenda.items if one is not item),
        off=(*agenda.off, replace(item, removed_reason=reason.strip())),
    )


def put_back(agenda: Agenda, episode_id: int) -> Agenda:
    """The agenda with a patient who was taken off, at its end. Raises ``NotOnAgenda``."""
    item = _item(agenda.off, episode_id)
    return replace(
        agenda,
        items=(*agenda.items, replace(item, removed_reason=None)),
        off=tuple(one for one in agenda.off if one is not item),
    )


def next_to_prepare(agenda: Agenda, after: int | None = None) -> int | None:
    """The next patient on the agenda who is not ready, from behind this one round to it."""
    place = agenda.order.index(after) + 1 if after in agenda.order else 0
    for item in (*agenda.items[place:], *agenda.items[:place]):
        if item.case.preparation.ready_at is None and item.episode_id != after:
            return item.episode_id
    return None


def case_to_show(agenda: Agenda, named: str) -> CaseToPrepare:
    """The case that an address names; else the first to prepare, else the first of all."""
    by_name = {str(case.episode_id): case for case in agenda.cases}
    first = next_to_prepare(agenda) or next(iter(agenda.order), agenda.cases[0].episode_id)
    return by_name.get(named) or by_name[str(first)]


def usual_pace(seconds: Sequence[int]) -> Pace:
    """The median of what past cases took; ``USUAL_SECONDS`` where there are too few."""
    if len(seconds) < ENOUGH_CASES:
        return Pace(USUAL_SECONDS)
    return Pace(round(median(seconds)), len(seconds))


def next_meeting_day(last_held_on: date | None, today: date) -> date:
    """The weekday of the last meeting, from today on and never its own day; else today."""
    if last_held_on is None:
        return today
    if last_held_on >= today:
        return last_held_on + timedelta(weeks=1)
    return today + timedelta(days=(last_held_on - today).days % 7)


def missing_before(
    episode: EpisodeFacts, reasons: Iterable[Reason], today: date
) -> tuple[Remark, ...]:
    """What the nurse can still get before the meeting.

    ``score_overdue`` where its rule holds; ``sequence_ending`` within 14 days and
    ``advice_unanswered`` (late, or without any answer for a week) at any need, reviewed or not;
    ``item9_unknown`` of the latest PHQ-9, ``treatment_unconfirmed`` since a day.
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
    """Return the day since which a standing recommendation is late or without any answer."""
    late = [
        advice.due_on + timedelta(days=1)
        for advice in episode.standing_advice
        if advice.outcome is None and advice.due_on is not None and advice.due_on < today
    ]
    silent = [
        advice.sent_on + UNANSWERED_AFTER
        for advice in episode.standing_advice
        if advice.answered_on is None and advice.sent_on + UNANSWERED_AFTER <= today
    ]
    return min(late + silent, default=None)


def treatment_unconfirmed_since(episode: EpisodeFacts, today: date) -> date | None:
    """The last day on which the current treatment was known to be taken, if that is long ago.

    The registry does not say when a treatment was confirmed. It counts as confirmed on the
    day of a kept contact, at which the nurse asks, and on the day on which a current drug
    was begun or its dose changed. None where there is no treatment, or none so long ago.
    """
    starts = [row.started_on for row in episode.medications if row.current_on(today)]
    if not starts:
        return None
    kept = [contact.day for contact in episode.contacts if contact.attended]
    last = max(starts + kept)
    return last if last <= today - timedelta(days=UNCONFIRMED_DAYS) else None


def _stays_off(stored: StoredItem, case: CaseToPrepare) -> bool:
    if stored.removed_reason in (None, NO_LONGER_DUE):
        return False
    return not any(
        reason.tier == Tier.SAFETY
        and stored.removed_on is not None
        and reason.since > stored.removed_on
        for reason in case.reasons
    )


def _item(items: Iterable[AgendaItem], episode_id: int) -> AgendaItem:
    for item in items:
        if item.episode_id == episode_id:
            return item
    raise NotOnAgenda(episode_id)
