"""The commands: ``python -m dashboard …``."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from typer.core import TyperGroup

from dashboard.audit_commands import audit
from dashboard.keeping_commands import backup, erase, restore

if TYPE_CHECKING:
    from click import Context
    from sqlalchemy import Connection


class Commands(TyperGroup):
    """The commands; settings that are wrong end each of them with a sentence."""

    def invoke(self, ctx: "Context") -> object:
        """Run the command that was given."""
        from dashboard.settings import SettingsRefused

        try:
            return super().invoke(ctx)
        except SettingsRefused as reason:
            stop(str(reason))


app = typer.Typer(
    cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
account = typer.Typer(no_args_is_help=True, help="The accounts with which practitioners sign in.")
app.add_typer(account, name="account")
app.add_typer(audit, name="audit")
app.command()(backup)
app.command()(restore)
app.command()(erase)

DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        help="The database, as its owner; else CASE_REVIEW_ADMIN_DATABASE_URL.",
        show_default=False,
    ),
]


Username = Annotated[str, typer.Argument(help="Case does not count.", show_default=False)]

Generate = Annotated[
    bool, typer.Option("--generate", help="Make a password and print it, once.", show_default=False)
]


@app.callback()
def commands() -> None:
    """Weekly case review for collaborative care."""


@app.command()
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
    """Prepare a database, and say all that is wrong with it; exit status 1 if something is."""
    from dashboard.database import administering
    from dashboard.database.copying import create_copy
    from dashboard.database.examination import examined, in_words
    from dashboard.database.findings_page import write_findings
    from dashboard.database.initialisation import RegistryUnfit, summary
    from dashboard.database.upgrading import bring_up_to_date
    from dashboard.demo.accounts import DEMONSTRATION_PASSWORD

    url = owner_url(database_url)
    passwords = _passwords_of_the_roles() if app_password else {}
    with _saying_why():
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


@app.command()
def copy(
    shrunk: Annotated[
        bool, typer.Option("--shrunk", help="Though a relation has lost a tenth of its rows.")
    ] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Bring the registry's tables to what the views of registry_source show now, for cron."""
    url = owner_url(database_url)
    check_address(url)
    with _saying_why():
        copy_now(url, shrunk=shrunk)


def copy_now(url: str, *, shrunk: bool) -> None:
    """Copy the registry, and say what has changed."""
    from dashboard.database import administering
    from dashboard.database.copying import CopyRefused, copy_registry

    try:
        with administering(url) as connection:
            done = copy_registry(connection, shrunk=shrunk)
    except CopyRefused as reason:
        stop(f"{reason}\nNothing was copied; what was copied before is still there.")
    for one in done:
        typer.echo(str(one))


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


@app.command()
def demo(
    patients: Annotated[int, typer.Option(min=1, help="How many patients in all.")] = 2910,
    seed: Annotated[int, typer.Option(help="The same seed makes the same registry.")] = 1,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day it stands for; else today."),
    ] = None,
    caseload: Annotated[
        int | None, typer.Option(min=1, help="Open episodes of a psychiatrist, about.")
    ] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Fill an empty database with a synthetic registry, earlier reviews included."""
    from dashboard.database.initialisation import initialise, summary
    from dashboard.demo.fill import fill
    from dashboard.web.clock import today

    url = owner_url(database_url)
    day = as_of.date() if as_of else today()
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
    typer.echo(summary(done, url))


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where the pages are.")] = 8501,
    address: Annotated[str, typer.Option(help="On which address of this machine.")] = "127.0.0.1",
    demonstration: Annotated[
        bool, typer.Option("--demonstration", help="With a synthetic registry of its own.")
    ] = False,
) -> None:
    """Serve the pages until somebody stops it."""
    from dashboard.web.serving import CannotServe, configured_database, serve

    database = _demonstration_database() if demonstration else configured_database()
    try:
        serve(address, port, database, typer.echo, demonstration=demonstration)
    except CannotServe as reason:
        stop(str(reason))


@app.command()
def deliver(
    once: Annotated[
        bool, typer.Option("--once", help="Send what is due and end, for cron.")
    ] = False,
) -> None:
    """Send the letters that wait; exit status 1 if one of them failed for good.

    Connects as the server does, to CASE_REVIEW_DATABASE_URL, not as the owner.
    """
    from dashboard.web.delivering import deliver_for_ever, deliver_once
    from dashboard.web.serving import CannotServe

    try:
        done = deliver_once() if once else deliver_for_ever()
    except CannotServe as reason:
        stop(str(reason))
    typer.echo(f"Sent: {done.sent}. To be tried again: {done.queued}. Failed: {done.failed}.")
    raise typer.Exit(1 if done.failed else 0)


@app.command()
def summarise() -> None:
    """Make the counts that medical leads see anew, for cron.

    Connects as the server does, to CASE_REVIEW_DATABASE_URL, not as the owner.
    """
    from dashboard.web.counting import summarise as count
    from dashboard.web.serving import CannotServe

    try:
        done = count()
    except CannotServe as reason:
        stop(str(reason))
    typer.echo(f"Sites counted: {done.sites}. Nurses: {done.nurses}.")


@account.command()
def add(
    practitioner: Annotated[int, typer.Argument(help="The practitioner's id in the registry.")],
    username: Username,
    generate: Generate = False,
    without_password: Annotated[
        bool,
        typer.Option(
            "--without-password",
            help="Signed in by the site's identity provider alone.",
            show_default=False,
        ),
    ] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Give a practitioner an account; the password is changed at the first sign-in."""
    from dashboard.web.accounts import add_account

    password = None if without_password else _new_password(generate)
    with changing_accounts(database_url) as connection:
        add_account(connection, practitioner, username, password, temporary=password is not None)
    _say_password(password, generate)


