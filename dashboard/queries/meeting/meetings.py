"""Holding a meeting: start it, turn to a case, decide, end it; and what it came to.

Both people act on the same rows, and any of it may be clicked twice, retried or done by
both at once: each step changes something once. The times are the database's.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from dashboard.clinical.advice.drafts import DraftInTheWay, NotYours, Seen, SignedReview
from dashboard.clinical.advice.inbox import ReasonNeeded
from dashboard.clinical.advice.lines import DraftReview
from dashboard.clinical.advice.settling import completed, owed_by, unchanged
from dashboard.clinical.meeting.agenda import Pace, usual_pace
from dashboard.clinical.meeting.meetings import (
    Agreed,
    AlreadyDecided,
    Known,
    Meeting,
    MeetingItem,
    MeetingSummary,
    NothingOnTheAgenda,
    NotRunning,
    Pair,
    known_from_json,
)
from dashboard.clinical.people import Identity, Person
from dashboard.database.audit.access_log import log_access
from dashboard.queries.advice.drafts import open_draft, save_draft
from dashboard.queries.advice.inbox import identity_of, lines_by_review, review_of
from dashboard.queries.advice.signing import sign
from dashboard.queries.case.case_file import read_case
from dashboard.queries.case.standing_lines import lock_advice
from dashboard.queries.decisions import ITEM_COLUMNS, decide, item_of, lock_item

SEEN_EVERY = timedelta(seconds=20)
"""How stale the note that somebody is there may be before it is written again."""

AWAY_AFTER = timedelta(seconds=90)
"""Nobody's page has asked for so long: the time since is not counted.

Browsers let a page in the background ask once a minute.
"""

PAST_CASES = 100
"""How many of a pair's cases its usual pace rests on."""


def meetings(connection: Connection, latest: int = 12) -> list[Meeting]:
    """The meetings of the acting person and of those they cover, with their cases.

    The running ones, then the next ones, then the latest that have ended.
    """
    rows = connection.execute(text(_MEETINGS), {**_TIMES, "latest": latest}).all()
    return _by_meeting(rows)


def running(connection: Connection) -> list[Meeting]:
    """The meetings that are running now, the latest start first."""
    rows = connection.execute(
        text(f"{_STATE} WHERE m.started_at IS NOT NULL AND m.ended_at IS NULL {_ORDER}"), _TIMES
    ).all()
    return _by_meeting(rows)


def ended_since(connection: Connection, day: date) -> list[Meeting]:
    """The meetings that have ended on a day or after it, the latest first."""
    rows = connection.execute(
        text(
            f"{_STATE} WHERE (m.ended_at AT TIME ZONE 'Europe/Paris')::date >= :day"
            " ORDER BY m.ended_at DESC, m.id, i.position, i.id"
        ),
        {**_TIMES, "day": day},
    ).all()
    return _by_meeting(rows)


def state(connection: Connection, meeting_id: UUID) -> Meeting | None:
    """A meeting as it stands: one query, that opens no patient's record.

    None if it is not there or not one's own.
    """
    rows = _rows_of(connection, meeting_id)
    return _meeting(rows) if rows else None


def follow(connection: Connection, meeting_id: UUID) -> Meeting | None:
    """The same for somebody whose page is open: at times it notes that they are there."""
    rows = _rows_of(connection, meeting_id)
    if rows and rows[0].unnoted:
        _note_presence(connection, _lock(connection, meeting_id))
    return _meeting(rows) if rows else None


def start(connection: Connection, meeting_id: UUID) -> Meeting:
    """Begin the meeting with the first case of its agenda; the order is frozen and numbered.

    A meeting that was started already is as it was: two who start at once start one.
    Raises ``NotYours``, ``NotRunning`` if it has ended, or ``NothingOnTheAgenda``.
    """
    meeting = _lock(connection, meeting_id)
    if meeting.ended_at is not None:
        raise NotRunning
    if meeting.started_at is None:
        connection.execute(text(_RENUMBER), {"meeting": meeting_id})
        started = connection.execute(text(_START), {"meeting": meeting_id})
        if started.rowcount != 1:
            raise NothingOnTheAgenda
        _note_what_is_known(connection, meeting_id)
        log_access(connection, "meeting_started", meeting_id=meeting_id)
    return _state(connection, meeting_id)


