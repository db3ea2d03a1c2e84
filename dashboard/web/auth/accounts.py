"""Accounts: creation, passwords, locking and a person's preferences."""

import re
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from dashboard.database import serving
from dashboard.database.audit.access_log import log_access
from dashboard.database.schema.registry import practitioner
from dashboard.database.schema.review import (
    account,
    account_notice,
    second_factor,
    sign_in_failure,
)
from dashboard.web.auth.passwords import NOT_AGAIN, hash_password, is_right
from dashboard.web.auth.sessions import end_all, end_others

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{2,63}")


class AccountRefused(ValueError):
    """Error: the account cannot be created or changed. The text gives the reason, as a sentence."""


def add_account(
    connection: Connection,
    practitioner_id: int,
    username: str,
    password: str | None,
    *,
    temporary: bool = False,
) -> None:
    """Create an account for a practitioner.

    ``password`` is None if only the site's identity provider authenticates the person. A
    ``temporary`` password must be changed at the first sign-in. Raise ``AccountRefused`` if the
    username or the practitioner cannot be used. Raise ``PasswordRefused`` if the password is not
    accepted.
    """
    name = normalised(username)
    if name is None:
        raise AccountRefused(
            "A username has 3 to 64 letters without accents, digits, or . _ @ + - signs."
        )
    names = _check_practitioner(connection, practitioner_id)
    _check_is_free(connection, practitioner_id, name)
    connection.execute(
        account.insert().values(
            practitioner_id=practitioner_id,
            username=name,
            password_hash=None if password is None else hash_password(password, [name, *names]),
            password_is_temporary=temporary,
        )
    )


def set_password(
    connection: Connection, username: str, password: str, *, temporary: bool = False
) -> None:
    """Set a new password.

    Raise ``PasswordRefused`` if the password is weak or was used recently.
    """
    found = _account(connection, username)
    before = [one for one in (found.password_hash, *found.old_password_hashes) if one]
    names = connection.execute(
        select(practitioner.c.family_name, practitioner.c.given_name).where(
            practitioner.c.id == found.practitioner_id
        )
    ).one()
    _change(
        connection,
        found,
        password_hash=hash_password(password, [found.username, *names], before),
        password_is_temporary=temporary,
        old_password_hashes=before[:NOT_AGAIN],
    )


def password_is_temporary(connection: Connection, username: str) -> bool:
    """Return whether the password is temporary: somebody else has set it, so it must be changed.

    Lock the row of the account until the transaction ends.
    """
    return bool(
        connection.execute(
            select(account.c.password_is_temporary)
            .where(account.c.username == normalised(username))
            .with_for_update()
        ).scalar()
    )


def change_password(connection: Connection, username: str, old: str, new: str, token: str) -> bool:
    """Replace the password if ``old`` is right, and end the other sign-ins of the person.

    Return False, and change nothing, if ``old`` is wrong. The sign-in of ``token`` stays open.
    Raise ``PasswordRefused`` if ``new`` is not accepted.
    """
    found = _account(connection, username)
    if not is_right(old, found.password_hash):
        return False
    set_password(connection, username, new)
    end_others(connection, token, found.practitioner_id)
    log_access(connection, "password_changed")
    return True


def reset_second_factor(connection: Connection, username: str) -> None:
    """Delete the second factor and recovery codes of an account, and end its sign-ins.

    Use this for a person who has lost both the telephone and the recovery codes.
    """
    found = _account(connection, username)
    connection.execute(
        delete(second_factor).where(second_factor.c.practitioner_id == found.practitioner_id)
    )
    end_all(connection, found.practitioner_id)


def reset_password(
    connection: Connection, username: str, password: str, *, temporary: bool = False
) -> None:
    """Set a new password, delete the account's failed attempts and end all its sign-ins.

    Its open invitations become void.
    """
    found = _account(connection, username)
    set_password(connection, username, password, temporary=temporary)
    connection.execute(
        delete(sign_in_failure).where(sign_in_failure.c.practitioner_id == found.practitioner_id)
    )
    _void_invitations(connection, found)
    end_all(connection, found.practitioner_id)


def lock_account(connection: Connection, username: str) -> None:
    """Lock an account, end all its sign-ins and make its open invitations void."""
    found = _account(connection, username)
    _change(connection, found, locked_at=func.coalesce(account.c.locked_at, func.now()))
    _void_invitations(connection, found)
    end_all(connection, found.practitioner_id)


def unlock_account(connection: Connection, username: str) -> None:
    """Unlock an account; its password stays the same."""
    _change(connection, _account(connection, username), locked_at=None)


def remember_language(practitioner_id: int, code: str) -> None:
    """Store ``code`` as the language of messages to this person.

    Do nothing if the person has no account.
    """
    with serving() as connection:
        connection.execute(
            update(account)
            .where(account.c.practitioner_id == practitioner_id)
            .values(language=code)
        )


def is_new(practitioner_id: int) -> bool:
    """Return whether this person has an account and has not closed the introduction yet.

    The introduction is shown until the person closes it (``first_visit``).
    """
    with serving() as connection:
        return (
            connection.execute(
                select(account.c.introduced_at.is_(None)).where(
                    account.c.practitioner_id == practitioner_id
                )
            ).scalar_one_or_none()
            is True
        )


def remember_introduction(practitioner_id: int) -> None:
    """Store that this person has closed the introduction, which is then never shown again."""
    with serving() as connection:
        connection.execute(
            update(account)
            .where(account.c.practitioner_id == practitioner_id)
            .values(introduced_at=func.now())
        )


def normalised(username: str) -> str | None:
    """Return the username in lower case, as it is stored; None if it cannot be a username."""
    name = username.strip().lower()
    return name if _USERNAME.fullmatch(name) else None


def _account(connection: Connection, username: str) -> Row[Any]:
    found = connection.execute(
        select(account).where(account.c.username == normalised(username))
    ).one_or_none()
    if found is None:
        raise AccountRefused("There is no account with this username.")
    return found


def _change(connection: Connection, found: Row[Any], **values: object) -> None:
    connection.execute(
        update(account).where(account.c.practitioner_id == found.practitioner_id).values(**values)
    )


def _void_invitations(connection: Connection, found: Row[Any]) -> None:
    """Make the open invitations void, so that nobody can choose a password with their links."""
    connection.execute(
        update(account_notice)
        .where(
            account_notice.c.practitioner_id == found.practitioner_id,
            account_notice.c.expires_at.is_not(None),
            account_notice.c.used_at.is_(None),
            account_notice.c.voided_at.is_(None),
        )
        .values(voided_at=func.now())
    )


def _check_practitioner(connection: Connection, practitioner_id: int) -> tuple[str, str]:
    """Return the family name and given name of the practitioner.

    Raise ``AccountRefused`` if the registry has no such practitioner, or an inactive one.
    """
    found = connection.execute(
        select(practitioner).where(practitioner.c.id == practitioner_id)
    ).one_or_none()
    if found is None:
        raise AccountRefused(f"The registry has no practitioner {practitioner_id}.")
    if not found.active:
        raise AccountRefused(f"Practitioner {practitioner_id} is no longer active.")
    return found.family_name, found.given_name


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
