"""Passwords that were stolen somewhere and published: whoever guesses begins with them.

``stolen_passwords.bin`` holds, of those that are long enough for here, the 44,000 most used
ones: sorted, of each the first bytes of its SHA-256, so that no list of words lies about.
``tools/stolen_passwords.py`` says of which list it is made, and makes it anew.
"""

import hashlib
from bisect import bisect_left
from functools import cache
from pathlib import Path

BYTES = 8
"""Of each digest: two of the passwords that people choose do not have the same ones."""

_FILE = Path(__file__).parent / "stolen_passwords.bin"


def is_stolen(password: str) -> bool:
    """Whether this password is published, with whichever capitals."""
    wanted = digest(password)
    kept = _digests()
    place = bisect_left(range(len(kept) // BYTES), wanted, key=lambda one: _at(kept, one))
    return _at(kept, place) == wanted


def digest(password: str) -> bytes:
    """What is kept of a published password."""
    return hashlib.sha256(password.casefold().encode()).digest()[:BYTES]


def _at(kept: bytes, place: int) -> bytes:
    return kept[place * BYTES : (place + 1) * BYTES]


@cache
def _digests() -> bytes:
    return _FILE.read_bytes()
