"""The commands ``backup``, ``restore`` and ``erase`` of ``python -m dashboard``."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.cli.owner import DatabaseUrl, as_owner, owner_url, stop
from dashboard.cli.reports import in_words

if TYPE_CHECKING:
    from dashboard.database.operations.erasure import Held


def backup(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="The file to write, a new one.")],
    database_url: DatabaseUrl = None,
) -> None:
    """Write schema review to a file in pg_dump's custom format.

    The file contains neither the registry nor the keys of the settings.
    """
    from dashboard.database.operations.backup import back_up

    url = owner_url(database_url)
    with _refusals("No backup was made."):
        size = back_up(url, file)
    typer.echo(f"{file}: {size / 1e6:.1f} MB, for its owner alone to read.")
    typer.echo(NOT_IN_A_BACKUP)


def restore(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="A file that `backup` has written.")
    ],
    database_url: DatabaseUrl = None,
) -> None:
    """Restore a backup into a database that has the registry and no schema review."""
    from dashboard.database.operations.backup import restore as restored_from
    from dashboard.database.operations.initialisation import summary

    url = owner_url(database_url)
    with _refusals("Nothing was changed."):
        done = restored_from(url, file)
    typer.echo(summary(done.initialised, url))
    typer.echo(
        f"Sign-ins ended: {done.sign_ins_ended}. Erase again the patients that were erased since."
    )
    for finding in done.verified.findings:
        typer.echo(in_words(finding))
    typer.echo(f"{done.verified.rows} rows of the access log verified.")
    if done.verified.findings:
        typer.echo("The access log is NOT as it was written.", err=True)
        raise typer.Exit(1)


def erase(
    patient: Annotated[
        int, typer.Option(help="The patient's id in the registry.", show_default=False)
    ],
    database_url: DatabaseUrl = None,
) -> None:
    """Permanently erase all rows about a patient in schema review, except the access log."""
    from dashboard.database.operations.erasure import CannotErase, held
    from dashboard.database.operations.erasure import erase as erase_patient

    url = owner_url(database_url)
    with as_owner(url) as connection:
        found = held(connection, patient)
    if not found.rows:
        stop("Schema review holds nothing of this patient but the access log.")
    typer.echo("\n".join(_said_of(found)))
    typed = typer.prompt("This cannot be undone. Type the patient's id once more")
    if typed.strip() != str(patient):
        stop("Nothing was changed.")
    try:
        with as_owner(url) as connection:
            erased = erase_patient(connection, patient)
    except CannotErase as reason:
        stop(f"{reason}\nNothing was changed.")
    typer.echo(f"{sum(erased.values())} rows erased. Backups still hold them; see docs/keeping.md.")


def _said_of(found: "Held") -> Iterator[str]:
    """Yield the lines to print before an erasure: the numbers of rows to erase, and warnings."""
    for table, rows in found.rows.items():
        yield f"  review.{table}: {rows}"
    if found.letters_waiting:
        yield f"Letters that wait and will not be sent: {found.letters_waiting}."
    if found.open_episode:
        yield "The registry still has this patient in care: what people write is kept again."


NOT_IN_A_BACKUP = (
    "Not in it: the registry, the keys and passwords of the settings"
    " (CASE_REVIEW_SEALING_KEY, CASE_REVIEW_LINK_KEY, CASE_REVIEW_AUDIT_KEY), the anchors,"
    " letters in a mail folder. Keep them too, and the keys elsewhere."
)


@contextmanager
def _refusals(otherwise: str) -> Iterator[None]:
    """Run the block. If the backup or the restoration fails, print the reason and end the command.

    The text ``otherwise`` is printed after the reason. It is not printed after ``RestoredInPart``,
    because the rows were then restored.
    """
    from sqlalchemy.exc import DBAPIError

    from dashboard.database.operations.backup import BackupRefused, RestoredInPart, RestoreRefused
    from dashboard.database.operations.initialisation import RegistryUnfit
    from dashboard.database.operations.pg_tools import NoProgram
    from dashboard.database.operations.refusal import reason_of

    try:
        yield
    except RestoredInPart as reason:
        stop(str(reason))
    except (BackupRefused, RestoreRefused, RegistryUnfit, NoProgram) as reason:
        stop(f"{reason}\n{otherwise}")
    except DBAPIError as error:
        stop(f"The database refused: {reason_of(error)}\n{otherwise}")
    except OSError as error:
        stop(f"{error.filename} cannot be used: {error.strerror}.\n{otherwise}")
