"""The signed link by which a GP without an account can answer one review. It works once and for a
limited time.
"""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

LIFETIME = timedelta(days=60)
"""Time after the signing of the review during which its link can be used [proposal]."""

PATH = "/answer/"


@dataclass(frozen=True)
class AnswerLink:
    """A row of ``review.answer_link``: the link to one review, and the practitioner who uses it."""

    id: UUID
    recipient_id: int


def address_of(link: AnswerLink, public_url: str, key: str) -> str:
    """Return the full address of the link. ``public_url`` is the address of the site."""
    token = _serializer(key).dumps([link.id.hex, link.recipient_id])
    return f"{public_url.rstrip('/')}{PATH}{token}"


def link_in(token: str, key: str) -> AnswerLink | None:
    """Return the link that ``token`` contains; None if ``token`` has no valid signature by
    ``key``.
    """
    try:
        number, recipient_id = _serializer(key).loads(token)
    except BadData:
        return None
    return AnswerLink(UUID(number), recipient_id)


def _serializer(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="answer", signer_kwargs={"digest_method": sha256})