def turn_to(connection: Connection, meeting_id: UUID, item_id: UUID) -> Meeting:
    """Turn to this case, for everyone in the meeting.

    The time since the last turn goes to the case that is left. Turning to where one is
    changes nothing. Raises ``NotYours`` or ``NotRunning``.
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
    connection: Connection,
    item_id: UUID,
    content: DraftReview,
    seen: Seen,
    today: date,
    latest: dict[str, Any] | None = None,
) -> SignedReview | None:
    """Decide that all goes on as it is: sign a review that says so, as the psychiatrist.

    ``content`` is that review; a summary that the psychiatrist has begun to write is kept
    in it, and a decision on the risk. Every open line of earlier advice is kept. A second click
    signs nothing more, and gives none. Raises ``NotYours``, ``NotRunning``, ``AlreadyDecided``,
    ``DraftInTheWay`` where advice is being written, and what ``sign`` raises: ``NotReady`` while
    a rule of tier 0 holds. Then nothing is signed.
    """
    case = lock_item(connection, item_id)
    if case.item.outcome is not None:
        _decided_so(connection, case.item, "no_change")
        return None
    lock_advice(connection, case.item.episode_id)
    draft = open_draft(connection, case.item.episode_id)
    if draft.supersedes is not None or draft.content.lines or draft.content.settlements:
        raise DraftInTheWay
    written = draft.content.summary.strip()
    content = replace(
        content,
        summary=written or content.summary,
        next_review_on=draft.content.next_review_on or content.next_review_on,
        risk=draft.content.risk,
    )
    content = _as_it_is(connection, case.item.episode_id, content, today)
    saved = save_draft(connection, replace(draft, seen=draft.seen or seen), content).draft
    return sign(connection, saved, seen | (draft.seen or seen), today, latest)


def _as_it_is(
    connection: Connection, episode_id: int, content: DraftReview, today: date
) -> DraftReview:
    """The review that changes nothing of the case as it stands now."""
    case = read_case(connection, episode_id, today)
    if case is None:
        raise NotYours
    owed = owed_by(case)
    return completed(unchanged(content, owed), owed)


def defer(connection: Connection, item_id: UUID, reason: str) -> None:
    """Put the case off until the next meeting, where it comes first.

    Doing it again in the same words changes nothing. Raises ``ReasonNeeded``, ``NotYours``,
    ``NotRunning`` or ``AlreadyDecided``.
    """
    reason = reason.strip()
    if not reason:
        raise ReasonNeeded
    case = lock_item(connection, item_id)
    if case.item.outcome is not None:
        if case.item.reason != reason:
            raise AlreadyDecided(case.item)
        _decided_so(connection, case.item, "deferred")
        return
    decide(connection, case, "deferred", reason=reason)
    log_access(connection, "case_deferred", case.patient_id, agenda_item_id=item_id)


def take_up(connection: Connection, item_id: UUID) -> None:
    """Take up a case again that was deferred in this meeting; otherwise nothing changes.

    Raises ``NotYours`` or ``NotRunning``.
    """
    case = lock_item(connection, item_id)
    taken_up = connection.execute(text(_TAKE_UP), {"patient": case.patient_id, "item": item_id})
    if taken_up.rowcount:
        log_access(connection, "case_taken_up", case.patient_id, agenda_item_id=item_id)


def end(connection: Connection, meeting_id: UUID, not_reached: str) -> Meeting:
    """End the meeting, once. What is undecided is deferred, with ``not_reached`` as its reason.

    Raises ``NotYours``, or ``NotRunning`` if it has not begun.
    """
    meeting = _lock(connection, meeting_id)
    if meeting.started_at is None:
        raise NotRunning
    if meeting.ended_at is None:
        _bank(connection, meeting)
        connection.execute(text(_NOT_REACHED), {"meeting": meeting_id, "reason": not_reached})
        connection.execute(text(_END), {"meeting": meeting_id})
        log_access(connection, "meeting_ended", meeting_id=meeting_id)
    return _state(connection, meeting_id)


def pairs(connection: Connection, as_of: date) -> list[Pair]:
    """The pairs that the acting person is one of, or covers, with their next meeting.

    Those whose agenda was sent first, then those with most patients in common.
    """
    rows = connection.execute(text(_PAIRS), {"as_of": as_of}).all()
    return [
        Pair(
            Person(row.psychiatrist_id, row.psychiatrist_family, row.psychiatrist_given),
            Person(row.nurse_id, row.nurse_family, row.nurse_given),
            row.sent_at,
        )
        for row in rows
    ]


def patients_of(connection: Connection, meeting: Meeting) -> dict[int, Identity]:
    """Who is on the agenda, by episode. It is on the access log."""
    log_access(connection, "agenda_opened", meeting_id=meeting.id, cases=len(meeting.items))
    rows = connection.execute(text(_PATIENTS), {"meeting": meeting.id}).all()
    return {row.episode_id: identity_of(row) for row in rows}


def summary(connection: Connection, meeting_id: UUID, as_of: date) -> MeetingSummary | None:
    """What a meeting came to, each review as it stands on a day, with its answers.

    None if the meeting is not there or not one's own. It is on the access log.
    """
    meeting = state(connection, meeting_id)
    if meeting is None:
        return None
    patients = patients_of(connection, meeting)
    rows = connection.execute(
        text(_STANDING_REVIEWS), {"meetings": [meeting_id], "as_of": as_of}
    ).all()
    lines = lines_by_review(connection, [row.id for row in rows], as_of)
    reviews = {row.episode_id: review_of(row, lines[row.id]) for row in rows}
    return MeetingSummary(
        meeting,
        tuple(
            Agreed(item, patients[item.episode_id], reviews.get(item.episode_id))
            for item in meeting.items
            if item.episode_id in patients
        ),
    )


def reviews_of_meetings(
    connection: Connection, meeting_ids: Sequence[UUID], as_of: date
) -> dict[UUID, UUID]:
    """The meeting of each review that stands for a case decided in one of these meetings."""
    rows = connection.execute(
        text(_STANDING_REVIEWS), {"meetings": list(meeting_ids), "as_of": as_of}
    ).all()
    return {row.id: row.meeting_id for row in rows}


def known_at_start(connection: Connection, item_id: UUID | None) -> Known | None:
    """What there was of the patient when the meeting began."""
    noted = connection.execute(
        text("SELECT known FROM review.agenda_item WHERE id = :item"), {"item": item_id}
    ).scalar_one_or_none()
    return known_from_json(noted)


def pace_of(connection: Connection, meeting: Meeting) -> int:
    """How many seconds a case usually takes the pair of this meeting."""
    pair = (one.id if one else None for one in (meeting.psychiatrist, meeting.nurse))
    return pace_of_pair(connection, *pair).seconds


def pace_of_pair(connection: Connection, psychiatrist_id: int | None, nurse_id: int | None) -> Pace:
    """How long a case usually takes a pair, by the latest that they did not put off."""
    wanted = {"psychiatrist": psychiatrist_id, "nurse": nurse_id, "latest": PAST_CASES}
    return usual_pace(connection.execute(text(_PAST_SECONDS), wanted).scalars().all())


def _decided_so(connection: Connection, item: MeetingItem, outcome: str) -> None:
    """Let a retry pass: raise unless the acting person has decided just this."""
    me = connection.execute(text("SELECT review.acting_practitioner()")).scalar_one()
    if item.outcome != outcome or item.decided_by is None or item.decided_by.id != me:
        raise AlreadyDecided(item)


def _rows_of(connection: Connection, meeting_id: UUID) -> Sequence[Row[Any]]:
    return connection.execute(
        text(f"{_STATE} WHERE m.id = :meeting {_ORDER}"), {**_TIMES, "meeting": meeting_id}
    ).all()


def _state(connection: Connection, meeting_id: UUID) -> Meeting:
    meeting = state(connection, meeting_id)
    if meeting is None:
        raise NotYours
    return meeting


def _lock(connection: Connection, meeting_id: UUID) -> Row[Any]:
    meeting = connection.execute(text(_LOCK), {**_TIMES, "meeting": meeting_id}).one_or_none()
    if meeting is None:
        raise NotYours
    return meeting


def _lock_running(connection: Connection, meeting_id: UUID) -> Row[Any]:
    meeting = _lock(connection, meeting_id)
    if meeting.started_at is None or meeting.ended_at is not None:
        raise NotRunning
    return meeting


def _bank(connection: Connection, meeting: Row[Any]) -> None:
    """Add the time since the last turn to the current case."""
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
    """Note that somebody is there; after a gap the time is counted from now on."""
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


def _by_meeting(rows: Sequence[Row[Any]]) -> list[Meeting]:
    groups: dict[UUID, list[Row[Any]]] = {}
    for row in rows:
        groups.setdefault(row.meeting_id, []).append(row)
    return [_meeting(group) for group in groups.values()]


def _meeting(rows: Sequence[Row[Any]]) -> Meeting:
    one = rows[0]
    return Meeting(
        id=one.meeting_id,
        psychiatrist=_person(one.psychiatrist_id, one.psychiatrist_family, one.psychiatrist_given),
        nurse=_person(one.nurse_id, one.nurse_family, one.nurse_given),
        held_on=one.held_on,
        sent_at=one.sent_at,
        started_at=one.started_at,
        ended_at=one.ended_at,
        current_item_id=one.current_item_id,
        seconds_here=one.seconds_here or 0,
        items=tuple(item_of(row) for row in rows if row.item_id is not None),
    )


def _person(number: int, family_name: str | None, given_name: str | None) -> Person | None:
    return None if family_name is None else Person(number, family_name, given_name or "")


_TIMES: dict[str, Any] = {"seen_every": SEEN_EVERY, "away_after": AWAY_AFTER}

# While somebody is there the time runs; once nobody is, it has run until they were last seen.
_SECONDS_HERE = """
    CASE WHEN m.started_at IS NOT NULL AND m.ended_at IS NULL THEN greatest(0, round(extract(
        epoch FROM CASE WHEN m.last_seen_at < clock_timestamp() - CAST(:away_after AS interval)
                        THEN m.last_seen_at ELSE clock_timestamp() END - m.turned_at)))::int
    ELSE 0 END
