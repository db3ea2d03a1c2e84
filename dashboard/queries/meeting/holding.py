"""The steps of a meeting: starting it, turning to a case, deciding the case, and ending the
meeting.

The psychiatrist and the nurse see and change the same rows of the database. A step takes effect
once, even if it is clicked twice, retried, or taken by both people at once. All times are those of
the database's clock.
"""

import json
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from dashboard.clinical.advice.drafts import DraftInTheWay, NotYours, Seen, SignedReview
from dashboard.clinical.advice.inbox import ReasonNeeded
from dashboard.clinical.advice.lines import DraftReview
from dashboard.clinical.advice.settling import completed, owed_by, unchanged
from dashboard.clinical.meeting.meetings import (
    AlreadyDecided,
    Meeting,
    MeetingItem,
    NothingOnTheAgenda,
    check_can_decide,
    check_can_end,
    check_can_start,
)
from dashboard.database import Transaction
from dashboard.database.audit.access_log import log_access
from dashboard.queries.advice.drafts import open_draft
from dashboard.queries.advice.signing import sign
from dashboard.queries.case.case_file import read_case
from dashboard.queries.deciding import decide, lock_item
from dashboard.queries.meeting.meetings import (
    SECONDS_HERE,
    TIMES,
    meeting_of,
    rows_of_meeting,
    state,
)
from dashboard.vocabulary import Outcome


def follow(connection: Connection, meeting_id: UUID) -> Meeting | None:
    """Return the present state of a meeting; None if the signed-in practitioner may not see it.

    A page that shows the meeting calls this function at intervals. The call also records that
    somebody is present in the meeting, if the last record is older than ``SEEN_EVERY``.
    """
    rows = rows_of_meeting(connection, meeting_id)
    if rows and rows[0].unnoted:
        _note_presence(connection, _lock(connection, meeting_id))
    return meeting_of(rows) if rows else None


def start(connection: Connection, meeting_id: UUID) -> Meeting:
    """Start the meeting with the first case of its agenda, and fix the order of the cases.

    If the meeting has already started, nothing changes. Raise ``NotYours`` if the signed-in
    practitioner may not see the meeting. Raise ``NotRunning`` if it has ended. Raise
    ``NothingOnTheAgenda`` if it has no case.
    """
    meeting = _lock(connection, meeting_id)
    check_can_start(meeting.ended_at)
    if meeting.started_at is None:
        connection.execute(text(_RENUMBER), {"meeting": meeting_id})
        started = connection.execute(text(_START), {"meeting": meeting_id})
        if started.rowcount != 1:
            raise NothingOnTheAgenda
        _note_what_is_known(connection, meeting_id)
        log_access(connection, "meeting_started", meeting_id=meeting_id)
    return _state(connection, meeting_id)


def turn_to(connection: Connection, meeting_id: UUID, item_id: UUID) -> Meeting:
    """Make ``item_id`` the current case of the meeting, for everyone in it.

    The time that was spent on the previous case is stored with that case. If ``item_id`` is already
    the current case, only the presence of the practitioner is recorded. Raise ``NotYours`` if the
    signed-in practitioner may not see the meeting, or if the case is not on its agenda. Raise
    ``NotRunning`` if the meeting is not running.
    """
    meeting = _lock_running(connection, meeting_id)
    on_agenda = connection.execute(
        text(
            "SELECT FROM review.agenda_item"
            " WHERE id = :item AND meeting_id = :meeting AND removed_at IS NULL"
        ),
        {"item": item_id, "meeting": meeting_id},
    ).one_or_none()
    if on_agenda is None:
        raise NotYours
    if item_id == meeting.current_item_id:
        _note_presence(connection, meeting)
    else:
        _bank(connection, meeting)
        connection.execute(text(_TURN), {"meeting": meeting_id, "item": item_id})
    return _state(connection, meeting_id)


