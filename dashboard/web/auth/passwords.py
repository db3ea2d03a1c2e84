"""Passwords: acceptance, hashing and verification."""

import secrets
import unicodedata
from collections.abc import Iterable
from functools import cache

import bcrypt

from dashboard.web.auth.easy_passwords import is_easy
from dashboard.web.auth.stolen_passwords import is_stolen

SHORTEST = 12
"""Minimum number of characters of a password.

Capitals and signs are not required, and passwords do not expire.
"""

LONGEST = 72
"""Maximum length of a password in bytes. bcrypt accepts no further bytes."""

ROUNDS = 12
"""Cost parameter of bcrypt. With it, one hash takes a quarter to half of a second."""


NOT_AGAIN = 5
"""Number of former passwords that may not be used again."""


class PasswordRefused(ValueError):
    """Error: a password is not accepted. The text is the sentence for ``reason``."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(_SENTENCES[reason])


_SENTENCES = {
    "short": f"The password needs at least {SHORTEST} characters.",
    "long": f"The password must not be longer than {LONGEST} bytes.",
    "space": "The password must not begin or end with a space.",
    "control": "The password must not contain control characters.",
    "easy": (
        "The password is too easy to guess: it needs more than names, well-known words,"
        " numbers and keys in a row."
    ),
    "stolen": "The password is one of those that were stolen somewhere and published.",
    "before": f"The password must not be the present one nor one of the {NOT_AGAIN} before it.",
}


def hash_password(password: str, names: Iterable[str], before: Iterable[str] = ()) -> str:
    """Return the hash of a new password.

    ``names`` are the username and the names of the person. ``before`` are the hashes of the
    passwords that may not be used again. Raise ``PasswordRefused`` if the password is not accepted.
    """
    check_password_is_good(password, names)
    if any(is_right(password, old) for old in before):
        raise PasswordRefused("before")
    return bcrypt.hashpw(_bytes(password), bcrypt.gensalt(ROUNDS)).decode()


def is_right(password: str, password_hash: str | None) -> bool:
    """Return whether ``password_hash`` is the hash of this password.

    If ``password_hash`` is None, return False, but only after the time that a check takes. The
    duration therefore does not reveal whether the account exists.
    """
    typed = _bytes(password)
    expected = password_hash.encode() if password_hash else _nobodys(ROUNDS)
    matches = bcrypt.checkpw(typed[:LONGEST], expected)
    return matches and password_hash is not None and len(typed) <= LONGEST


def check_password_is_good(password: str, names: Iterable[str]) -> None:
    """Raise ``PasswordRefused`` if the person with these names may not use this password.

    The reason is ``short``, ``long``, ``space``, ``control``, ``easy`` or ``stolen``.
    """
    if len(password) < SHORTEST:
        raise PasswordRefused("short")
    if len(_bytes(password)) > LONGEST:
        raise PasswordRefused("long")
    if password != password.strip():
        raise PasswordRefused("space")
    if not password.isprintable():
        raise PasswordRefused("control")
    if is_easy(password, names):
        raise PasswordRefused("easy")
    if is_stolen(password):
        raise PasswordRefused("stolen")


def new_password() -> str:
    """Return a random password of 80 bits, in groups of four characters that are easy to read out.

    A password of nearly only digits would be refused as easy, so such a password is not returned.
    """
    while is_easy(drawn := _drawn(), names=()):
        pass
    return drawn


def _drawn() -> str:
    letters = "abcdefghijkmnpqrstuvwxyz23456789"
    groups = ("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


@cache
def _nobodys(rounds: int) -> bytes:
    return bcrypt.hashpw(secrets.token_bytes(16), bcrypt.gensalt(rounds))


def _bytes(password: str) -> bytes:
    """Return the password as bytes, after Unicode normalisation.

    Keyboards compose a letter such as é in different ways, which must give the same bytes.
    """
    return unicodedata.normalize("NFKC", password).encode()