"""

_LOCK = f"""
    SELECT m.id, m.started_at, m.ended_at, m.current_item_id, {_SECONDS_HERE} AS seconds_here,
           m.last_seen_at < clock_timestamp() - CAST(:away_after AS interval) AS away
    FROM review.meeting m WHERE m.id = :meeting FOR UPDATE
"""

_STATE = f"""
    SELECT m.id AS meeting_id, m.psychiatrist_id, m.nurse_id, m.held_on, m.sent_at, m.started_at,
           m.ended_at, m.current_item_id, {_SECONDS_HERE} AS seconds_here,
           m.ended_at IS NULL AND m.last_seen_at < clock_timestamp() - CAST(:seen_every AS interval)
               AS unnoted,
           p.family_name AS psychiatrist_family, p.given_name AS psychiatrist_given,
           n.family_name AS nurse_family, n.given_name AS nurse_given, {ITEM_COLUMNS}
    FROM review.meeting m
    LEFT JOIN registry.practitioner p ON p.id = m.psychiatrist_id
    LEFT JOIN registry.practitioner n ON n.id = m.nurse_id
    LEFT JOIN review.agenda_item i ON i.meeting_id = m.id AND i.removed_at IS NULL
    LEFT JOIN registry.practitioner d ON d.id = i.decided_by
