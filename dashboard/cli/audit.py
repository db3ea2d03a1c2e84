"""The commands about the access log: ``python -m dashboard audit …``."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.cli.owner import DatabaseUrl, as_owner, owner_url, stop
from dashboard.cli.reports import in_words

if TYPE_CHECKING:
    from dashboard.database.audit.anchors import Anchored
    from dashboard.database.audit.retention import Retention
    from dashboard.database.audit.verification import Verified

audit = typer.Typer(no_args_is_help=True, help="The access log: verify, anchor, purge, report.")


@audit.command()
def verify(
    anchors: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False, exists=True, help="Lines of `audit anchor` that were kept elsewhere."
        ),
    ] = None,
    metrics: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False, help="Write the result for Prometheus' node exporter (text files)."
        ),
    ] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Find rows of the access log that were altered, removed, moved or added.

    The exit status is 1 if there are any.
    """
    from dashboard.database.audit.verification import Verification

    known = _read(anchors)
    with as_owner(owner_url(database_url)) as connection:
        done = Verification(connection, known, _retention()).verified()
    for finding in done.findings:
        typer.echo(in_words(finding))
    against = f" against {sum(map(len, known.values()))} anchored heads" if known else ""
    typer.echo(f"{done.rows} rows in {done.chains} chains verified{against}.")
    if done.findings:
        typer.echo("The access log is NOT as it was written.", err=True)
    else:
        typer.echo("The access log is as it was written.")
    if metrics is not None:
        _write_metrics(metrics, done)
    if done.findings:
        raise typer.Exit(1)


@audit.command()
def anchor(
    append: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False, help="Append to this file what was added since its last line."
        ),
    ] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Print the head of each chain of the access log (its last number and hash) on one line.

    With --append, add the line to a file instead, without the chains that have no new rows. Keep
    the line in a place where the owner of the database cannot write.
    """
    from dashboard.database.audit.anchors import anchor as anchor_line

    known = _read(append) if append is not None and append.exists() else {}
    with as_owner(owner_url(database_url)) as connection:
        line = anchor_line(connection, _key(), known)
    if append is None:
        typer.echo(line)
        return
    try:
        with append.open("a") as file:
            file.write(f"{line}\n")
    except OSError as error:
        stop(f"{append} cannot be written: {error.strerror}.")


@audit.command()
def purge(database_url: DatabaseUrl = None) -> None:
    """Remove the log rows, sign-ins and failed sign-ins whose retention period has ended.

    The access log records the removal.
    """
    from dashboard.database.audit.retention import purge as remove
    from dashboard.database.audit.retention import purge_sign_ins

    url, removed, done = owner_url(database_url), 0, False
    while not done:
        with as_owner(url) as connection:
            rows, done = remove(connection, _retention())
        removed += rows
    with as_owner(url) as connection:
        sign_ins = purge_sign_ins(connection, _retention())
    typer.echo(f"{removed} rows removed. {sign_ins} sign-ins and failures removed.")


@audit.command()
def report(
    case_number: Annotated[int, typer.Argument(help="The number of one of the patient's cases.")],
    output: Annotated[Path, typer.Option(dir_okay=False, help="The CSV file to write.")],
    language: Annotated[str, typer.Option(help="fr or en.")] = "fr",
    database_url: DatabaseUrl = None,
) -> None:
    """Write a CSV file that says who opened a patient's record, when and why.

    A patient may request this report.
    """
    from dashboard.exports.access_report import access_report
    from dashboard.exports.files import write_for_owner
    from dashboard.locale import LANGUAGES, speaking
    from dashboard.queries.access.accesses import accesses_for_patient

    if language not in LANGUAGES:
        stop(f"The language is one of {', '.join(LANGUAGES)}.")
    with as_owner(owner_url(database_url)) as connection:
        accesses = accesses_for_patient(connection, case_number)
        if accesses is None:
            stop("No case has this number.")
        with speaking(language):
            write_for_owner(output, access_report(accesses))
    typer.echo(f"{len(accesses)} accesses written.")


def _write_metrics(path: Path, done: "Verified") -> None:
    """Write the result of verifying the access log as a file of metrics for Prometheus.

    An earlier file is replaced atomically.
    """
    from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

    figures = CollectorRegistry()
    for name, meaning, value in (
        ("findings", "Rows that are not as they were written.", len(done.findings)),
        ("rows", "Rows that were verified.", done.rows),
        ("verified_timestamp_seconds", "Time of the verification.", time.time()),
    ):
        Gauge(f"case_review_log_chain_{name}", meaning, registry=figures).set(value)
    try:
        write_to_textfile(str(path), figures)
    except OSError as error:
        stop(f"{path} cannot be written: {error.strerror}.")


def _read(path: Path | None) -> "Mapping[str, list[Anchored]]":
    from dashboard.database.audit.anchors import BadAnchor, read_anchors

    if path is None:
        return {}
    try:
        with path.open() as lines:
            return read_anchors(lines, _key())
    except (BadAnchor, UnicodeDecodeError) as reason:
        stop(str(reason))
    except OSError as error:
        stop(f"{path} cannot be read: {error.strerror}.")


def _key() -> str | None:
    from dashboard.settings import settings

    key = settings().audit_key
    return None if key is None else key.get_secret_value()


def _retention() -> "Retention":
    from dashboard.database.audit.retention import Retention
    from dashboard.settings import settings

    kept = settings()
    return Retention(kept.keep_technical_log_months, kept.keep_access_log_years)