def no_change(
    transaction: Transaction,
    item_id: UUID,
    content: DraftReview,
    seen: Seen,
    today: date,
    latest: dict[str, Any] | None = None,
) -> SignedReview | None:
    """Sign a review without any change in the care of a case, and return the review.

    ``content`` is the text of the review. If the psychiatrist has begun a draft, its summary, its
    risk decision, the date of the next review and the answer to the nurse are used instead. All
    open recommendations are kept. If the psychiatrist has already decided "no change" for this
    case, nothing is signed and None is returned.

    Raise ``NotYours`` or ``NotRunning`` as ``lock_item`` does. Raise ``AlreadyDecided`` if the case
    has another outcome, or if somebody else has decided it. Raise ``DraftInTheWay`` if the draft
    has recommendations or settlements, or amends a review. The errors of ``sign`` can be raised
    too: for example, ``NotReady`` if a rule about safety requires a risk decision, or if the
    nurse's question has no answer. Nothing is signed after an error.
    """
    with transaction() as connection:
        case = lock_item(connection, item_id)
        if case.item.outcome is not None:
            _decided_so(connection, case.item, Outcome.NO_CHANGE)
            return None
        draft = open_draft(connection, case.item.episode_id)
        if draft.supersedes is not None or draft.content.lines or draft.content.settlements:
            raise DraftInTheWay
        written = replace(
            content,
            summary=draft.content.summary.strip() or content.summary,
            next_review_on=draft.content.next_review_on or content.next_review_on,
            risk=draft.content.risk,
            answer=draft.content.answer,
        )
        as_it_is = _as_it_is(connection, case.item.episode_id, written, today)
    unchanged_case = replace(draft, content=as_it_is)
    everything_seen = seen | (draft.seen or seen)
    return sign(transaction, unchanged_case, everything_seen, today, latest, agenda_item_id=item_id)


def _as_it_is(
    connection: Connection, episode_id: int, content: DraftReview, today: date
) -> DraftReview:
    """Return a review that leaves everything in the case as it is now."""
    case = read_case(connection, episode_id, today)
    if case is None:
        raise NotYours
    owed = owed_by(case)
    return completed(unchanged(content, owed), owed)


def defer(connection: Connection, item_id: UUID, reason: str) -> None:
    """Defer a case to the next meeting, where it comes first. If that meeting leaves it undecided,
    it comes first in the one after, until the case is reviewed.

    A second call by the same person with the same reason changes nothing. Raise ``ReasonNeeded`` if
    ``reason`` is empty. Raise ``AlreadyDecided`` if the case has another outcome or reason, or if
    somebody else has deferred it. Raise ``NotYours`` or ``NotRunning`` as ``lock_item`` does.
    """
    reason = reason.strip()
    if not reason:
        raise ReasonNeeded
    case = lock_item(connection, item_id)
    if case.item.outcome is not None:
        if case.item.reason != reason:
            raise AlreadyDecided(case.item)
        _decided_so(connection, case.item, Outcome.DEFERRED)
        return
    decide(connection, case, Outcome.DEFERRED, reason=reason)
    log_access(connection, "case_deferred", case.patient_id, agenda_item_id=item_id)


def take_up(connection: Connection, item_id: UUID) -> None:
    """Undo the deferral of a case, so that the meeting can still discuss the case.

    Nothing changes if the case is not deferred. Raise ``NotYours`` or ``NotRunning`` as
    ``lock_item`` does.
    """
    case = lock_item(connection, item_id)
    taken_up = connection.execute(text(_TAKE_UP), {"patient": case.patient_id, "item": item_id})
    if taken_up.rowcount:
        log_access(connection, "case_taken_up", case.patient_id, agenda_item_id=item_id)


def end(connection: Connection, meeting_id: UUID) -> Meeting:
    """End the meeting. A second call changes nothing.

    Cases that the meeting has not decided keep no outcome. Raise ``NotYours`` if the signed-in
    practitioner may not see the meeting. Raise ``NotRunning`` if it has not started.
    """
    meeting = _lock(connection, meeting_id)
    check_can_end(meeting.started_at)
    if meeting.ended_at is None:
        _bank(connection, meeting)
        connection.execute(text(_END), {"meeting": meeting_id})
        log_access(connection, "meeting_ended", meeting_id=meeting_id)
    return _state(connection, meeting_id)


def _decided_so(connection: Connection, item: MeetingItem, outcome: str) -> None:
    """Raise ``AlreadyDecided`` unless the signed-in practitioner has decided ``outcome`` for this
    case.

    If they have, the same request was sent again, which is no error.
    """
    me = connection.execute(text("SELECT review.acting_practitioner()")).scalar_one()
    if item.outcome != outcome or item.decided_by is None or item.decided_by.id != me:
        raise AlreadyDecided(item)


def _state(connection: Connection, meeting_id: UUID) -> Meeting:
    meeting = state(connection, meeting_id)
    if meeting is None:
        raise NotYours
    return meeting


def _lock(connection: Connection, meeting_id: UUID) -> Row[Any]:
    meeting = connection.execute(text(_LOCK), {**TIMES, "meeting": meeting_id}).one_or_none()
    if meeting is None:
        raise NotYours
    return meeting


