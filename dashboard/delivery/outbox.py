"""The sender's access to the outbox: claim a row, read its letter, and record the result."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from dashboard.clinical.delivery import Failure
from dashboard.database import serving
from dashboard.database.committing import repeated_if_unclear
from dashboard.delivery.message import Letter


@dataclass(frozen=True)
class Claim:
    """A row of the outbox that a sender has claimed until the end of its lease.

    ``attempt`` is the number of the attempt, counted from 1.
    """

    patient_id: int
    delivery_id: UUID
    attempt: int


def claim(lease: timedelta) -> Claim | None:
    """Claim and return the row of the outbox that has been due for the longest time.

    Return None if no row is due. The claim counts as an attempt. The row is due again when the
    lease ends.
    """
    with serving() as connection:
        row = connection.execute(text(_CLAIM), {"lease": lease}).one_or_none()
    return None if row is None else Claim(*row)


def read(claimed: Claim) -> Letter | None:
    """Return the letter of a claimed row of the outbox; None if the lease has ended."""
    with serving() as connection:
        row = connection.execute(text(_LETTER), _key(claimed)).one_or_none()
    if row is None:
        return None
    return Letter(
        delivery_id=claimed.delivery_id,
        case_review_id=row.case_review_id,
        message_id=row.message_id,
        reminder=row.reminder,
        in_reply_to=row.in_reply_to,
        queued_at=row.queued_at,
        recipient_name=f"{row.given_name or ''} {row.family_name or ''}".strip(),
        recipient_address=row.secure_email,
        reply_address=row.reply_address,
        signs_in=row.signs_in,
        language=row.language or "fr",
        plain_text=row.plain_text,
        pdf=row.pdf,
        notice=row.notice,
        partly_ended=row.partly_ended,
    )


def mark_sent(claimed: Claim, transport: str) -> None:
    """Record that the mail server has accepted the letter.

    This is recorded even if another sender has claimed the same row in the meantime.
    """
    _write(claimed, _SENT, transport=transport)


def mark_queued(claimed: Claim, failure: Failure, wait: timedelta) -> None:
    """Record that the letter was not sent, and make it due again after ``wait``.

    Do nothing if another sender has claimed the same row in the meantime.
    """
    _write(claimed, _QUEUED, error=str(failure), wait=wait)


def mark_failed(claimed: Claim, failure: Failure) -> None:
    """Record that the letter was not sent and will not be tried again.

    Do nothing if another sender has claimed the same row in the meantime.
    """
    _write(claimed, _FAILED, error=str(failure))


def _write(claimed: Claim, statement: str, **values: Any) -> None:
    def once() -> None:
        with serving() as connection:
            connection.execute(text(statement), _key(claimed) | values)

    repeated_if_unclear(once)


def _key(claimed: Claim) -> dict[str, Any]:
    return {
        "patient": claimed.patient_id,
        "id": claimed.delivery_id,
        "attempt": claimed.attempt,
    }


_CLAIM = """
    SELECT patient_id, id, attempt FROM review.claim_mail(:lease)
"""

_LETTER = "SELECT * FROM review.claimed_letter(:patient, :id, :attempt)"

_SENT = """
    UPDATE review.delivery
    SET state = 'sent', sent_at = now(), next_attempt_at = NULL, error = NULL,
        transport = :transport
    WHERE patient_id = :patient AND id = :id AND state <> 'sent'
"""

_OURS = "patient_id = :patient AND id = :id AND state = 'queued' AND attempts = :attempt"

_QUEUED = f"""
    UPDATE review.delivery SET error = :error, next_attempt_at = now() + :wait WHERE {_OURS}
"""

_FAILED = f"""
    UPDATE review.delivery SET state = 'failed', error = :error, next_attempt_at = NULL
    WHERE {_OURS}
"""
