"""The commands: ``python -m dashboard …``."""

from typing import Annotated, NoReturn

import typer

app = typer.Typer(
    help="Weekly case review for collaborative care.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

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
def init(database_url: DatabaseUrl = None) -> None:
    """Prepare a database: schema review, the application's role, who may see what."""
    from dashboard.database import administering
    from dashboard.database.preparation import prepare

    with administering(owner_url(database_url)) as connection:
        prepare(connection)


def owner_url(given: str | None) -> str:
    """The owner's address of the database: as given, else as configured."""
    from dashboard.settings import settings

    configured = settings().admin_database_url
    if given is None and configured is None:
        stop("Give --database-url or set CASE_REVIEW_ADMIN_DATABASE_URL.")
    return given or configured.get_secret_value()


def stop(sentence: str) -> NoReturn:
    """Say what is wrong and end with exit status 1."""
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
