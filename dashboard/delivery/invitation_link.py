"""The signed link of an invitation, with which a person chooses a password."""

from hashlib import sha256
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

PATH = "/invitation/"


def address_of(invitation: UUID, public_url: str, key: str) -> str:
    """Return the full URL of the invitation. ``public_url`` is the URL of the site."""
    return f"{public_url.rstrip('/')}{PATH}{_serializer(key).dumps(invitation.hex)}"


def invitation_in(token: str, key: str) -> UUID | None:
    """Return the id of the invitation in ``token``; None if ``token`` was not signed with
    ``key``.
    """
    try:
        return UUID(_serializer(key).loads(token))
    except (BadData, ValueError):
        return None


def _serializer(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="invitation", signer_kwargs={"digest_method": sha256})
