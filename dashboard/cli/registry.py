"""The commands about the registry: ``init``, ``copy``, ``import``."""

from pathlib import Path
from typing import Annotated

import typer

from dashboard.cli.owner import DatabaseUrl, as_owner, check_address, owner_url, refusals, stop


def init(
    database_url: DatabaseUrl = None,
    app_password: Annotated[
        bool,
        typer.Option(
            "--app-password",
            help="Ask for the passwords of the server's two roles; else a new role gets one.",
            show_default=False,
        ),
    ] = False,
    reference_registry: Annotated[
        bool, typer.Option(help="Create the registry's tables, where there is no registry.")
    ] = False,
    copy: Annotated[
        bool, typer.Option("--copy", help="Fill the registry's tables from schema registry_source.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False, help="Also write the findings as a page, for the registry's owner."
        ),
    ] = None,
) -> None:
    """Prepare a database and report all its faults; exit status 1 if it has any."""
    from dashboard.database import administering
    from dashboard.database.loading.copying import create_copy
    from dashboard.database.operations.examination import examined, in_words
    from dashboard.database.operations.findings_page import write_findings
    from dashboard.database.operations.initialisation import RegistryUnfit, summary
    from dashboard.database.operations.upgrading import bring_up_to_date
    from dashboard.settings import DEMONSTRATION_PASSWORD

    url = owner_url(database_url)
    passwords = _passwords_of_the_roles() if app_password else {}
    with refusals():
        check_address(url)
        try:
            if copy:
                with administering(url) as connection:
                    create_copy(connection)
            done = bring_up_to_date(
                url,
                passwords=passwords,
                reference_registry=reference_registry,
                say=typer.echo,
            )
        except RegistryUnfit as unfit:
            if report is not None:
                write_findings(report, unfit.findings, url)
            raise
        typer.echo(summary(done, url))
        if copy:
            copy_now(url, shrunk=False)
        findings = examined(url, published_password=DEMONSTRATION_PASSWORD)
        if report is not None:
            write_findings(report, findings, url)
    if findings:
        stop(in_words(findings))


def copy(
    shrunk: Annotated[
        bool, typer.Option("--shrunk", help="Copy even if a relation has lost a tenth of its rows.")
    ] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Bring the registry's tables up to date with the views of registry_source, for cron."""
    url = owner_url(database_url)
    check_address(url)
    with refusals():
        copy_now(url, shrunk=shrunk)


def copy_now(url: str, *, shrunk: bool) -> None:
    """Copy the registry and print the changes."""
    from dashboard.database import administering
    from dashboard.database.loading.copying import CopyRefused, copy_registry

    try:
        with administering(url) as connection:
            done = copy_registry(connection, shrunk=shrunk)
    except CopyRefused as reason:
        stop(f"{reason}\nNothing was copied; what was copied before is still there.")
    for one in done:
        typer.echo(str(one))


def import_registry(
    folder: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help="With patient.csv, episode.csv, …")
    ],
    database_url: DatabaseUrl = None,
) -> None:
    """Load the reference registry from a folder of CSV files: all files, or nothing."""
    from dashboard.database.loading.folder_import import import_folder
    from dashboard.database.operations.initialisation import summary

    url = owner_url(database_url)
    with as_owner(url) as connection:
        done = import_folder(connection, folder, say=typer.echo)
    typer.echo(summary(done.initialised, url))


def _passwords_of_the_roles() -> dict[str, str]:
    from dashboard.database.schema.roles import ROLES

    return {
        role: typer.prompt(f"Password of {role}", hide_input=True, confirmation_prompt=True)
        for role in ROLES
    }
