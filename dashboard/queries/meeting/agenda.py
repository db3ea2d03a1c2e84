"""The next agenda of a psychiatrist and a nurse, until their meeting starts.

It is worked out at each look: whom the rules, the nurse and the last meeting put on it, in the
order that was kept by hand. What is changed is written down whole, so that the meeting
finds in ``review.agenda_item`` what was on the screen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row, text

from dashboard.clinical.meeting.agenda import (
    NO_LONGER_DUE,
    TOO_LITTLE_TIME_AFTER,
    USUAL_MINUTES,
    Agenda,
    AgendaItem,
    CaseToPrepare,
    MeetingStarted,
    StoredItem,
    merged,
    next_meeting_day,
    proposed,
    put_back,
    reordered,
    short_of_time,
    without,
)
from dashboard.clinical.meeting.meetings import Pair
from dashboard.clinical.people import Person
from dashboard.database.audit.access_log import log_access
from dashboard.queries.meeting.meetings import pace_of_pair
from dashboard.queries.meeting.preparing import cases_of_pair


def agendas(connection: Connection, cases: Sequence[CaseToPrepare], as_of: date) -> list[Agenda]:
    """The next agenda of each pair among these cases, that with the most patients first.

    The cases are those of whoever acts; reading them was logged where they were read.
    """
    pairs = {(case.psychiatrist.id, case.nurse.id) for case in cases}
    found = [_agenda(connection, pair, _of_pair(cases, pair), as_of) for pair in sorted(pairs)]
    return sorted(found, key=lambda agenda: -len(agenda.items))


def next_agenda(connection: Connection, psychiatrist_id: int, nurse_id: int, as_of: date) -> Agenda:
    """The next agenda of this pair as it stands. Writes its row in the access log."""
    pair = (psychiatrist_id, nurse_id)
    agenda = _agenda(connection, pair, cases_of_pair(connection, *pair, as_of), as_of)
    _log(connection, "agenda_opened", agenda)
    return agenda


def make_agenda(connection: Connection, psychiatrist_id: int, nurse_id: int, as_of: date) -> UUID:
    """Write the next agenda of this pair down as it stands; the id of its meeting.

    Its items are those of ``review.agenda_item`` without ``removed_at``, numbered from 1. A
    meeting that has started, and is not over, stays as it is.
    """
    return _written(connection, (psychiatrist_id, nurse_id), as_of, "agenda_made")


def save_order(
    connection: Connection, psychiatrist_id: int, nurse_id: int, order: Iterable[int], as_of: date
) -> UUID:
    """Keep this order of the episodes. Raises ``MeetingStarted``."""
    return _change(
        connection, (psychiatrist_id, nurse_id), as_of, lambda one: reordered(one, order)
    )


def take_off(
    connection: Connection,
    psychiatrist_id: int,
    nurse_id: int,
    episode_id: int,
    reason: str,
    as_of: date,
) -> UUID:
    """Take a patient off. Raises ``ReasonMissing``, ``NotOnAgenda`` or ``MeetingStarted``."""
    pair = (psychiatrist_id, nurse_id)
    return _change(connection, pair, as_of, lambda one: without(one, episode_id, reason))


def return_to_agenda(
    connection: Connection, psychiatrist_id: int, nurse_id: int, episode_id: int, as_of: date
) -> UUID:
    """Put a patient back who was taken off. Raises ``NotOnAgenda`` or ``MeetingStarted``."""
    pair = (psychiatrist_id, nurse_id)
    return _change(connection, pair, as_of, lambda one: put_back(one, episode_id))


def choose_day(
    connection: Connection, psychiatrist_id: int, nurse_id: int, held_on: date, as_of: date
) -> UUID:
    """Say on which day the meeting is to be held. Raises ``MeetingStarted``."""
    pair = (psychiatrist_id, nurse_id)
    return _change(connection, pair, as_of, lambda one: replace(one, held_on=held_on))


def choose_length(
    connection: Connection, psychiatrist_id: int, nurse_id: int, minutes: int, as_of: date
) -> UUID:
    """Set how many minutes the meeting lasts. Raises ``MeetingStarted``."""
    pair = (psychiatrist_id, nurse_id)
    meeting = _locked(connection, pair, as_of)
    if meeting.started_at is not None:
        raise MeetingStarted
    connection.execute(text(_SET_LENGTH), {"meeting": meeting.id, "minutes": minutes})
    return _written(connection, pair, as_of, "agenda_changed")


def send_agenda(connection: Connection, psychiatrist_id: int, nurse_id: int, as_of: date) -> UUID:
    """Send the agenda to the psychiatrist. Raises ``MeetingStarted``.

    It can still be changed; what comes by itself after that is marked as new until it is
    sent again.
    """
    pair = (psychiatrist_id, nurse_id)
    meeting_id = _change(connection, pair, as_of, lambda one: one)
    connection.execute(text(_SEND), {"meeting": meeting_id})
    log_access(connection, "agenda_sent", meeting_id=meeting_id)
    return meeting_id


def pairs_short_of_time(connection: Connection) -> list[Pair]:
    """Return the pairs at the sites of the acting lead who had no room four times running."""
    rows = connection.execute(text("SELECT * FROM review.pairs_short_of_time()"))
    return [Pair(Person(*row[:3]), Person(*row[3:]), None) for row in rows]


def log_printed(connection: Connection, agenda: Agenda) -> None:
    """Write in the access log that this agenda was printed."""
    _log(connection, "agenda_printed", agenda)


_Pair = tuple[int, int]
"""The psychiatrist, then the nurse."""


def _of_pair(cases: Sequence[CaseToPrepare], pair: _Pair) -> list[CaseToPrepare]:
    return [case for case in cases if (case.psychiatrist.id, case.nurse.id) == pair]


def _change(connection: Connection, pair: _Pair, as_of: date, change: Any) -> UUID:
    meeting = _locked(connection, pair, as_of)
    if meeting.started_at is not None:
        raise MeetingStarted
    agenda = change(_agenda(connection, pair, cases_of_pair(connection, *pair, as_of), as_of))
    _write_down(connection, agenda)
    _log(connection, "agenda_changed", agenda)
    return meeting.id


def _written(connection: Connection, pair: _Pair, as_of: date, action: str) -> UUID:
    meeting = _locked(connection, pair, as_of)
    if meeting.started_at is None:
        agenda = _agenda(connection, pair, cases_of_pair(connection, *pair, as_of), as_of)
        _write_down(connection, agenda)
        _log(connection, action, agenda)
    return meeting.id


def _agenda(
    connection: Connection, pair: _Pair, cases: Sequence[CaseToPrepare], as_of: date
) -> Agenda:
    wanted = {"psychiatrist": pair[0], "nurse": pair[1]}
    meeting = connection.execute(text(_MEETING), wanted).one_or_none()
    last = connection.execute(text(_LAST_MEETINGS), wanted).all()
    agenda = Agenda(
        psychiatrist=cases[0].psychiatrist if cases else Person(pair[0], "?", ""),
        nurse=cases[0].nurse if cases else Person(pair[1], "?", ""),
        cases=tuple(cases),
        held_on=next_meeting_day(max((row.held_on for row in last), default=None), as_of),
        pace=pace_of_pair(connection, *pair),
        length=_length(meeting, last),
        short_of_time=short_of_time([(row.due_cases, row.room) for row in last]),
    )
    deferred = {row.episode_id: row.reason for row in connection.execute(text(_DEFERRED), wanted)}
    stored = [] if meeting is None else _stored(connection, meeting.id)
    taken_off = {
        one.episode_id for one in stored if one.removed_reason not in (None, NO_LONGER_DUE)
    }
    proposal = proposed(cases, deferred, agenda.room, taken_off)
    if meeting is None:
        return replace(agenda, items=tuple(proposal))
    items, off = merged(proposal, stored)
    if meeting.started_at is not None:
        items, off = _as_started(cases, stored), ()
    return replace(
        agenda,
        meeting_id=meeting.id,
        held_on=meeting.held_on if meeting.held_on >= as_of else agenda.held_on,
        sent_at=meeting.sent_at,
        started_at=meeting.started_at,
        items=_marked(items, stored) if meeting.sent_at else items,
        off=off,
    )


def _length(meeting: Row[Any] | None, last: Sequence[Row[Any]]) -> int:
    """Return the minutes chosen for this meeting, else those of the pair's last one."""
    chosen = [row.minutes for row in (*([] if meeting is None else [meeting]), *last)]
    return next((minutes for minutes in chosen if minutes is not None), USUAL_MINUTES)


