"""Passwords that were stolen and published. Attackers try them first.

``stolen_passwords.bin`` covers the 44,000 most used passwords that are long enough. The file holds
the first bytes of their SHA-256 digests, sorted, so that nobody can read the passwords from it.
``tools/stolen_passwords.py`` names the source and builds the file.
"""

import hashlib
from bisect import bisect_left
from functools import cache
from pathlib import Path

BYTES = 8
"""Length of each digest in the file, in bytes. At this length, all digests are different."""

_FILE = Path(__file__).parent / "stolen_passwords.bin"


def is_stolen(password: str) -> bool:
    """Return whether this password was published, in lower or upper case."""
    wanted = digest(password)
    kept = _digests()
    place = bisect_left(range(len(kept) // BYTES), wanted, key=lambda one: _at(kept, one))
    return _at(kept, place) == wanted


def digest(password: str) -> bytes:
    """Return the first bytes of the password's SHA-256 digest, without regard to case."""
    return hashlib.sha256(password.casefold().encode()).digest()[:BYTES]


def _at(kept: bytes, place: int) -> bytes:
    return kept[place * BYTES : (place + 1) * BYTES]


@cache
def _digests() -> bytes:
    return _FILE.read_bytes()
