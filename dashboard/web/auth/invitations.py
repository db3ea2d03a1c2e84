"""Invitations: finding an open invitation, and ending the invitations of a person."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, func, text, update

from dashboard.database.schema.review import account_notice
from dashboard.web.auth.sessions import Candidate


@dataclass(frozen=True)
class Invitation:
    """An invitation that can still be used, and the invited person.

    ``language`` is the language of the person's account; None if the person has not chosen one.
    """

    person: Candidate
    expires_at: datetime
    language: str | None


def open_invitation(connection: Connection, invitation: UUID) -> Invitation | None:
    """Return this invitation; None if it was used, was replaced or has expired.

    Also return None if the person has left, or if the account is locked or no longer has a
    temporary password.
    """
    row = connection.execute(_OPEN, {"id": invitation}).one_or_none()
    if row is None:
        return None
    person = Candidate(row.practitioner_id, row.role, row.username, row.password_is_temporary)
    return Invitation(person, row.expires_at, row.language)


def end_invitations(connection: Connection, practitioner_id: int) -> bool:
    """Mark the person's open invitations as used; return whether there was one.

    Call this when the person has chosen a password.
    """
    ended = connection.execute(
        update(account_notice)
        .where(
            account_notice.c.practitioner_id == practitioner_id,
            account_notice.c.expires_at > func.now(),
            account_notice.c.used_at.is_(None),
            account_notice.c.voided_at.is_(None),
        )
        .values(used_at=func.now())
    )
    return ended.rowcount > 0


_OPEN = text("""
    SELECT n.practitioner_id, n.expires_at, p.role, a.username, a.password_is_temporary, a.language
    FROM review.account_notice n
    JOIN review.account a ON a.practitioner_id = n.practitioner_id
    JOIN registry.practitioner p ON p.id = n.practitioner_id
    WHERE n.id = :id AND n.expires_at > now() AND n.used_at IS NULL AND n.voided_at IS NULL
      AND a.password_is_temporary AND a.locked_at IS NULL AND p.active
""")
