"""Encryption of secrets that are kept in the database or in a cookie.

The cipher is AES-GCM. For each purpose, a different key is derived from the key of the settings.
The ciphertext is bound to an owner: copied to another person's row, it cannot be decrypted.
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
    """Error: the ciphertext has another owner, was altered, or was encrypted with another key."""


def seal_with(key: str) -> None:
    """Use this key from now on instead of the one in the settings."""
    global _key
    _key = key


def can_seal() -> bool:
    """Return whether the configured key exists and is long enough."""
    return len(_configured() or "") >= SHORTEST_KEY


def seal(content: bytes, purpose: str, whose: str = "") -> bytes:
    """Encrypt the content for this purpose and owner; return the nonce and the ciphertext.

    Raise ``ValueError`` without a key; call ``can_seal`` first.
    """
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(derived(purpose)).encrypt(nonce, content, whose.encode())


def unseal(sealed: bytes, purpose: str, whose: str = "") -> bytes:
    """Return the decrypted content; raise ``Broken`` if purpose, owner or key are not the same."""
    try:
        opener = AESGCM(derived(purpose))
        return opener.decrypt(sealed[:_NONCE], sealed[_NONCE:], whose.encode())
    except (InvalidTag, ValueError) as error:
        raise Broken from error


def derived(purpose: str, length: int = 32) -> bytes:
    """Return ``length`` bytes derived from the key, the same at each call with the same purpose.

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
