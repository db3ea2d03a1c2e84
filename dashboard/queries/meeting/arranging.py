"""Changes to the agenda of the next meeting of a psychiatrist and a nurse.

Each public function returns the id of the meeting.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row, text

from dashboard.clinical.meeting.agenda import (
    NO_LONGER_DUE,
    Agenda,
    AgendaItem,
    StoredItem,
    can_change,
    check_can_change,
    next_meeting_day,
    put_back,
    reordered,
    without,
)
from dashboard.clinical.meeting.meeting_days import LATEST
from dashboard.database.audit.access_log import log_access
from dashboard.queries.meeting.agenda import (
    MEETING_TO_COME,
    OF_PAIR,
    PairIds,
    agenda_of_pair,
    log_agenda,
    stored_items,
)
from dashboard.queries.meeting.preparation import cases_of_pair


def make_agenda(connection: Connection, psychiatrist_id: int, nurse_id: int, as_of: date) -> UUID:
    """Store the agenda of the next meeting of a psychiatrist and a nurse, as it is now.

    Nothing changes if the meeting has started.
    """
    return _write_agenda(connection, (psychiatrist_id, nurse_id), as_of, "agenda_made")


def save_order(
    connection: Connection, psychiatrist_id: int, nurse_id: int, order: Iterable[int], as_of: date
) -> UUID:
    """Store the order of the cases on the agenda; ``order`` has the ids of their episodes.

    Raise ``MeetingStarted`` if the meeting has started.
    """
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
    """Take a case off the agenda. A second call does not change the first reason.

    Raise ``ReasonMissing`` if ``reason`` is empty. Raise ``NotOnAgenda`` if the episode is not on
    the agenda. Raise ``MeetingStarted`` if the meeting has started.
    """
    pair = (psychiatrist_id, nurse_id)
    return _change(connection, pair, as_of, lambda one: without(one, episode_id, reason))


def return_to_agenda(
    connection: Connection, psychiatrist_id: int, nurse_id: int, episode_id: int, as_of: date
) -> UUID:
    """Put a case that was taken off the agenda back on it. A second call changes nothing.

    Raise ``NotOnAgenda`` if the episode is neither on the agenda nor taken off it. Raise
    ``MeetingStarted`` if the meeting has started.
    """
    pair = (psychiatrist_id, nurse_id)
    return _change(connection, pair, as_of, lambda one: put_back(one, episode_id))


def choose_day(
    connection: Connection, psychiatrist_id: int, nurse_id: int, held_on: date, as_of: date
) -> UUID:
    """Set the day of the meeting. Raise ``MeetingStarted`` if the meeting has started."""
    pair = (psychiatrist_id, nurse_id)
    return _change(connection, pair, as_of, lambda one: replace(one, held_on=held_on))


def choose_length(
    connection: Connection, psychiatrist_id: int, nurse_id: int, minutes: int, as_of: date
) -> UUID:
    """Set the length of the meeting in minutes.

    Raise ``MeetingStarted`` if the meeting has started.
    """
    pair = (psychiatrist_id, nurse_id)
    meeting = _locked(connection, pair, as_of)
    check_can_change(meeting.started_at)
    connection.execute(text(_SET_LENGTH), {"meeting": meeting.id, "minutes": minutes})
    return _write_agenda(connection, pair, as_of, "agenda_changed")


def send_agenda(connection: Connection, psychiatrist_id: int, nurse_id: int, as_of: date) -> UUID:
    """Send the agenda to the psychiatrist.

    The agenda can still be changed. Cases that the rules add later are marked as new until the
    agenda is next stored. Raise ``MeetingStarted`` if the meeting has started.
    """
    pair = (psychiatrist_id, nurse_id)
    meeting_id = _change(connection, pair, as_of, lambda one: one)
    connection.execute(text(_SEND), {"meeting": meeting_id})
    log_access(connection, "agenda_sent", meeting_id=meeting_id)
    return meeting_id


def _change(
    connection: Connection, pair: PairIds, as_of: date, change: Callable[[Agenda], Agenda]
) -> UUID:
    meeting = _locked(connection, pair, as_of)
    check_can_change(meeting.started_at)
    agenda = change(
        agenda_of_pair(connection, pair, cases_of_pair(connection, *pair, as_of), as_of)
    )
    _write_down(connection, agenda)
    log_agenda(connection, "agenda_changed", agenda)
    meeting_id: UUID = meeting.id
    return meeting_id


def _write_agenda(connection: Connection, pair: PairIds, as_of: date, action: str) -> UUID:
    meeting = _locked(connection, pair, as_of)
    if can_change(meeting.started_at):
        agenda = agenda_of_pair(connection, pair, cases_of_pair(connection, *pair, as_of), as_of)
        _write_down(connection, agenda)
        log_agenda(connection, action, agenda)
    meeting_id: UUID = meeting.id
    return meeting_id


def _locked(connection: Connection, pair: PairIds, as_of: date) -> Row[Any]:
    """Lock and return the next meeting of a psychiatrist and a nurse.

    A meeting that is running is returned too. If there is no meeting, one is inserted.
    """
    wanted = {"psychiatrist": pair[0], "nurse": pair[1]}
    last = connection.execute(text(_LAST_HELD), wanted).scalars().all()
    held_on = next_meeting_day(last, as_of)
    connection.execute(text(_BEGIN), wanted | {"id": uuid4(), "held_on": held_on})
    return connection.execute(text(f"{MEETING_TO_COME} FOR UPDATE"), wanted).one()


def _write_down(connection: Connection, agenda: Agenda) -> None:
    """Store the cases of an agenda with their positions, and the cases that were taken off it.

    The day of the meeting and its numbers of due cases and of room are stored too. Stored cases
    that the agenda no longer has are marked as no longer due. Raise ``RuntimeError`` if the agenda
    has no meeting.
    """
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
    gone = [
        replace(one, removed_reason=NO_LONGER_DUE)
        for one in stored_items(connection, meeting_id)
        if one.episode_id not in known
    ]
    rows: list[tuple[int, AgendaItem | StoredItem]] = [
        *((one.case.identity.patient_id, one) for one in shown),
        *((one.patient_id, one) for one in gone),
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
                    "episode": one.episode_id,
                    "chosen_by": one.chosen_by,
                    "reason": one.removed_reason,
                    "removed_at": one.removed_at,
                    "tier": one.removed_in_tier,
                }
                for position, (patient_id, one) in enumerate(rows, 1)
            ],
        )


_LAST_HELD = f"""
    SELECT held_on FROM review.meeting WHERE {OF_PAIR} AND ended_at IS NOT NULL
    ORDER BY ended_at DESC, id LIMIT {LATEST}
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
    INSERT INTO review.agenda_item (patient_id, id, meeting_id, episode_id, position, chosen_by,
                                    removed_at, removed_reason, removed_in_tier)
    VALUES (:patient, :id, :meeting, :episode, :position, :chosen_by,
            CASE WHEN CAST(:reason AS text) IS NOT NULL
                 THEN coalesce(CAST(:removed_at AS timestamptz), now()) END, :reason, :tier)
    ON CONFLICT (patient_id, meeting_id, episode_id) DO UPDATE
    SET position = excluded.position, removed_at = excluded.removed_at,
        removed_reason = excluded.removed_reason, removed_in_tier = excluded.removed_in_tier
"""
