"""The command that fills an empty database with a synthetic registry."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import typer

from dashboard.cli.owner import DatabaseUrl, as_owner, owner_url, stop


def demo(
    patients: Annotated[int, typer.Option(min=1, help="How many patients in all.")] = 2910,
    seed: Annotated[int, typer.Option(help="The same seed makes the same registry.")] = 1,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day of the registry; today by default."),
    ] = None,
    caseload: Annotated[
        int | None, typer.Option(min=1, help="Open episodes of a psychiatrist, about.")
    ] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Fill an empty database with a synthetic registry and synthetic earlier reviews."""
    from dashboard.calendar import today
    from dashboard.database.operations.initialisation import initialise, summary
    from dashboard.demo.fill import RegistryNotEmpty, fill

    url = owner_url(database_url)
    day = as_of.date() if as_of else today()
    try:
        with as_owner(url) as connection, progress_in_patients(patients) as progress:
            done = initialise(connection, reference_registry=True)
            fill(
                connection,
                patients=patients,
                seed=seed,
                as_of=day,
                caseload=caseload,
                progress=progress,
            )
    except RegistryNotEmpty as reason:
        stop(f"{reason}\nNothing was changed.")
    typer.echo(summary(done, url))


@contextmanager
def progress_in_patients(patients: int) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on stderr.

    Yield a function that updates the bar. Its arguments are the number of patients created so far
    and the number of patients to create.
    """
    with typer.progressbar(length=patients, label="Patients", file=sys.stderr) as bar:
        yield lambda done, of: bar.update(done - bar.pos)
