"""The letters of a review: the preview before signing and the stored letter after signing."""

from datetime import date
from uuid import UUID

from sqlalchemy import Connection, text

from dashboard.clinical.advice.drafts import Draft
from dashboard.clinical.advice.letters import Letter
from dashboard.database.audit.access_log import log_access
from dashboard.letters.content import LetterContent, file_name, from_json
from dashboard.letters.review_letters import content_for
from dashboard.queries.advice.snapshot import read_letter_source
from dashboard.vocabulary import Role


def preview_letter(connection: Connection, draft: Draft, role: str, today: date) -> LetterContent:
    """Return the letter to the ``gp`` or the ``nurse`` as it would be if ``draft`` were signed now.

    The letter is in the recipient's language. The preview is recorded in the access log. Raise
    ``NotYours`` if the signed-in practitioner may not see the episode.
    """
    source = read_letter_source(connection, draft, today)
    log_access(
        connection, "letter_previewed", source.case.identity.patient_id, episode_id=draft.episode_id
    )
    return content_for(Role(role), source, draft.content)


def open_letter(connection: Connection, case_review_id: UUID, role: str) -> Letter | None:
    """Return the stored letter of a review to the ``gp`` or the ``nurse``.

    Return None if there is no such letter, or if the signed-in practitioner may not see it. The
    opening is recorded in the access log.
    """
    row = connection.execute(text(_STORED), {"review": case_review_id, "role": role}).one_or_none()
    if row is None:
        return None
    log_access(connection, "letter_opened", row.patient_id, letter_id=row.id)
    return Letter(
        case_review_id=case_review_id,
        language=row.language,
        plain_text=row.plain_text,
        pdf=bytes(row.pdf),
        file_name=file_name(from_json(row.content)),
        made_at=row.made_at,
    )


_STORED = """
    SELECT patient_id, id, language, content, plain_text, pdf, made_at
    FROM review.letter
    WHERE case_review_id = :review AND content -> 'recipient' ->> 'role' = :role
"""
