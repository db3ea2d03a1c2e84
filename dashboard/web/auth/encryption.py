"""What must be kept but not be read in the database or in a cookie: sealed with a key.

AES-GCM under a key derived from the setting, a different one for each purpose. What is
sealed says whose it is: moved to another's row it does not open.
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
    """What is sealed is somebody else's, altered, or was sealed with another key."""


def seal_with(key: str) -> None:
    """Use this key from now on, in place of the one that the settings name."""
    global _key
    _key = key


def can_seal() -> bool:
    """Whether there is a key that is long enough."""
    return len(_configured() or "") >= SHORTEST_KEY


def seal(content: bytes, purpose: str, whose: str = "") -> bytes:
    """The content, sealed; there must be a key (``can_seal``)."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(derived(purpose)).encrypt(nonce, content, whose.encode())


def unseal(sealed: bytes, purpose: str, whose: str = "") -> bytes:
    """What was sealed for this purpose and this person; raises ``Broken``."""
    try:
        opener = AESGCM(derived(purpose))
        return opener.decrypt(sealed[:_NONCE], sealed[_NONCE:], whose.encode())
    except (InvalidTag, ValueError) as error:
        raise Broken from error


def derived(purpose: str, length: int = 32) -> bytes:
    """So many bytes from the key, always the same for the same purpose."""
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
