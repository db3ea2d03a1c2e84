"""Permanent erasure of all that the schema ``review`` has about one patient.

Every row of the patient is deleted from every table with a ``patient_id``: drafts, questions,
agenda, reviews, advice, answers, letters, the outbox, incidents, emergencies.

The access log is not erased, because a patient can ask who opened the record, when and why. The law
says how long the log is kept. The log also records the erasure, with a proof that does not reveal
the content. For each review, the proof has the time of signing, the psychiatrist and a digest. For
each letter, it has the recipient and a digest.

The registry is not touched, because it has another owner.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from dashboard.database.audit.access_log import log_access
from dashboard.database.schema import review
from dashboard.database.security.policies import NEVER_CHANGED

KEPT = ("access_log",)

# In this order, a row is deleted before the rows that it refers to.
ERASED_FROM = tuple(
    table.name
    for table in reversed(review.metadata.sorted_tables)
    if "patient_id" in table.columns and table.name not in KEPT
)
"""The tables from which a patient is erased.

They are all tables about patients, except the tables in ``KEPT``.
"""


class CannotErase(Exception):
    """The error raised if nothing was erased. Its text says why."""


@dataclass(frozen=True)
class Held:
    """The numbers of rows about a patient in the schema ``review``."""

    rows: dict[str, int]
    """The number of rows in each table that has any."""
    letters_waiting: int
    """The number of queued letters. They will not be sent after the erasure."""
    open_episode: bool
    """Whether the patient has an open episode, so that new rows may be written after an erasure."""


def held(connection: Connection, patient_id: int) -> Held:
    """Return the numbers of the rows that an erasure would delete."""
    patient = {"patient": patient_id}

    def count(condition: str) -> int:
        asked = text(f"SELECT count(*) FROM {condition} AND patient_id = :patient")
        return int(connection.execute(asked, patient).scalar_one())

    rows = {table: count(f"review.{table} WHERE true") for table in sorted(ERASED_FROM)}
    return Held(
        rows={table: number for table, number in rows.items() if number},
        letters_waiting=count("review.delivery WHERE channel = 'mail' AND state = 'queued'"),
        open_episode=count("registry.episode WHERE status IS DISTINCT FROM 'closed'") > 0,
    )


def erase(connection: Connection, patient_id: int) -> dict[str, int]:
    """Erase a patient from the schema ``review``; return the number of deleted rows by table.

    Rows about other patients are not changed. Raise ``CannotErase`` during a meeting whose agenda
    contains the patient.
    """
    patient = {"patient": patient_id}
    connection.execute(text("SET LOCAL lock_timeout = '2s'"))
    guarded = [table for table in ERASED_FROM if table in NEVER_CHANGED]
    locked = ", ".join(f"review.{table}" for table in sorted(ERASED_FROM))
    # With this lock nobody can write about any patient until the end of the transaction. So the
    # digests describe exactly the erased rows.
    connection.execute(text(f"LOCK TABLE {locked} IN SHARE ROW EXCLUSIVE MODE"))
    if connection.execute(text(_IN_A_MEETING), patient).first() is not None:
        raise CannotErase("A meeting is running that has the patient on its agenda.")
    proof = _proof(connection, patient_id)
    connection.execute(text(_NO_LONGER_THERE), patient)
    for table in guarded:
        connection.execute(text(f"ALTER TABLE review.{table} DISABLE TRIGGER append_only"))
    rows = {
        table: connection.execute(
            text(f"DELETE FROM review.{table} WHERE patient_id = :patient"), patient
        ).rowcount
        for table in ERASED_FROM
    }
    for table in guarded:
        connection.execute(text(f"ALTER TABLE review.{table} ENABLE TRIGGER append_only"))
    erased = {table: number for table, number in sorted(rows.items()) if number}
    log_access(connection, "patient_erased", patient_id, rows=erased, **proof)
    return erased


def _proof(connection: Connection, patient_id: int) -> dict[str, list[dict[str, Any]]]:
    """Return the SHA-256 digests of the patient's reviews and letters.

    Each review has its psychiatrist and its time of signing, each letter its recipient.
    """
    return {
        name: [
            dict(row._mapping) for row in connection.execute(text(query), {"patient": patient_id})
        ]
        for name, query in (("reviews", _REVIEWS), ("letters", _LETTERS))
    }


_IN_A_MEETING = """
    SELECT FROM review.agenda_item i JOIN review.meeting m ON m.id = i.meeting_id
    WHERE i.patient_id = :patient AND m.started_at IS NOT NULL AND m.ended_at IS NULL
"""

_NO_LONGER_THERE = """
    UPDATE review.meeting SET current_item_id = NULL
    WHERE current_item_id IN (SELECT id FROM review.agenda_item WHERE patient_id = :patient)
"""

_REVIEWS = """
    SELECT r.id, r.signed_at, r.psychiatrist_id,
           encode(sha256(convert_to(to_jsonb(r)::text || coalesce((
               SELECT string_agg(to_jsonb(a)::text, '' ORDER BY a.position)
               FROM review.recommendation a
               WHERE a.patient_id = r.patient_id AND a.case_review_id = r.id
           ), ''), 'UTF8')), 'hex') AS sha256
    FROM review.case_review r WHERE r.patient_id = :patient ORDER BY r.signed_at, r.id
"""

_LETTERS = """
    SELECT l.id, l.recipient_id, encode(sha256(l.pdf), 'hex') AS sha256
    FROM review.letter l WHERE l.patient_id = :patient ORDER BY l.made_at, l.id
"""
