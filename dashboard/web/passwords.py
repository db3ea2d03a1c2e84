"""Passwords: what is accepted, how they are kept, how they are checked."""

import secrets
import unicodedata
from functools import cache

import bcrypt

SHORTEST = 12
"""Characters. Length is what counts: no rule about capitals or signs, no expiry."""

LONGEST = 72
"""Bytes: bcrypt looks at no more."""

ROUNDS = 12
"""The cost of a hash: about a third of a second."""


class PasswordRefused(ValueError):
    """Why a password cannot be used, in a sentence."""


def hash_password(password: str, username: str) -> str:
    """What is kept of a new password; raises ``PasswordRefused``."""
    check_password_is_good(password, username)
    return bcrypt.hashpw(_bytes(password), bcrypt.gensalt(ROUNDS)).decode()


def is_right(password: str, password_hash: str | None) -> bool:
    """Whether the password is the one that was hashed.

    Without a hash (there is no such account) the answer is no, and takes as long.
    """
    typed = _bytes(password)
    expected = password_hash.encode() if password_hash else _nobodys(ROUNDS)
    matches = bcrypt.checkpw(typed[:LONGEST], expected)
    return matches and password_hash is not None and len(typed) <= LONGEST


def check_password_is_good(password: str, username: str) -> None:
    """Raise ``PasswordRefused`` unless this can be the password of this account."""
    if len(password) < SHORTEST:
        raise PasswordRefused(f"The password needs at least {SHORTEST} characters.")
    if len(_bytes(password)) > LONGEST:
        raise PasswordRefused(f"The password must not be longer than {LONGEST} bytes.")
    if password != password.strip():
        raise PasswordRefused("The password must not begin or end with a space.")
    if not password.isprintable():
        raise PasswordRefused("The password must not contain control characters.")
    if password.casefold() == username.casefold():
        raise PasswordRefused("The password must not be the username.")


def new_password() -> str:
    """A password of 80 random bits, in groups that can be read out."""
    letters = "abcdefghijkmnpqrstuvwxyz23456789"
    groups = ("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


@cache
def _nobodys(rounds: int) -> bytes:
    return bcrypt.hashpw(secrets.token_bytes(16), bcrypt.gensalt(rounds))


def _bytes(password: str) -> bytes:
    """The same bytes for the same letters, however a keyboard composes an é."""
    return unicodedata.normalize("NFKC", password).encode()