def _as_started(
    cases: Sequence[CaseToPrepare], stored: Sequence[StoredItem]
) -> tuple[AgendaItem, ...]:
    """What the meeting goes through: what was written down, and nothing else."""
    known = {case.episode_id: case for case in cases}
    return tuple(
        AgendaItem(known[one.episode_id], one.chosen_by)
        for one in stored
        if one.removed_on is None and one.episode_id in known
    )


def _marked(items: Iterable[AgendaItem], stored: Sequence[StoredItem]) -> tuple[AgendaItem, ...]:
    """Those that were not on the agenda when it was last written down."""
    there = {one.episode_id for one in stored if one.removed_on is None}
    return tuple(replace(item, is_new=item.episode_id not in there) for item in items)


def _locked(connection: Connection, pair: _Pair, as_of: date) -> Row[Any]:
    """The pair's meeting that is not over, begun if there is none, until we have changed it."""
    wanted = {"psychiatrist": pair[0], "nurse": pair[1]}
    last_held_on = connection.execute(text(_LAST_HELD), wanted).scalar_one()
    held_on = next_meeting_day(last_held_on, as_of)
    connection.execute(text(_BEGIN), wanted | {"id": uuid4(), "held_on": held_on})
    return connection.execute(text(f"{_MEETING} FOR UPDATE"), wanted).one()