def _lock_running(connection: Connection, meeting_id: UUID) -> Row[Any]:
    meeting = _lock(connection, meeting_id)
    check_can_decide(meeting.started_at, meeting.ended_at)
    return meeting


def _bank(connection: Connection, meeting: Row[Any]) -> None:
    """Add the time since the meeting turned to its current case to the time spent on that case."""
    connection.execute(
        text(
            "UPDATE review.agenda_item SET seconds_spent = seconds_spent + :seconds"
            " WHERE meeting_id = :meeting AND id = :item"
        ),
        {
            "seconds": meeting.seconds_here,
            "meeting": meeting.id,
            "item": meeting.current_item_id,
        },
    )


def _note_presence(connection: Connection, meeting: Row[Any]) -> None:
    """Record that somebody is present in the meeting now.

    If nobody was present just before, that time is not counted for the current case.
    """
    if meeting.ended_at is not None:
        return
    if meeting.away:
        _bank(connection, meeting)
    connection.execute(text(_PRESENT), {"meeting": meeting.id, "anew": meeting.away})


def _note_what_is_known(connection: Connection, meeting_id: UUID) -> None:
    rows = connection.execute(text(_KNOWN), {"meeting": meeting_id}).mappings().all()
    if rows:
        connection.execute(
            text(
                "UPDATE review.agenda_item SET known = CAST(:known AS jsonb)"
                " WHERE patient_id = :patient AND id = :item"
            ),
            [
                {
                    "patient": row["patient_id"],
                    "item": row["id"],
                    "known": json.dumps(row["known"]),
                }
                for row in rows
            ],
        )


_LOCK = f"""
    SELECT m.id, m.started_at, m.ended_at, m.current_item_id, {SECONDS_HERE} AS seconds_here,
           m.last_seen_at < clock_timestamp() - CAST(:away_after AS interval) AS away
    FROM review.meeting m WHERE m.id = :meeting FOR UPDATE
"""

_RENUMBER = """
    UPDATE review.agenda_item i SET position = numbered.position
    FROM (SELECT id, row_number() OVER (ORDER BY position, id) AS position
          FROM review.agenda_item WHERE meeting_id = :meeting AND removed_at IS NULL) numbered
    WHERE i.id = numbered.id AND i.meeting_id = :meeting AND i.position <> numbered.position
"""

_START = """
    UPDATE review.meeting m
    SET started_at = clock_timestamp(), turned_at = clock_timestamp(),
        last_seen_at = clock_timestamp(), current_item_id = first.id,
        held_on = (clock_timestamp() AT TIME ZONE 'Europe/Paris')::date
    FROM (SELECT id FROM review.agenda_item WHERE meeting_id = :meeting AND removed_at IS NULL
          ORDER BY position, id LIMIT 1) first
    WHERE m.id = :meeting
"""

_KNOWN = """
    SELECT i.patient_id, i.id, jsonb_build_object(
        'assessments', (SELECT coalesce(jsonb_agg(id), '[]') FROM registry.assessment a
                        WHERE a.patient_id = i.patient_id),
        'contacts', (SELECT coalesce(jsonb_agg(id), '[]') FROM registry.contact c
                     WHERE c.patient_id = i.patient_id),
        'treatments', (SELECT coalesce(jsonb_agg(id), '[]') FROM registry.medication t
                       WHERE t.patient_id = i.patient_id),
        'flags', (SELECT coalesce(jsonb_agg(id), '[]') FROM registry.flag f
                  WHERE f.patient_id = i.patient_id)) AS known
    FROM review.agenda_item i WHERE i.meeting_id = :meeting AND i.removed_at IS NULL
"""

_TURN = """
    UPDATE review.meeting SET current_item_id = :item, turned_at = clock_timestamp(),
                              last_seen_at = clock_timestamp()
    WHERE id = :meeting
"""

_PRESENT = """
    UPDATE review.meeting
    SET last_seen_at = clock_timestamp(),
        turned_at = CASE WHEN :anew THEN clock_timestamp() ELSE turned_at END
    WHERE id = :meeting
"""

_TAKE_UP = """
    UPDATE review.agenda_item
    SET outcome = NULL, reason = NULL, decided_at = NULL, decided_by = NULL
    WHERE patient_id = :patient AND id = :item AND outcome = 'deferred'
"""

_END = "UPDATE review.meeting SET ended_at = clock_timestamp() WHERE id = :meeting"
