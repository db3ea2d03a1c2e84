"""The commands about the registry: ``init``, ``copy``, ``import``."""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from dashboard.calendar import PARIS
from dashboard.cli.owner import DatabaseUrl, as_owner, owner_url, refusals, stop
from dashboard.vocabulary import ImportOutcome

if TYPE_CHECKING:
    from dashboard.clinical.registry_imports import PastImport
    from dashboard.database.loading.incremental_import import ImportChoices, Imported

_Result = TypeVar("_Result")


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
    """Prepare a database and report all its faults. The exit status is 1 if it has any."""
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
    """Copy the registry from the views of the schema registry_source.

    Only rows that have changed since the last copy are written. The command is meant for cron.
    """
    url = owner_url(database_url)
    with refusals():
        copy_now(url, shrunk=shrunk)


def copy_now(url: str, *, shrunk: bool) -> None:
    """Copy the registry from the schema registry_source and print the numbers of changed rows.

    If the copy is refused, print the reason and end the command. By default a copy is refused if a
    relation would lose more than a tenth of its rows and more than 50 rows. ``shrunk`` allows such
    a copy.
    """
    from dashboard.database import administering
    from dashboard.database.loading.copying import CopyRefused, copy_registry

    try:
        with administering(url) as connection:
            done = copy_registry(connection, shrunk=shrunk)
    except CopyRefused as reason:
        stop(f"{reason}\nNothing was copied. The earlier copy is unchanged.")
    for one in done:
        typer.echo(str(one))


def import_registry(
    folder: Annotated[
        Path | None,
        typer.Argument(exists=True, file_okay=False, help="Folder of patient.csv, episode.csv, …"),
    ] = None,
    incremental: Annotated[
        bool,
        typer.Option(
            "--incremental", help="Nightly import: add, change and remove rows (docs/registry.md)."
        ),
    ] = False,
    quarantine: Annotated[
        Path | None,
        typer.Option(
            file_okay=False,
            help="Load the valid rows, and write the others to this folder. It then holds patients'"
            " data.",
            show_default=False,
        ),
    ] = None,
    shrunk: Annotated[
        bool, typer.Option("--shrunk", help="Import even if a relation loses a tenth of its rows.")
    ] = False,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="The day that the files describe. Default: the day on which the newest file was"
            " written.",
            show_default=False,
        ),
    ] = None,
    fhir: Annotated[
        bool, typer.Option("--fhir", help="The folder holds FHIR R4 bulk data: *.ndjson.")
    ] = False,
    views: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="With --fhir: a folder of ViewDefinitions of your own.",
            show_default=False,
        ),
    ] = None,
    server: Annotated[
        str | None,
        typer.Option(
            help="With --fhir: the address of the FHIR server, if references are whole addresses.",
            show_default=False,
        ),
    ] = None,
    history: Annotated[
        bool, typer.Option("--history", help="Show the last imports, and import nothing.")
    ] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Load the reference registry from a folder of files.

    If a file has a fault, nothing is loaded. With --quarantine, the valid rows are loaded and the
    invalid rows are written to another folder.
    """
    url = owner_url(database_url)
    if history:
        _show_history(url)
        return
    if folder is None:
        stop("Give the folder of the files.")
    if (views or server) and not fhir:
        stop("--views and --server need --fhir.")
    if not (incremental or fhir):
        if quarantine or shrunk or as_of:
            stop("--quarantine, --shrunk and --as-of need --incremental or --fhir.")
        _import_once(url, folder)
        return
    from dashboard.database.loading.incremental_import import ImportChoices

    day = as_of.date() if as_of else None
    choices = ImportChoices(day, "files", shrunk, quarantine)
    if fhir:
        _import_fhir(url, folder, choices, views, server)
    else:
        _import_changes(url, folder, choices)


def _show_history(url: str) -> None:
    from dashboard.database.loading.import_history import import_history

    with as_owner(url) as connection:
        past = import_history(connection, 20)
    typer.echo("\n".join(map(_in_words, past)) or "No import yet.")


def _in_words(past: "PastImport") -> str:
    when = f"{past.at.astimezone(PARIS):%Y-%m-%d %H:%M}"
    said = {
        ImportOutcome.LOADED: "loaded",
        ImportOutcome.SET_ASIDE: "loaded, with rows set aside",
        ImportOutcome.STOPPED: "stopped, nothing was changed",
    }[past.outcome]
    first = f"{when}  {past.source}, as of {past.as_of}: {said}"
    return "\n".join([first, *(f"  {one}" for one in past.relations)])


def _import_once(url: str, folder: Path) -> None:
    from dashboard.database.loading.folder_import import import_folder
    from dashboard.database.operations.initialisation import summary

    with as_owner(url) as connection:
        done = import_folder(connection, folder, say=typer.echo)
    typer.echo(summary(done.initialised, url))


def _import_changes(url: str, folder: Path, choices: "ImportChoices") -> None:
    from dashboard.database.loading.incremental_import import import_changes

    done = _asking_if_shrunk(
        choices, lambda chosen: import_changes(url, folder, chosen, say=typer.echo)
    )
    _echo(done)


def _import_fhir(
    url: str, folder: Path, choices: "ImportChoices", views: Path | None, server: str | None
) -> None:
    from dashboard.database.loading.fhir_import import VIEWS, BadViews, import_fhir

    try:
        done = _asking_if_shrunk(
            choices,
            lambda chosen: import_fhir(url, folder, chosen, typer.echo, views or VIEWS, server),
        )
    except BadViews as reason:
        stop(f"{reason}\nNothing was changed.")
    # The bad cells are not printed, because their line numbers refer to temporary files made from
    # the FHIR resources. The FHIR resources that could not be loaded are printed instead.
    _echo(replace(done.imported, cells=()))
    typer.echo(f"{done.resources:,} resources read.")
    for one in done.unmapped:
        typer.echo(str(one))


def _asking_if_shrunk(
    choices: "ImportChoices", run: "Callable[[ImportChoices], _Result]"
) -> "_Result":
    """Run an import and return its result. End the command if the import is refused.

    If a relation would lose too many rows, ask at the terminal whether to import anyway.
    """
    from dashboard.database.loading.incremental_import import Shrunk, WrittenAboutMeanwhile

    with refusals():
        try:
            return run(choices)
        except WrittenAboutMeanwhile as reason:
            stop(f"{reason}\nNothing was changed.")
        except Shrunk as reason:
            typer.echo(str(reason), err=True)
            if not sys.stdin.isatty() or not typer.confirm("Are these rows really gone?"):
                stop("Nothing was changed. If the rows are really gone, import with --shrunk.")
            return run(replace(choices, shrunk=True))


def _echo(done: "Imported") -> None:
    for one in done.arrived:
        typer.echo(str(one))
    for cell in done.cells:
        typer.echo(str(cell))
    if done.aside is not None:
        typer.echo(f"Set aside in {done.aside}: patients' data, for its owner alone to read.")


def _passwords_of_the_roles() -> dict[str, str]:
    from dashboard.database.schema.roles import ROLES

    return {
        role: typer.prompt(f"Password of {role}", hide_input=True, confirmation_prompt=True)
        for role in ROLES
    }
