"""Storing the letters of a review, in the transaction that signs it."""

import json
from uuid import UUID, uuid4

from sqlalchemy import Connection, text

from dashboard.letters.answer_link import LIFETIME, AnswerLink
from dashboard.letters.content import (
    to_json,
)
from dashboard.queries.advice.letters import Made


def store_letters(connection: Connection, case_review_id: UUID, letters: list[Made]) -> None:
    """Store the letters with the review, in the transaction that signs it."""
    for one in letters:
        connection.execute(
            text(_INSERT),
            {
                "id": uuid4(),
                "review": case_review_id,
                "recipient": one.content.recipient.id,
                "language": one.content.language,
                "content": json.dumps(to_json(one.content)),
                "plain_text": one.plain_text,
                "pdf": one.pdf,
            },
        )
        if one.link is not None:
            _store_link(connection, case_review_id, one.link)


def _store_link(connection: Connection, case_review_id: UUID, link: AnswerLink) -> None:
    connection.execute(
        text(_INSERT_LINK),
        {
            "id": link.id,
            "review": case_review_id,
            "recipient": link.recipient_id,
            "lifetime": LIFETIME,
        },
    )


_INSERT = """
    INSERT INTO review.letter (patient_id, id, case_review_id, recipient_id, language, content,
                               plain_text, pdf)
    SELECT patient_id, :id, id, :recipient, :language, CAST(:content AS jsonb), :plain_text, :pdf
    FROM review.case_review WHERE id = :review
    ON CONFLICT (patient_id, case_review_id, recipient_id) DO NOTHING
"""

_INSERT_LINK = """
    INSERT INTO review.answer_link (patient_id, id, case_review_id, recipient_id, expires_at)
    SELECT patient_id, :id, id, :recipient, now() + :lifetime
    FROM review.case_review WHERE id = :review
"""
