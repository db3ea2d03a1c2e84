"""The agenda of the next meeting of a psychiatrist and a nurse.

Until the meeting starts, the agenda is computed each time that it is read. It follows from the
rules, the choices of the nurse and the earlier meetings. An order that the nurse has arranged is
kept. Each change stores the whole agenda in ``review.agenda_item``, so that the meeting starts with
the agenda that was shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from dashboard.clinical.deidentification import AsWritten
from dashboard.clinical.meeting.agenda import (
    NO_LONGER_DUE,
    USUAL_MINUTES,
    Agenda,
    AgendaItem,
    CaseToPrepare,
    Preparation,
    StoredItem,
    merged,
    next_meeting_day,
    proposed,
    short_of_time,
)
from dashboard.clinical.meeting.meeting_days import LATEST
from dashboard.clinical.meeting.meetings import Pair
from dashboard.clinical.people import Person
from dashboard.database.audit.access_log import log_access
from dashboard.queries.meeting.meetings import pace_of_pair
from dashboard.queries.meeting.preparation import caseload_to_prepare, cases_of_pair


def agendas(connection: Connection, cases: Sequence[CaseToPrepare], as_of: date) -> list[Agenda]:
    """Return the next agenda of each psychiatrist and nurse who share some of these cases.

    ``cases`` are those of the signed-in practitioner. The agenda with the most patients comes
    first. The caller must record the reading of the cases in the access log.
    """
    pairs = {(case.psychiatrist.id, case.nurse.id) for case in cases}
    found = [
        agenda_of_pair(connection, pair, _of_pair(cases, pair), as_of) for pair in sorted(pairs)
    ]
    return sorted(found, key=lambda agenda: -len(agenda.items))


def agendas_to_prepare(
    connection: Connection, as_of: date
) -> tuple[list[Agenda], dict[int, AsWritten[Preparation]]]:
    """Return the next agendas of the nurse who is signed in, and the nurse's preparations by
    episode.

    The reading is recorded in the access log.
    """
    cases = caseload_to_prepare(connection, as_of)
    written = {case.episode_id: AsWritten(case.identity, case.preparation) for case in cases}
    return agendas(connection, cases, as_of), written


def next_agenda(connection: Connection, psychiatrist_id: int, nurse_id: int, as_of: date) -> Agenda:
    """Return the agenda of the next meeting of a psychiatrist and a nurse, as it is now.

    The reading is recorded in the access log.
    """
    pair = (psychiatrist_id, nurse_id)
    agenda = agenda_of_pair(connection, pair, cases_of_pair(connection, *pair, as_of), as_of)
    log_agenda(connection, "agenda_opened", agenda)
    return agenda


def pairs_short_of_time(connection: Connection) -> list[Pair]:
    """Return each psychiatrist and nurse whose last four meetings were all too short.

    A meeting is too short if it has no room for all cases of the three most urgent tiers. Only
    those are returned who share an episode at a site of the medical lead who is signed in.
    """
    rows = connection.execute(text("SELECT * FROM review.pairs_short_of_time()"))
    return [Pair(Person(*row[:3]), Person(*row[3:]), None) for row in rows]


def log_printed(connection: Connection, agenda: Agenda) -> None:
    """Record in the access log that this agenda was printed."""
    log_agenda(connection, "agenda_printed", agenda)


PairIds = tuple[int, int]
"""The id of a psychiatrist and the id of a nurse, in this order."""


def _of_pair(cases: Sequence[CaseToPrepare], pair: PairIds) -> list[CaseToPrepare]:
    return [case for case in cases if (case.psychiatrist.id, case.nurse.id) == pair]


def agenda_of_pair(
    connection: Connection, pair: PairIds, cases: Sequence[CaseToPrepare], as_of: date
) -> Agenda:
    wanted = {"psychiatrist": pair[0], "nurse": pair[1]}
    meeting = connection.execute(text(MEETING_TO_COME), wanted).one_or_none()
    last = connection.execute(text(_LAST_MEETINGS), wanted).all()
    agenda = Agenda(
        psychiatrist=cases[0].psychiatrist if cases else Person(pair[0], "?", ""),
        nurse=cases[0].nurse if cases else Person(pair[1], "?", ""),
        cases=tuple(cases),
        held_on=next_meeting_day([row.held_on for row in last], as_of),
        pace=pace_of_pair(connection, *pair),
        length=_length(meeting, last),
        short_of_time=short_of_time([(row.due_cases, row.room) for row in last]),
    )
    deferred = _deferred(connection, cases)
    stored = [] if meeting is None else stored_items(connection, meeting.id)
    taken_off = {
        one.episode_id for one in stored if one.removed_reason not in (None, NO_LONGER_DUE)
    }
    left = set(connection.execute(text(_NOT_REACHED), wanted).scalars())
    proposal = [
        replace(item, not_reached=item.episode_id in left)
        for item in proposed(cases, deferred, agenda.room, taken_off)
    ]
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


def _deferred(connection: Connection, cases: Sequence[CaseToPrepare]) -> dict[int, str]:
    """Return the reason of each deferral that still holds, by episode. The earliest meeting comes
    first, and the deferrals of one meeting are in the order of its agenda.
    """
    rows = connection.execute(
        text(_DEFERRED),
        {
            "patients": [case.identity.patient_id for case in cases],
            "episodes": [case.episode_id for case in cases],
        },
    )
    return {row.episode_id: row.reason for row in rows}


def _length(meeting: Row[Any] | None, last: Sequence[Row[Any]]) -> int:
    """Return the length of the meeting in minutes.

    This is the length that was chosen for the meeting or, if none was chosen, that of the latest
    meeting in ``last`` with a chosen length. Without any, it is ``USUAL_MINUTES``.
    """
    chosen = [row.minutes for row in (*([] if meeting is None else [meeting]), *last)]
    return next((minutes for minutes in chosen if minutes is not None), USUAL_MINUTES)


def _as_started(
    cases: Sequence[CaseToPrepare], stored: Sequence[StoredItem]
) -> tuple[AgendaItem, ...]:
    """Return the agenda of a meeting that has started: the stored cases that were not taken off.

    Stored cases that are not among ``cases`` are left out.
    """
    known = {case.episode_id: case for case in cases}
    return tuple(
        AgendaItem(known[one.episode_id], one.chosen_by)
        for one in stored
        if one.removed_at is None and one.episode_id in known
    )


def _marked(items: Iterable[AgendaItem], stored: Sequence[StoredItem]) -> tuple[AgendaItem, ...]:
    """Return the items of an agenda, each with the mark ``is_new``.

    An item is new if it was not on the agenda when the agenda was last stored.
    """
    there = {one.episode_id for one in stored if one.removed_at is None}
    return tuple(replace(item, is_new=item.episode_id not in there) for item in items)


def stored_items(connection: Connection, meeting_id: UUID) -> list[StoredItem]:
    rows = connection.execute(text(_STORED), {"meeting": meeting_id})
    return [StoredItem(*row) for row in rows]


def log_agenda(connection: Connection, action: str, agenda: Agenda) -> None:
    log_access(connection, action, meeting_id=agenda.meeting_id, episodes=len(agenda.items))


OF_PAIR = "psychiatrist_id = :psychiatrist AND nurse_id = :nurse"

MEETING_TO_COME = f"""
    SELECT id, held_on, sent_at, started_at, minutes FROM review.meeting
    WHERE {OF_PAIR} AND ended_at IS NULL
