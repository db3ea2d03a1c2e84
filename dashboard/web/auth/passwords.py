"""Passwords: what is accepted, how they are kept, how they are checked."""

import secrets
import unicodedata
from collections.abc import Iterable
from functools import cache

import bcrypt

from dashboard.web.auth.easy_passwords import is_easy
from dashboard.web.auth.stolen_passwords import is_stolen

SHORTEST = 12
"""Characters. Length is what counts: no rule about capitals or signs, no expiry."""

LONGEST = 72
"""Bytes: bcrypt looks at no more."""

ROUNDS = 12
"""The cost of a hash: about a third of a second."""


NOT_AGAIN = 5
"""So many passwords before the present one are not used again."""


class PasswordRefused(ValueError):
    """Why a password cannot be used: ``reason`` names it, the text says it in a sentence."""

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
    """What is kept of a new password; raises ``PasswordRefused``.

    ``names`` are the username's and the person's, ``before`` the hashes of the passwords that
    are not used again.
    """
    check_password_is_good(password, names)
    if any(is_right(password, old) for old in before):
        raise PasswordRefused("before")
    return bcrypt.hashpw(_bytes(password), bcrypt.gensalt(ROUNDS)).decode()


def is_right(password: str, password_hash: str | None) -> bool:
    """Whether the password is the one that was hashed.

    Without a hash (there is no such account) the answer is no, and takes as long.
    """
    typed = _bytes(password)
    expected = password_hash.encode() if password_hash else _nobodys(ROUNDS)
    matches = bcrypt.checkpw(typed[:LONGEST], expected)
    return matches and password_hash is not None and len(typed) <= LONGEST


def check_password_is_good(password: str, names: Iterable[str]) -> None:
    """Raise ``PasswordRefused`` unless this can be the password of somebody of these names."""
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
    """A password of 80 random bits, in groups that can be read out.

    One that is nearly all digits would be refused as easy: it is drawn again.
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
    """The same bytes for the same letters, however a keyboard composes an é."""
    return unicodedata.normalize("NFKC", password).encode()
