"""The signed link with which a GP without an account can answer one review.

The link can be used once, and only for a limited time.
"""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

LIFETIME = timedelta(days=60)
"""Time after the signing of a review during which its answer link can be used.

No source prescribes this value [proposal].
"""

PATH = "/answer/"


@dataclass(frozen=True)
class AnswerLink:
    """A row of ``review.answer_link``: the id of a link, and the practitioner who may use the
    link.
    """

    id: UUID
    recipient_id: int


def address_of(link: AnswerLink, public_url: str, key: str) -> str:
    """Return the full URL of the link. ``public_url`` is the URL of the site."""
    token = _serializer(key).dumps([link.id.hex, link.recipient_id])
    return f"{public_url.rstrip('/')}{PATH}{token}"


def link_in(token: str, key: str) -> AnswerLink | None:
    """Return the link that ``token`` contains; None if ``token`` was not signed with ``key``."""
    try:
        number, recipient_id = _serializer(key).loads(token)
    except BadData:
        return None
    return AnswerLink(UUID(number), recipient_id)


def _serializer(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="answer", signer_kwargs={"digest_method": sha256})
