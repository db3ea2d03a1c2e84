"""The commands about accounts: ``python -m dashboard account …``."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.cli.owner import DatabaseUrl, as_owner, owner_url, stop

if TYPE_CHECKING:
    from sqlalchemy import Connection

account = typer.Typer(no_args_is_help=True, help="The accounts with which practitioners sign in.")

Username = Annotated[str, typer.Argument(help="Case does not count.", show_default=False)]

Generate = Annotated[
    bool, typer.Option("--generate", help="Make a password and print it, once.", show_default=False)
]


@account.command()
def add(
    practitioner: Annotated[int, typer.Argument(help="The practitioner's id in the registry.")],
    username: Username,
    generate: Generate = False,
    without_password: Annotated[
        bool,
        typer.Option(
            "--without-password",
            help="Sign in through the site's identity provider only.",
            show_default=False,
        ),
    ] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Give a practitioner an account.

    The person must choose another password at the first sign-in.
    """
    from dashboard.web.auth.accounts import add_account

    password = None if without_password else _new_password(generate)
    with changing_accounts(database_url) as connection:
        add_account(connection, practitioner, username, password, temporary=password is not None)
    _say_password(password, generate)


@account.command()
def reset(username: Username, generate: Generate = False, database_url: DatabaseUrl = None) -> None:
    """Set a temporary password, end all sign-ins of the account and make open invitations void.

    The person must choose another password at the next sign-in.
    """
    from dashboard.web.auth.accounts import reset_password

    password = _new_password(generate)
    with changing_accounts(database_url) as connection:
        reset_password(connection, username, password, temporary=True)
    _say_password(password, generate)


@account.command("reset-second-factor")
def reset_second_factor(username: Username, database_url: DatabaseUrl = None) -> None:
    """Delete the second factor of an account and end all its sign-ins.

    Use this command if a practitioner has lost the telephone that generates the codes.
    """
    from dashboard.web.auth.accounts import reset_second_factor

    with changing_accounts(database_url) as connection:
        reset_second_factor(connection, username)


@account.command()
def lock(username: Username, database_url: DatabaseUrl = None) -> None:
    """Lock an account, end all its sign-ins and make its open invitations void."""
    from dashboard.web.auth.accounts import lock_account

    with changing_accounts(database_url) as connection:
        lock_account(connection, username)


@account.command()
def unlock(username: Username, database_url: DatabaseUrl = None) -> None:
    """Unlock an account. Its password stays the same."""
    from dashboard.web.auth.accounts import unlock_account

    with changing_accounts(database_url) as connection:
        unlock_account(connection, username)


@account.command()
def invite(
    practitioner: Annotated[
        int | None,
        typer.Argument(help="The practitioner's id in the registry.", show_default=False),
    ] = None,
    site: Annotated[
        int | None,
        typer.Option(
            "--site",
            help="Invite the psychiatrists, nurses and GPs of this site who have no account.",
            show_default=False,
        ),
    ] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Invite a practitioner by mail, or those of a site who have no account.

    With --site, these are the active psychiatrists, nurses and GPs who have a secure mail address.
    The mail contains a link with which the practitioner chooses a password and a second factor. The
    link is valid for 7 days. The server or the command `deliver` sends the mail to the secure mail
    address that the registry has for the practitioner.
    """
    from dashboard.clinical.accounts import ChangeNotPossible
    from dashboard.queries.account.managing_accounts import (
        change_account_as_owner,
        people_to_invite,
    )
    from dashboard.vocabulary import AccountAction

    if (practitioner is None) == (site is None):
        stop("Give the id of a practitioner, or --site with the id of a site.")
    _refuse_without_links()
    with changing_accounts(database_url) as connection:
        people = [practitioner] if site is None else people_to_invite(connection, site)
        for person in people:
            try:
                change_account_as_owner(connection, int(person or 0), AccountAction.INVITE)
            except ChangeNotPossible:
                stop(
                    f"Practitioner {person} cannot be invited: unknown, no longer active, locked,"
                    " or with a password already (use account reset).\nNothing was changed."
                )
    typer.echo(f"Invited: {len(people)}.")


def _refuse_without_links() -> None:
    from dashboard.settings import settings

    if settings().public_url is None or settings().link_key is None:
        stop("Invitations need CASE_REVIEW_PUBLIC_URL and CASE_REVIEW_LINK_KEY.")


@contextmanager
def changing_accounts(database_url: str | None) -> "Iterator[Connection]":
    """Open a transaction as the owner of the database and yield its connection.

    If the block raises an error because an account cannot be changed, print the reason and end the
    command.
    """
    from dashboard.web.auth.accounts import AccountRefused
    from dashboard.web.auth.passwords import PasswordRefused

    try:
        with as_owner(owner_url(database_url)) as connection:
            yield connection
    except (AccountRefused, PasswordRefused) as reason:
        stop(f"{reason}\nNothing was changed.")


def _new_password(generate: bool) -> str:
    from dashboard.settings import DEMONSTRATION_PASSWORD
    from dashboard.web.auth.passwords import new_password

    if generate:
        return new_password()
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    if password == DEMONSTRATION_PASSWORD:
        stop("This password is published: it is the demonstration's.\nNothing was changed.")
    return password


def _say_password(password: str | None, generated: bool) -> None:
    if generated and password is not None:
        typer.echo(f"Password: {password}")
