"""Permanent erasure of what the schema ``review`` holds about one patient.

The patient's rows are deleted from all tables about patients, except the access log. The access log
stays, because a patient can ask who opened the record, and because the law says how long the log is
kept. The registry is not changed, because it has another owner.

The access log records the erasure, with a proof that does not reveal the content: the time of
signing, the psychiatrist and a digest of each review, and the recipient and a digest of each
letter.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from dashboard.database.audit.access_log import log_access
from dashboard.database.schema import review
from dashboard.database.security.policies import NEVER_CHANGED

KEPT = ("access_log",)

# The tables are reversed, so that a row is deleted before the rows to which it refers.
ERASED_FROM = tuple(
    table.name
    for table in reversed(review.metadata.sorted_tables)
    if "patient_id" in table.columns and table.name not in KEPT
)
"""The tables from which a patient is erased: all tables about patients that are not in ``KEPT``."""


class CannotErase(Exception):
    """The error raised if nothing was erased. Its text gives the reason."""


@dataclass(frozen=True)
class Held:
    """The rows that the schema ``review`` holds about one patient, as numbers."""

    rows: dict[str, int]
    """The number of rows by table. Tables without a row of the patient are left out."""
    letters_waiting: int
    """The number of letters in the outbox that an erasure would delete before they are sent."""
    open_episode: bool
    """Whether the patient has an open episode, about which people may write again after an
    erasure.
    """


def held(connection: Connection, patient_id: int) -> Held:
    """Return the numbers of rows that an erasure of the patient would delete."""
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

    Raise ``CannotErase`` during a meeting that has the patient on its agenda.
    """
    patient = {"patient": patient_id}
    connection.execute(text("SET LOCAL lock_timeout = '2s'"))
    guarded = [table for table in ERASED_FROM if table in NEVER_CHANGED]
    locked = ", ".join(f"review.{table}" for table in sorted(ERASED_FROM))
    # Until the end of the transaction, nobody can write about any patient. The digests therefore
    # match exactly the rows that are erased.
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
    """Return the SHA-256 digests of the patient's reviews and letters, for the access log.

    A review is named by its psychiatrist and its time of signing, a letter by its recipient.
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