@account.command()
def reset(username: Username, generate: Generate = False, database_url: DatabaseUrl = None) -> None:
    """Set a password for the next sign-in, which asks for another; end every sign-in."""
    from dashboard.web.accounts import reset_password

    password = _new_password(generate)
    with changing_accounts(database_url) as connection:
        reset_password(connection, username, password, temporary=True)
    _say_password(password, generate)


@account.command("reset-second-factor")
def reset_second_factor(username: Username, database_url: DatabaseUrl = None) -> None:
    """Forget the second factor, for a lost telephone, and end every sign-in of the account."""
    from dashboard.web.accounts import reset_second_factor

    with changing_accounts(database_url) as connection:
        reset_second_factor(connection, username)


@account.command()
def lock(username: Username, database_url: DatabaseUrl = None) -> None:
    """Lock an account and end every sign-in of it."""
    from dashboard.web.accounts import lock_account

    with changing_accounts(database_url) as connection:
        lock_account(connection, username)


@account.command()
def unlock(username: Username, database_url: DatabaseUrl = None) -> None:
    """Open a locked account again, with the password that it had."""
    from dashboard.web.accounts import unlock_account

    with changing_accounts(database_url) as connection:
        unlock_account(connection, username)


@contextmanager
def changing_accounts(database_url: str | None) -> "Iterator[Connection]":
    """A transaction as the owner; what is wrong with the account is said in a sentence."""
    from dashboard.web.accounts import AccountRefused
    from dashboard.web.passwords import PasswordRefused

    try:
        with as_owner(owner_url(database_url)) as connection:
            yield connection
    except (AccountRefused, PasswordRefused) as reason:
        stop(f"{reason}\nNothing was changed.")


def _demonstration_database() -> "AbstractContextManager[Sequence[str]]":
    from dashboard.settings import settings
    from dashboard.web.clock import today
    from dashboard.web.demonstration import demonstration_database

    return demonstration_database(settings().data_directory, today(), typer.echo)


def _new_password(generate: bool) -> str:
    from dashboard.demo.accounts import DEMONSTRATION_PASSWORD
    from dashboard.web.passwords import new_password

    if generate:
        return new_password()
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    if password == DEMONSTRATION_PASSWORD:
        stop("This password is published: it is the demonstration's.\nNothing was changed.")
    return password


def _passwords_of_the_roles() -> dict[str, str]:
    from dashboard.database.roles import ROLES

    return {
        role: typer.prompt(f"Password of {role}", hide_input=True, confirmation_prompt=True)
        for role in ROLES
    }


def _say_password(password: str | None, generated: bool) -> None:
    if generated and password is not None:
        typer.echo(f"Password: {password}")


@contextmanager
def progress_in_patients(patients: int) -> "Iterator[Callable[[int, int], None]]":
    """A progress bar on stderr, told how many patients are done."""
    with typer.progressbar(length=patients, label="Patients", file=sys.stderr) as bar:
        yield lambda done, of: bar.update(done - bar.pos)


def owner_url(given: str | None) -> str:
    """The owner's address of the database: as given, else as configured."""
    from dashboard.settings import settings

    configured = settings().admin_database_url
    if given is not None:
        _refuse_password(given)
        return given
    if configured is None:
        stop("Give --database-url or set CASE_REVIEW_ADMIN_DATABASE_URL.")
    return configured.get_secret_value()


@contextmanager
def as_owner(url: str) -> "Iterator[Connection]":
    """A transaction as the owner of the database; what goes wrong is said in a sentence."""
    from dashboard.database import administering

    check_address(url)
    with _saying_why(), administering(url) as connection:
        yield connection


@contextmanager
def _saying_why() -> "Iterator[None]":
    from sqlalchemy.exc import DBAPIError

    from dashboard.database.folder_import import BadFolder
    from dashboard.database.initialisation import RegistryUnfit
    from dashboard.database.refusal import reason_of
    from dashboard.database.upgrading import UpgradeStopped
    from dashboard.demo.fill import RegistryNotEmpty

    try:
        yield
    except UpgradeStopped as reason:
        stop(str(reason))
    except (RegistryUnfit, BadFolder, RegistryNotEmpty) as reason:
        stop(f"{reason}\nNothing was changed.")
    except DBAPIError as error:
        stop(f"The database refused: {reason_of(error)}\nNothing was changed.")
    except OSError as error:
        stop(f"{error.filename} cannot be read: {error.strerror}.\nNothing was changed.")


def check_address(url: str) -> None:
    """End where this is no address of a database."""
    from dashboard.settings import is_database_address

    if not is_database_address(url):
        stop("The address of the database must look like postgresql://user:password@host/name.")


def _refuse_password(url: str) -> None:
    """End where a password stands on the command line."""
    from sqlalchemy import make_url

    from dashboard.settings import is_database_address

    if is_database_address(url):
        address = make_url(url)
        if address.password is not None or "password" in address.query:
            stop(
                "Everybody on this machine can read a command line: set"
                " CASE_REVIEW_ADMIN_DATABASE_URL, or leave the password to ~/.pgpass."
            )


def stop(sentence: str) -> NoReturn:
    """Say what is wrong and end with exit status 1."""
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