"""

_ORDER = "ORDER BY m.started_at DESC NULLS LAST, m.id, i.position, i.id"

_MEETINGS = f"""{_STATE}
    WHERE m.ended_at IS NULL OR m.id IN (
        SELECT id FROM review.meeting WHERE ended_at IS NOT NULL
        ORDER BY ended_at DESC LIMIT :latest)
    ORDER BY m.ended_at DESC NULLS FIRST, m.started_at DESC NULLS LAST, m.held_on, m.id,
             i.position, i.id
"""

_PAIRS = """
    SELECT e.psychiatrist_id, e.nurse_id, m.sent_at,
           p.family_name AS psychiatrist_family, p.given_name AS psychiatrist_given,
           n.family_name AS nurse_family, n.given_name AS nurse_given
    FROM registry.episode e
    JOIN registry.practitioner p ON p.id = e.psychiatrist_id
    JOIN registry.practitioner n ON n.id = e.nurse_id
    LEFT JOIN review.meeting m ON m.psychiatrist_id = e.psychiatrist_id
         AND m.nurse_id = e.nurse_id AND m.ended_at IS NULL
    WHERE e.enrolled_on <= :as_of AND (e.status IS DISTINCT FROM 'closed' OR e.closed_on > :as_of)
      AND m.started_at IS NULL
      AND (e.psychiatrist_id = ANY ((SELECT review.acting_for())::bigint[])
           OR e.nurse_id = ANY ((SELECT review.acting_for())::bigint[]))
    GROUP BY e.psychiatrist_id, e.nurse_id, m.sent_at, p.id, p.family_name, p.given_name, n.id,
             n.family_name, n.given_name
    ORDER BY m.sent_at IS NULL, count(*) DESC, e.psychiatrist_id, e.nurse_id
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

