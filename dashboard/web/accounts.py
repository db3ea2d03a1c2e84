"""Accounts: made, given a new password, locked, by the owner of the database."""

import re

from sqlalchemy import Connection, Row, delete, func, select, update

from dashboard.database import acting_as
from dashboard.database.registry import practitioner
from dashboard.database.review import account, sign_in_failure
from dashboard.web.passwords import hash_password
from dashboard.web.sessions import end_all

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{2,63}")


class AccountRefused(ValueError):
    """Why an account cannot be made or changed, in a sentence."""


def add_account(connection: Connection, practitioner_id: int, username: str, password: str) -> None:
    """Give a practitioner an account; raises ``AccountRefused`` or ``PasswordRefused``."""
    name = normalised(username)
    if name is None:
        raise AccountRefused(
            "A username has 3 to 64 letters without accents, digits, or . _ @ + - signs."
        )
    _check_practitioner(connection, practitioner_id)
    _check_is_free(connection, practitioner_id, name)
    connection.execute(
        account.insert().values(
            practitioner_id=practitioner_id,
            username=name,
            password_hash=hash_password(password, name),
        )
    )


def reset_password(connection: Connection, username: str, password: str) -> None:
    """Set a new password; whoever is signed in with the old one is signed out."""
    found = _account(connection, username)
    _change(connection, found, password_hash=hash_password(password, found.username))
    connection.execute(
        delete(sign_in_failure).where(sign_in_failure.c.practitioner_id == found.practitioner_id)
    )
    end_all(connection, found.practitioner_id)


def lock_account(connection: Connection, username: str) -> None:
    """Lock an account; whoever is signed in with it is signed out."""
    found = _account(connection, username)
    _change(connection, found, locked_at=func.coalesce(account.c.locked_at, func.now()))
    end_all(connection, found.practitioner_id)


def unlock_account(connection: Connection, username: str) -> None:
    """Open a locked account again, with the password that it had."""
    _change(connection, _account(connection, username), locked_at=None)


def remember_language(practitioner_id: int, code: str) -> None:
    """Write to this person in this language from now on; nothing for who has no account."""
    with acting_as(practitioner_id) as connection:
        connection.execute(
            update(account)
            .where(account.c.practitioner_id == practitioner_id)
            .values(language=code)
        )


def normalised(username: str) -> str | None:
    """The username as it is kept: case does not count. None if it cannot be one."""
    name = username.strip().lower()
    return name if _USERNAME.fullmatch(name) else None


def _account(connection: Connection, username: str) -> Row:
    found = connection.execute(
        select(account).where(account.c.username == normalised(username))
    ).one_or_none()
    if found is None:
        raise AccountRefused("There is no account with this username.")
    return found


def _change(connection: Connection, found: Row, **values: object) -> None:
    connection.execute(
        update(account).where(account.c.practitioner_id == found.practitioner_id).values(**values)
    )


def _check_practitioner(connection: Connection, practitioner_id: int) -> None:
    active = connection.execute(
        select(practitioner.c.active).where(practitioner.c.id == practitioner_id)
    ).scalar_one_or_none()
    if active is None:
        raise AccountRefused(f"The registry has no practitioner {practitioner_id}.")
    if not active:
        raise AccountRefused(f"Practitioner {practitioner_id} is no longer active.")


def _check_is_free(connection: Connection, practitioner_id: int, username: str) -> None:
    taken = connection.execute(
        select(account.c.practitioner_id).where(
            (account.c.practitioner_id == practitioner_id) | (account.c.username == username)
        )
    ).first()
    if taken is None:
        return
    if taken.practitioner_id == practitioner_id:
        raise AccountRefused(f"Practitioner {practitioner_id} already has an account.")
    raise AccountRefused("This username is taken.")
