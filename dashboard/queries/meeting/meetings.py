"""The meetings of a psychiatrist and a nurse: those that are planned, are running, or have
ended.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from dashboard.clinical.meeting.agenda import Pace, usual_pace
from dashboard.clinical.meeting.meetings import (
    Agreed,
    Known,
    Meeting,
    MeetingSummary,
    Pair,
    known_from_json,
)
from dashboard.clinical.people import Identity, Person
from dashboard.database.audit.access_log import log_access
from dashboard.queries.advice.inbox import lines_by_review, review_of
from dashboard.queries.agenda_items import ITEM_COLUMNS, item_of
from dashboard.queries.people import identity_of, person_of

SEEN_EVERY = timedelta(seconds=20)
"""Minimum time between two updates of the time at which somebody was last present in a meeting."""

AWAY_AFTER = timedelta(seconds=90)
"""Time without any request after which everybody counts as having left the meeting.

Open pages of the meeting send requests at intervals. If everybody has left, the time after the last
request is not counted for the current case. The limit is more than a minute, because browsers let a
page in the background send only one request a minute.
"""

PAST_CASES = 100
"""Maximum number of past cases from which the usual time for one case is computed.

The latest cases are used.
"""


def meetings(connection: Connection, latest: int = 12) -> list[Meeting]:
    """Return the meetings of the signed-in practitioner and of the colleagues whom they cover.

    Running meetings come first, then the meetings to come, then the ``latest`` ended meetings. Each
    has its cases.
    """
    rows = connection.execute(text(_MEETINGS), {**TIMES, "latest": latest}).all()
    return _by_meeting(rows)


def running(connection: Connection) -> list[Meeting]:
    """Return the meetings that are running now. The meeting that started last comes first."""
    rows = connection.execute(
        text(f"{_STATE} WHERE m.started_at IS NOT NULL AND m.ended_at IS NULL {_ORDER}"), TIMES
    ).all()
    return _by_meeting(rows)


def ended_since(connection: Connection, day: date) -> list[Meeting]:
    """Return the meetings that ended on ``day`` or later.

    The meeting that ended last comes first.
    """
    rows = connection.execute(
        text(
            f"{_STATE} WHERE (m.ended_at AT TIME ZONE 'Europe/Paris')::date >= :day"
            " ORDER BY m.ended_at DESC, m.id, i.position, i.id"
        ),
        {**TIMES, "day": day},
    ).all()
    return _by_meeting(rows)


def state(connection: Connection, meeting_id: UUID) -> Meeting | None:
    """Return the present state of a meeting, with one query and without opening a patient's record.

    Return None if the meeting does not exist, or if the signed-in practitioner may not see it.
    """
    rows = rows_of_meeting(connection, meeting_id)
    return meeting_of(rows) if rows else None


def pairs(connection: Connection, as_of: date) -> list[Pair]:
    """Return each psychiatrist and nurse who share patients, unless they are in a meeting now.

    One of the two must be the signed-in practitioner, or a colleague whom they cover. Those with a
    sent agenda come first, then those who share the most patients.
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
    """Return the patients on the agenda of a meeting, by the id of their episode.

    The reading is recorded in the access log.
    """
    log_access(connection, "agenda_opened", meeting_id=meeting.id, cases=len(meeting.items))
    rows = connection.execute(text(_PATIENTS), {"meeting": meeting.id}).all()
    return {row.episode_id: identity_of(row) for row in rows}


def summary(connection: Connection, meeting_id: UUID, as_of: date) -> MeetingSummary | None:
    """Return the outcome of a meeting: the reviews of its cases, with the answers up to ``as_of``.

    Cases whose patients the signed-in practitioner may no longer see are left out. Return None if
    the meeting does not exist, or if the practitioner may not see it. The reading is recorded in
    the access log.
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


def known_at_start(connection: Connection, item_id: UUID | None) -> Known | None:
    """Return the ids of the registry's rows about a patient that existed when the meeting started.

    Return None if they were not stored.
    """
    noted = connection.execute(
        text("SELECT known FROM review.agenda_item WHERE id = :item"), {"item": item_id}
    ).scalar_one_or_none()
    return known_from_json(noted)


def pace_of(connection: Connection, meeting: Meeting) -> int:
    """Return how many seconds the psychiatrist and the nurse of this meeting usually spend on a
    case.
    """
    pair = (one.id if one else None for one in (meeting.psychiatrist, meeting.nurse))
    return pace_of_pair(connection, *pair).seconds


def pace_of_pair(connection: Connection, psychiatrist_id: int | None, nurse_id: int | None) -> Pace:
    """Return how long a psychiatrist and a nurse usually spend on a case.

    This is computed from their latest cases that were reviewed, not from deferred ones.
    """
    wanted = {"psychiatrist": psychiatrist_id, "nurse": nurse_id, "latest": PAST_CASES}
    return usual_pace(connection.execute(text(_PAST_SECONDS), wanted).scalars().all())


def rows_of_meeting(connection: Connection, meeting_id: UUID) -> Sequence[Row[Any]]:
    return connection.execute(
        text(f"{_STATE} WHERE m.id = :meeting {_ORDER}"), {**TIMES, "meeting": meeting_id}
    ).all()


def _by_meeting(rows: Sequence[Row[Any]]) -> list[Meeting]:
    groups: dict[UUID, list[Row[Any]]] = {}
    for row in rows:
        groups.setdefault(row.meeting_id, []).append(row)
    return [meeting_of(group) for group in groups.values()]


def meeting_of(rows: Sequence[Row[Any]]) -> Meeting:
    one = rows[0]
    return Meeting(
        id=one.meeting_id,
        psychiatrist=person_of(
            one.psychiatrist_id, one.psychiatrist_family, one.psychiatrist_given
        ),
        nurse=person_of(one.nurse_id, one.nurse_family, one.nurse_given),
        held_on=one.held_on,
        sent_at=one.sent_at,
        started_at=one.started_at,
        ended_at=one.ended_at,
        current_item_id=one.current_item_id,
        seconds_here=one.seconds_here or 0,
        items=tuple(item_of(row) for row in rows if row.item_id is not None),
    )


TIMES: dict[str, Any] = {"seen_every": SEEN_EVERY, "away_after": AWAY_AFTER}

# The seconds since the meeting turned to its current case. If everybody has left, only the time up
# to the last request is counted.
SECONDS_HERE = """
    CASE WHEN m.started_at IS NOT NULL AND m.ended_at IS NULL THEN greatest(0, round(extract(
        epoch FROM CASE WHEN m.last_seen_at < clock_timestamp() - CAST(:away_after AS interval)
                        THEN m.last_seen_at ELSE clock_timestamp() END - m.turned_at)))::int
    ELSE 0 END
"""

_STATE = f"""
    SELECT m.id AS meeting_id, m.psychiatrist_id, m.nurse_id, m.held_on, m.sent_at, m.started_at,
           m.ended_at, m.current_item_id, {SECONDS_HERE} AS seconds_here,
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

_PATIENTS = """
    SELECT i.episode_id, p.id AS patient_id, p.family_name, p.given_name, p.birth_date, p.sex,
           p.ins, p.phone
    FROM review.agenda_item i JOIN registry.patient p ON p.id = i.patient_id
    WHERE i.meeting_id = :meeting AND i.removed_at IS NULL
"""

# For each case of a meeting, the query returns the review that decided the case. If that review was
# amended, the amending review is returned instead.
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