_NOT_REACHED = """
    UPDATE review.agenda_item
    SET outcome = 'deferred', reason = :reason, decided_at = now(),
        decided_by = review.acting_practitioner()
    WHERE meeting_id = :meeting AND removed_at IS NULL AND outcome IS NULL
"""

_END = "UPDATE review.meeting SET ended_at = clock_timestamp() WHERE id = :meeting"

_PATIENTS = """
    SELECT i.episode_id, p.id AS patient_id, p.family_name, p.given_name, p.birth_date, p.sex,
           p.ins, p.phone
    FROM review.agenda_item i JOIN registry.patient p ON p.id = i.patient_id
    WHERE i.meeting_id = :meeting AND i.removed_at IS NULL
"""

# The review that decided a case, or the one that has amended it since.
_STANDING_REVIEWS = """
    WITH RECURSIVE chain AS (
        SELECT i.meeting_id, i.patient_id, i.case_review_id AS id
        FROM review.agenda_item i
        WHERE i.meeting_id = ANY (CAST(:meetings AS uuid[])) AND i.case_review_id IS NOT NULL
        UNION ALL
        SELECT chain.meeting_id, later.patient_id, later.id
        FROM chain JOIN review.case_review later
          ON later.patient_id = chain.patient_id AND later.supersedes = chain.id
         AND (later.signed_at AT TIME ZONE 'Europe/Paris')::date <= :as_of
    )
    SELECT chain.meeting_id, r.id, r.patient_id, r.episode_id, r.psychiatrist_id, r.outcome,
           r.summary, r.next_review_on, r.signed_at, r.supersedes, NULL AS superseded_by,
           r.risk_level, r.risk_reassess_on, r.risk_reason,
           (r.signed_at AT TIME ZONE 'Europe/Paris')::date AS signed_on,
           by.family_name AS by_family_name, by.given_name AS by_given_name,
           r.covered_id AS for_id, signed_for.family_name AS for_family_name,
           signed_for.given_name AS for_given_name
    FROM chain
    JOIN review.case_review r ON r.patient_id = chain.patient_id AND r.id = chain.id
    LEFT JOIN registry.practitioner by ON by.id = r.psychiatrist_id
    LEFT JOIN registry.practitioner signed_for ON signed_for.id = r.covered_id
    WHERE NOT EXISTS (SELECT FROM chain later JOIN review.case_review s ON s.id = later.id
                      WHERE s.patient_id = r.patient_id AND s.supersedes = r.id)
"""

_PAST_SECONDS = """
    SELECT i.seconds_spent
    FROM review.meeting m JOIN review.agenda_item i ON i.meeting_id = m.id
    WHERE m.psychiatrist_id = :psychiatrist AND m.nurse_id = :nurse AND m.ended_at IS NOT NULL
      AND i.outcome IN ('reviewed', 'no_change') AND i.seconds_spent > 0
    ORDER BY m.ended_at DESC, i.position LIMIT :latest
"""
