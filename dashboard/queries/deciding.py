"""Storing the outcome of a case in a running meeting. Each case gets only one outcome.

Every change to a running meeting first locks the row of the meeting. If two people decide a case at
once, the second one waits, and then sees the outcome that the first one has stored.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, text

from dashboard.clinical.advice.drafts import NotYours
from dashboard.clinical.meeting.meetings import AlreadyDecided, MeetingItem, check_can_decide
from dashboard.queries.agenda_items import ITEM_COLUMNS, item_of


@dataclass(frozen=True)
class OnAgenda:
    """A case on the agenda of a meeting whose row this transaction has locked."""

    meeting_id: UUID
    patient_id: int
    item: MeetingItem


def running_item(connection: Connection, episode_id: int) -> OnAgenda | None:
    """Lock the running meeting in which the psychiatrist discusses this episode, and return its
    case.

    The psychiatrist is the one who is signed in, or a colleague whom they cover. Return None if
    there is no such meeting.
    """
    meeting = connection.execute(text(_RUNNING), {"episode": episode_id}).scalar_one_or_none()
    if meeting is None:
        return None
    row = connection.execute(
        text(f"{_ITEM} WHERE i.meeting_id = :meeting AND i.episode_id = :episode"),
        {"meeting": meeting, "episode": episode_id},
    ).one()
    return OnAgenda(meeting, row.patient_id, item_of(row))


def lock_item(connection: Connection, item_id: UUID) -> OnAgenda:
    """Lock the meeting of this case until the transaction ends, and return the case.

    ``item_id`` is the id of the case on the agenda. Raise ``NotYours`` if the signed-in
    practitioner may not see the case, or if the case was taken off the agenda. Raise ``NotRunning``
    if the meeting is not running.
    """
    meeting = connection.execute(text(_ITS_MEETING), {"item": item_id}).one_or_none()
    if meeting is None:
        raise NotYours
    check_can_decide(meeting.started_at, meeting.ended_at)
    row = connection.execute(text(f"{_ITEM} WHERE i.id = :item"), {"item": item_id}).one_or_none()
    if row is None or row.removed:
        raise NotYours
    return OnAgenda(meeting.id, row.patient_id, item_of(row))


def decide(
    connection: Connection,
    case: OnAgenda,
    outcome: str,
    *,
    reason: str | None = None,
    case_review_id: UUID | None = None,
) -> None:
    """Store the outcome of a case in its meeting.

    Raise ``AlreadyDecided`` if it already has one.
    """
    decided = connection.execute(
        text(_DECIDE),
        {
            "patient": case.patient_id,
            "item": case.item.id,
            "outcome": outcome,
            "reason": reason,
            "review": case_review_id,
        },
    )
    if decided.rowcount != 1:
        raise AlreadyDecided(case.item)


_ITEM = f"""
    SELECT i.removed_at IS NOT NULL AS removed, {ITEM_COLUMNS}
    FROM review.agenda_item i LEFT JOIN registry.practitioner d ON d.id = i.decided_by
"""

_RUNNING = """
    SELECT m.id FROM review.meeting m
    WHERE m.started_at IS NOT NULL AND m.ended_at IS NULL
      AND m.psychiatrist_id = ANY ((SELECT review.acting_for())::bigint[])
      AND EXISTS (SELECT FROM review.agenda_item i
                  WHERE i.meeting_id = m.id AND i.episode_id = :episode AND i.removed_at IS NULL)
    ORDER BY m.started_at DESC LIMIT 1
    FOR UPDATE
"""

_ITS_MEETING = """
    SELECT m.id, m.started_at, m.ended_at
    FROM review.meeting m
    WHERE m.id = (SELECT i.meeting_id FROM review.agenda_item i WHERE i.id = :item)
    FOR UPDATE
"""

_DECIDE = """
    UPDATE review.agenda_item
    SET outcome = :outcome, reason = :reason, case_review_id = :review, decided_at = now(),
        decided_by = review.acting_practitioner()
    WHERE patient_id = :patient AND id = :item AND outcome IS NULL
"""
