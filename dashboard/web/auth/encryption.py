"""Encryption of secrets that are kept in the database or in a cookie.

AES-GCM, under a key derived from the setting, a different one for each purpose. The ciphertext is
bound to its owner: moved to another person's row, it does not decrypt.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from dashboard.settings import SHORTEST_KEY, settings

_NONCE = 12

_key: str | None = None


class Broken(Exception):
    """Ciphertext of another owner, altered, or encrypted with another key."""


def seal_with(key: str) -> None:
    """Use this key from now on, in place of the one in the settings."""
    global _key
    _key = key


def can_seal() -> bool:
    """Return whether a key is configured that is long enough."""
    return len(_configured() or "") >= SHORTEST_KEY


def seal(content: bytes, purpose: str, whose: str = "") -> bytes:
    """Return the content encrypted for this purpose and owner, after its nonce.

    Raise ``ValueError`` without a key; ask ``can_seal`` first.
    """
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(derived(purpose)).encrypt(nonce, content, whose.encode())


def unseal(sealed: bytes, purpose: str, whose: str = "") -> bytes:
    """Return the content that was encrypted for this purpose and owner; raise ``Broken``."""
    try:
        opener = AESGCM(derived(purpose))
        return opener.decrypt(sealed[:_NONCE], sealed[_NONCE:], whose.encode())
    except (InvalidTag, ValueError) as error:
        raise Broken from error


def derived(purpose: str, length: int = 32) -> bytes:
    """Return ``length`` bytes derived from the key, always the same for the same purpose.

    Raise ``ValueError`` if there is no key that is long enough.
    """
    key = _configured()
    if key is None or len(key) < SHORTEST_KEY:
        raise ValueError("no key to seal with")
    derivation = HKDF(algorithm=SHA256(), length=length, salt=None, info=purpose.encode())
    return derivation.derive(key.encode())


def _configured() -> str | None:
    if _key is not None:
        return _key
    configured = settings().sealing_key
    return configured.get_secret_value() if configured else None
