"""Functions with which a command connects to the database as its owner.

They find the address of the database, and print each error as one sentence.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from sqlalchemy import Connection

DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        help="The database, as its owner; else CASE_REVIEW_ADMIN_DATABASE_URL.",
        show_default=False,
    ),
]
"""The option ``--database-url`` of the commands that the owner of the database runs."""


def owner_url(given: str | None) -> str:
    """Return ``given``, or the configured address of the database if ``given`` is None.

    End the command with a message if no address is configured. End it also if ``given`` contains a
    password or is not the address of a database.
    """
    from dashboard.settings import settings

    configured = settings().admin_database_url
    if given is not None:
        _check_address(given)
        return given
    if configured is None:
        stop("Give --database-url or set CASE_REVIEW_ADMIN_DATABASE_URL.")
    return configured.get_secret_value()


@contextmanager
def as_owner(url: str) -> "Iterator[Connection]":
    """Open a transaction as the owner of the database and yield its connection.

    End the command with a message if the registry, the database or a file causes an error in the
    block.
    """
    from dashboard.database import administering

    with refusals(), administering(url) as connection:
        yield connection


@contextmanager
def refusals() -> "Iterator[None]":
    """Run the block. If the registry, the database or a file causes an error, end the command.

    The error is printed in sentences.
    """
    from sqlalchemy.exc import DBAPIError

    from dashboard.database.loading.staging import BadFolder
    from dashboard.database.operations.initialisation import RegistryUnfit
    from dashboard.database.operations.refusal import reason_of
    from dashboard.database.operations.upgrading import UpgradeStopped

    try:
        yield
    except UpgradeStopped as reason:
        stop(str(reason))
    except (RegistryUnfit, BadFolder) as reason:
        stop(f"{reason}\nNothing was changed.")
    except DBAPIError as error:
        stop(f"The database refused: {reason_of(error)}\nNothing was changed.")
    except OSError as error:
        stop(f"{error.filename} cannot be read: {error.strerror}.\nNothing was changed.")


def _check_address(url: str) -> None:
    """End the command with a message if ``url`` contains a password or is not the address of a
    database.

    Other users of the machine can read the command line.
    """
    from sqlalchemy import make_url

    from dashboard.settings import is_database_address

    if not is_database_address(url):
        stop("The address of the database must look like postgresql://user:password@host/name.")
    address = make_url(url)
    if address.password is not None or "password" in address.query:
        stop(
            "Other users of this machine can read the password on a command line. Put the"
            " address into CASE_REVIEW_ADMIN_DATABASE_URL, or the password into ~/.pgpass."
        )


def stop(sentence: str) -> NoReturn:
    """Print ``sentence`` to stderr and end the command with exit status 1."""
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