def _stored(connection: Connection, meeting_id: UUID) -> list[StoredItem]:
    rows = connection.execute(text(_STORED), {"meeting": meeting_id})
    return [StoredItem(*row) for row in rows]


def _write_down(connection: Connection, agenda: Agenda) -> None:
    """Each patient of the agenda at their place, and behind them those who are off it."""
    meeting_id = agenda.meeting_id
    if meeting_id is None:
        raise RuntimeError("an agenda without a meeting")
    connection.execute(
        text(_SET_DAY),
        {
            "meeting": meeting_id,
            "held_on": agenda.held_on,
            "due": agenda.due,
            "room": agenda.room,
        },
    )
    shown = [*agenda.items, *agenda.off]
    known = {item.episode_id for item in shown}
    rows = [
        (one.case.identity.patient_id, one.episode_id, one.chosen_by, one.removed_reason)
        for one in shown
    ]
    rows += [
        (one.patient_id, one.episode_id, one.chosen_by, NO_LONGER_DUE)
        for one in _stored(connection, meeting_id)
        if one.episode_id not in known
    ]
    if rows:
        connection.execute(
            text(_WRITE),
            [
                {
                    "meeting": meeting_id,
                    "id": uuid4(),
                    "position": position,
                    "patient": patient_id,
                    "episode": episode_id,
                    "chosen_by": chosen_by,
                    "reason": reason,
                }
                for position, (patient_id, episode_id, chosen_by, reason) in enumerate(rows, 1)
            ],
        )


def _log(connection: Connection, action: str, agenda: Agenda) -> None:
    log_access(connection, action, meeting_id=agenda.meeting_id, episodes=len(agenda.items))


_PAIR = "psychiatrist_id = :psychiatrist AND nurse_id = :nurse"

_MEETING = f"""
    SELECT id, held_on, sent_at, started_at, minutes FROM review.meeting
    WHERE {_PAIR} AND ended_at IS NULL
"""

_LAST_MEETINGS = f"""
    SELECT held_on, minutes, due_cases, room FROM review.meeting
    WHERE {_PAIR} AND ended_at IS NOT NULL
    ORDER BY ended_at DESC, id LIMIT {TOO_LITTLE_TIME_AFTER}
"""

_LAST_HELD = f"SELECT max(held_on) FROM review.meeting WHERE {_PAIR} AND ended_at IS NOT NULL"

# What the last meeting put off and no review has settled since.
_DEFERRED = f"""
    SELECT i.episode_id, i.reason FROM review.agenda_item i
    WHERE i.outcome = 'deferred' AND i.removed_at IS NULL
      AND i.meeting_id = (SELECT id FROM review.meeting WHERE {_PAIR} AND ended_at IS NOT NULL
                          ORDER BY ended_at DESC, id LIMIT 1)
      AND NOT EXISTS (SELECT FROM review.case_review r
                      WHERE r.patient_id = i.patient_id AND r.episode_id = i.episode_id
                        AND r.signed_at > i.decided_at)
    ORDER BY i.position, i.episode_id
"""

# Where the episode is not the reader's any more, the item is not theirs to change.
_STORED = """
    SELECT i.patient_id, i.episode_id, i.chosen_by,
           (i.removed_at AT TIME ZONE 'Europe/Paris')::date AS removed_on, i.removed_reason
    FROM review.agenda_item i
    JOIN registry.episode e ON e.id = i.episode_id AND e.patient_id = i.patient_id
    WHERE i.meeting_id = :meeting
    ORDER BY i.position, i.episode_id
"""

_BEGIN = """
    INSERT INTO review.meeting (id, psychiatrist_id, nurse_id, held_on)
    VALUES (:id, :psychiatrist, :nurse, :held_on)
    ON CONFLICT (psychiatrist_id, nurse_id) WHERE ended_at IS NULL DO NOTHING
"""

_SET_DAY = """
    UPDATE review.meeting SET held_on = :held_on, due_cases = :due, room = :room
    WHERE id = :meeting
      AND (held_on, due_cases, room) IS DISTINCT FROM (:held_on, :due, :room)
"""

_SET_LENGTH = "UPDATE review.meeting SET minutes = :minutes WHERE id = :meeting"

_SEND = "UPDATE review.meeting SET sent_at = now() WHERE id = :meeting"

_WRITE = """
    INSERT INTO review.agenda_item AS i (patient_id, id, meeting_id, episode_id, position,
                                         chosen_by, removed_at, removed_reason)
    VALUES (:patient, :id, :meeting, :episode, :position, :chosen_by,
            CASE WHEN CAST(:reason AS text) IS NOT NULL THEN now() END, :reason)
    ON CONFLICT (patient_id, meeting_id, episode_id) DO UPDATE
    SET position = excluded.position, removed_reason = excluded.removed_reason,
        removed_at = CASE WHEN excluded.removed_reason IS NOT NULL
                          THEN coalesce(i.removed_at, excluded.removed_at) END
"""
