"""The commands: ``python -m dashboard …``."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from sqlalchemy import Connection

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        help="The database, as its owner; else CASE_REVIEW_ADMIN_DATABASE_URL.",
        show_default=False,
    ),
]


@app.callback()
def commands() -> None:
    """Weekly case review for collaborative care."""


@app.command()
def init(
    database_url: DatabaseUrl = None,
    app_password: Annotated[
        str | None, typer.Option(help="The application role's password; else a new role gets one.")
    ] = None,
    reference_registry: Annotated[
        bool, typer.Option(help="Create the registry's tables, where there is no registry.")
    ] = False,
) -> None:
    """Prepare a database: check the registry, migrate schema review, set who may see what."""
    from dashboard.database.initialisation import initialise, summary

    url = owner_url(database_url)
    with as_owner(url) as connection:
        done = initialise(
            connection, app_password=app_password, reference_registry=reference_registry
        )
    typer.echo(summary(done, url))


@app.command("import")
def import_registry(
    folder: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help="With patient.csv, episode.csv, …")
    ],
    database_url: DatabaseUrl = None,
) -> None:
    """Load the reference registry from a folder of CSV files: all of them, or nothing."""
    from dashboard.database.folder_import import import_folder
    from dashboard.database.initialisation import summary

    url = owner_url(database_url)
    with as_owner(url) as connection:
        done = import_folder(connection, folder, say=typer.echo)
    typer.echo(summary(done.initialised, url))


def owner_url(given: str | None) -> str:
    """The owner's address of the database: as given, else as configured."""
    from dashboard.settings import settings

    configured = settings().admin_database_url
    if given is not None:
        return given
    if configured is None:
        stop("Give --database-url or set CASE_REVIEW_ADMIN_DATABASE_URL.")
    return configured.get_secret_value()


@contextmanager
def as_owner(url: str) -> "Iterator[Connection]":
    """A transaction as the owner of the database; what goes wrong is said in a sentence."""
    from sqlalchemy.exc import ArgumentError, DBAPIError

    from dashboard.database import administering
    from dashboard.database.folder_import import BadFolder
    from dashboard.database.initialisation import RegistryUnfit

    try:
        with administering(url) as connection:
            yield connection
    except (RegistryUnfit, BadFolder) as reason:
        stop(f"{reason}\nNothing was changed.")
    except ArgumentError:
        stop("The address of the database must look like postgresql://user:password@host/name.")
    except DBAPIError as error:
        stop(f"The database refused: {str(error.orig).splitlines()[0]}\nNothing was changed.")


def stop(sentence: str) -> NoReturn:
    """Say what is wrong and end with exit status 1."""
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