"""

_LAST_MEETINGS = f"""
    SELECT held_on, minutes, due_cases, room FROM review.meeting
    WHERE {OF_PAIR} AND ended_at IS NOT NULL
    ORDER BY ended_at DESC, id LIMIT {LATEST}
"""

_OF_LAST_MEETING = f"""
    i.removed_at IS NULL
    AND i.meeting_id = (SELECT id FROM review.meeting WHERE {OF_PAIR} AND ended_at IS NOT NULL
                        ORDER BY ended_at DESC, id LIMIT 1)
"""

# The cases that the last meeting neither opened nor decided, and that were not reviewed after it.
_NOT_REACHED = f"""
    SELECT i.episode_id
    FROM review.agenda_item i JOIN review.meeting m ON m.id = i.meeting_id
    WHERE i.outcome IS NULL AND i.seconds_spent = 0 AND {_OF_LAST_MEETING}
      AND NOT EXISTS (SELECT FROM review.case_review r
                      WHERE r.patient_id = i.patient_id AND r.episode_id = i.episode_id
                        AND r.signed_at > m.ended_at)
"""

# The cases that a meeting deferred, and that were neither reviewed nor deferred again since. The
# meeting is not joined, because a nurse who has taken over a patient may not see the meetings of
# the nurse before.
_DEFERRED = """
    SELECT i.episode_id, i.reason FROM review.agenda_item i
    WHERE i.patient_id = ANY (:patients) AND i.episode_id = ANY (:episodes)
      AND i.outcome = 'deferred'
      AND NOT EXISTS (SELECT FROM review.agenda_item later
                      WHERE later.patient_id = i.patient_id AND later.episode_id = i.episode_id
                        AND later.outcome = 'deferred'
                        AND (later.decided_at, later.id) > (i.decided_at, i.id))
      AND NOT EXISTS (SELECT FROM review.case_review r
                      WHERE r.patient_id = i.patient_id AND r.episode_id = i.episode_id
                        AND r.signed_at > i.decided_at)
    ORDER BY min(i.decided_at) OVER (PARTITION BY i.meeting_id), i.position, i.episode_id
"""

# The join leaves out episodes that the signed-in practitioner may no longer see, because they may
# not change them either.
_STORED = """
    SELECT i.patient_id, i.episode_id, i.chosen_by, i.removed_at, i.removed_reason,
           i.removed_in_tier
    FROM review.agenda_item i
    JOIN registry.episode e ON e.id = i.episode_id AND e.patient_id = i.patient_id
    WHERE i.meeting_id = :meeting
    ORDER BY i.position, i.episode_id
"""
