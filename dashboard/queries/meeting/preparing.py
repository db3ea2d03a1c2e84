"""Changes to a nurse's preparation of a case: saving it, making it ready, and withdrawing it."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from dashboard.clinical.meeting.agenda import Preparation
from dashboard.clinical.stored_json import storable
from dashboard.database.audit.access_log import log_access
from dashboard.queries.case.standing_lines import lock_advice
from dashboard.queries.meeting.preparation import (
    PREPARATION,
    current_preparation,
    find_preparation,
    id_after,
    is_taken_over,
    next_id,
    preparation_of,
)


def save_preparation(
    connection: Connection,
    episode_id: int,
    *,
    question: str | None = None,
    tried: str | None = None,
    wants_discussion: bool | None = None,
) -> Preparation:
    """Save what the nurse has typed or ticked in the preparation of a case.

    An argument that is None leaves the stored value unchanged. If the preparation was withdrawn, or
    a review has answered it, a new preparation begins with these values. Raise ``NotYours`` if the
    signed-in practitioner is not the nurse of the episode, and does not cover the nurse.
    """
    lock_advice(connection, episode_id)
    episode = find_preparation(connection, episode_id)
    row = _save_next(connection, episode, question, tried, wants_discussion)
    return replace(preparation_of(row), saved_at=row.saved_at)


def make_ready(connection: Connection, episode_id: int) -> Preparation:
    """Mark the preparation as ready. The time to answer its question counts from this moment.

    A second call changes nothing while the preparation is ready. If a review has answered it, a new
    and empty one begins and is marked as ready. Raise ``NotYours`` if the signed-in practitioner is
    not the nurse of the episode, and does not cover the nurse.
    """
    lock_advice(connection, episode_id)
    episode = find_preparation(connection, episode_id)
    _save_next(connection, episode, None, None, None)
    wanted = {"patient": episode.patient_id, "id": next_id(episode)}
    changed = connection.execute(text(_MAKE_READY), wanted).rowcount
    if changed:
        _log(connection, "preparation_ready", episode)
    return preparation_of(connection.execute(text(_READ), wanted).one())


def withdraw(connection: Connection, episode_id: int) -> Preparation:
    """Withdraw a preparation that was made ready, and return a new one with the same text.

    The new preparation is not ready. The withdrawn one stays stored. If no preparation is ready,
    nothing changes, and the open one is returned, or an empty one if none is open. Raise
    ``NotYours`` if the signed-in practitioner is not the nurse of the episode, and does not cover
    the nurse.
    """
    lock_advice(connection, episode_id)
    episode = find_preparation(connection, episode_id)
    if not episode.is_open or episode.ready_at is None:
        return current_preparation(episode)
    wanted = {"patient": episode.patient_id, "id": episode.id}
    connection.execute(text(_WITHDRAW), wanted)
    _log(connection, "preparation_withdrawn", episode)
    return preparation_of(
        _save(
            connection,
            episode,
            id_after(episode),
            episode.question,
            episode.tried,
            episode.wants_discussion,
        )
    )


def _save_next(
    connection: Connection,
    episode: Row[Any],
    question: str | None,
    tried: str | None,
    wants_discussion: bool | None,
) -> Row[Any]:
    """Save the preparation of the present nurse.

    If an earlier nurse of the episode has begun it, withdraw the earlier one and take its values
    where an argument is None.
    """
    if is_taken_over(episode):
        connection.execute(text(_WITHDRAW), {"patient": episode.patient_id, "id": episode.id})
        question = episode.question if question is None else question
        tried = episode.tried if tried is None else tried
        if wants_discussion is None:
            wants_discussion = episode.wants_discussion
    return _save(connection, episode, next_id(episode), question, tried, wants_discussion)


def _save(
    connection: Connection,
    episode: Row[Any],
    number: UUID,
    question: str | None,
    tried: str | None,
    wants_discussion: bool | None,
) -> Row[Any]:
    return connection.execute(
        text(_SAVE),
        {
            "patient": episode.patient_id,
            "id": number,
            "episode": episode.episode_id,
            "nurse": episode.nurse_id,
            "question": _kept(question),
            "tried": _kept(tried),
            "wants_discussion": wants_discussion,
        },
    ).one()


def _kept(typed: str | None) -> str | None:
    """Return the text without the characters that the database cannot store.

    If there are only spaces, return an empty text. If ``typed`` is None, return None.
    """
    return None if typed is None else storable(typed) if typed.strip() else ""


def _log(connection: Connection, action: str, episode: Row[Any]) -> None:
    log_access(connection, action, episode.patient_id, episode_id=episode.episode_id)


# ``asked_at`` is the time of the statement, not the start of the transaction. A preparation that
# follows another one in the same transaction therefore has a later time.
_SAVE = f"""
    INSERT INTO review.preparation AS q (patient_id, id, episode_id, nurse_id, question, tried,
                                         wants_discussion, asked_at)
    VALUES (:patient, :id, :episode, :nurse, coalesce(:question, ''), coalesce(:tried, ''),
            coalesce(:wants_discussion, false), clock_timestamp())
    ON CONFLICT (patient_id, id) DO UPDATE
    SET question = coalesce(:question, q.question), tried = coalesce(:tried, q.tried),
        wants_discussion = coalesce(:wants_discussion, q.wants_discussion)
    RETURNING {PREPARATION}, clock_timestamp() AS saved_at
"""

_MAKE_READY = """
    UPDATE review.preparation SET ready_at = clock_timestamp()
    WHERE patient_id = :patient AND id = :id AND ready_at IS NULL
"""

_WITHDRAW = """
    UPDATE review.preparation SET withdrawn_at = clock_timestamp()
    WHERE patient_id = :patient AND id = :id AND withdrawn_at IS NULL
"""

_READ = f"SELECT {PREPARATION} FROM review.preparation WHERE patient_id = :patient AND id = :id"
