"""The draft of a review.

A psychiatrist has at most one draft per episode. The draft is saved while it is typed.
"""

from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, Row, text

from dashboard.clinical.advice.drafts import Draft, NotYours, seen_from_json
from dashboard.clinical.advice.lines import from_json

DRAFT_KEYS = UUID("0b0f8d52-6a0e-4a0f-9b43-5d0c8f1a7c11")


def open_draft(connection: Connection, episode_id: int) -> Draft:
    """Return the signed-in psychiatrist's draft for an episode.

    If there is none, return an empty draft that is not stored. Raise ``NotYours`` if the
    psychiatrist may not see the episode.
    """
    row = find_draft(connection, episode_id)
    if row.saved_at is None:
        return Draft(episode_id, next_key(row))
    return draft_of(row)


def find_draft(connection: Connection, episode_id: int) -> Row[Any]:
    """Return a row with an episode and the signed-in psychiatrist's draft for it.

    If there is no draft, its columns are null. Raise ``NotYours`` if the psychiatrist may not see
    the episode.
    """
    row = connection.execute(text(_FIND), {"episode": episode_id}).one_or_none()
    if row is None:
        raise NotYours
    return row


def draft_of(row: Row[Any]) -> Draft:
    return Draft(
        episode_id=row.episode_id,
        idempotency_key=row.idempotency_key,
        content=from_json(row.content),
        supersedes=row.supersedes,
        seen=seen_from_json(row.content.get("seen")),
        begun_at=row.begun_at,
        saved_at=row.saved_at,
    )


def next_key(row: Row[Any]) -> UUID:
    """Return the idempotency key of a new draft.

    The key depends only on the author, the episode, the number of its reviews, and the last review.
    Two windows that begin a draft of the same review therefore use the same key, also after a
    restart of the server. The number is needed because a new review is not the last one by date if
    the database's clock was set back.
    """
    before = f"{row.reviews} up to {row.last_review_id}"
    return uuid5(DRAFT_KEYS, f"{row.me} reviews {row.episode_id} after {before}")


_FIND = """
    SELECT e.patient_id, e.id AS episode_id, review.acting_practitioner() AS me,
           d.idempotency_key, d.supersedes, d.content, d.begun_at, d.saved_at,
           (SELECT r.id FROM review.case_review r
            WHERE r.patient_id = e.patient_id AND r.episode_id = e.id
            ORDER BY r.signed_at DESC, r.id DESC LIMIT 1) AS last_review_id,
           (SELECT count(*) FROM review.case_review r
            WHERE r.patient_id = e.patient_id AND r.episode_id = e.id) AS reviews
    FROM registry.episode e
    LEFT JOIN review.draft d ON d.patient_id = e.patient_id AND d.episode_id = e.id
        AND d.psychiatrist_id = review.acting_practitioner()
    WHERE e.id = :episode
"""
