"""Encryption of data that is stored in the database or in a cookie.

The cipher is AES-GCM. For each purpose, a different key is derived from the key of the settings,
or from the token of a sign-in. The ciphertext can be bound to an owner. It then cannot be decrypted
after it has been copied to another person's row.
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
    """Error: the ciphertext was altered, or was encrypted for another owner or with another key."""


def seal_with(key: str) -> None:
    """Use ``key`` in this process in place of the key of the settings."""
    global _key
    _key = key


def can_seal() -> bool:
    """Return whether the configured key exists and is long enough."""
    return len(_configured() or "") >= SHORTEST_KEY


def seal(content: bytes, purpose: str, whose: str = "") -> bytes:
    """Encrypt the content for this purpose and owner; return the nonce and the ciphertext.

    Raise ``ValueError`` if ``can_seal`` returns False.
    """
    return _sealed(derived(purpose), content, whose)


def unseal(sealed: bytes, purpose: str, whose: str = "") -> bytes:
    """Return the content that ``seal`` encrypted.

    Raise ``Broken`` if the purpose, the owner or the key is not the one used by ``seal``.
    """
    try:
        return _opened(derived(purpose), sealed, whose)
    except ValueError as error:
        raise Broken from error


def seal_for(token: str, content: bytes, purpose: str, bound_to: str) -> bytes:
    """Encrypt the content with a key that is derived from ``token``, not from the key of the
    settings.

    The content can be decrypted only with the same ``token``, ``purpose`` and ``bound_to``.
    """
    return _sealed(_derived(token, purpose), content, bound_to)


def unseal_for(token: str, sealed: bytes, purpose: str, bound_to: str) -> bytes:
    """Return the content that ``seal_for`` encrypted.

    Raise ``Broken`` unless all arguments are those that ``seal_for`` was given.
    """
    return _opened(_derived(token, purpose), sealed, bound_to)


def derived(purpose: str, length: int = 32) -> bytes:
    """Return ``length`` bytes derived from the key and ``purpose``, the same at each call.

    Raise ``ValueError`` if there is no key that is long enough.
    """
    key = _configured()
    if key is None or len(key) < SHORTEST_KEY:
        raise ValueError("no key to seal with")
    return _derived(key, purpose, length)


def _sealed(key: bytes, content: bytes, bound_to: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, bound_to.encode())


def _opened(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound_to.encode())
    except (InvalidTag, ValueError) as error:
        raise Broken from error


def _derived(secret: str, purpose: str, length: int = 32) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=length, salt=None, info=purpose.encode())
    return derivation.derive(secret.encode())


def _configured() -> str | None:
    if _key is not None:
        return _key
    configured = settings().sealing_key
    return configured.get_secret_value() if configured else None
