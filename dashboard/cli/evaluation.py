"""The command that writes the data set for evaluators: ``evaluate``."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.cli.owner import DatabaseUrl, as_owner, owner_url, stop

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection


def evaluate(
    folder: Annotated[Path, typer.Argument(help="The folder to write. It must not exist yet.")],
    until: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day of the data.")
    ],
    key_file: Annotated[
        Path | None,
        typer.Option(
            help="File of the key for pseudonyms, created if missing. Default: evaluation.key in"
            " CASE_REVIEW_DATA_DIRECTORY.",
            show_default=False,
        ),
    ] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Write a pseudonymous data set for evaluators, with its description and indicators.

    The key of the pseudonyms stays at the site. The access log records the export.
    """
    from dashboard.calendar import today
    from dashboard.exports.evaluation_package import PackageInvalid
    from dashboard.settings import settings

    day = until.date()
    if day > today():
        stop("The last day of the data must not be in the future.")
    if folder.exists():
        stop(f"{folder} exists already. Nothing was written.")
    file = key_file or settings().data_directory / "evaluation.key"
    if file.resolve().is_relative_to(folder.resolve()):
        stop("The key must not lie in the folder that evaluators receive.")
    try:
        with TemporaryDirectory(dir=folder.absolute().parent, prefix=".evaluation-") as place:
            with as_owner(owner_url(database_url)) as connection:
                said = _write(connection, Path(place), day, _key(file))
            Path(place).chmod(0o700)
            Path(place).rename(folder)
    except PackageInvalid as reason:
        stop(f"The data set does not fit its description:\n{reason}\nNothing was written.")
    except OSError as error:
        stop(f"{error.filename} cannot be written: {error.strerror}.")
    typer.echo(said)


def _write(connection: "Connection", folder: Path, until: "date", key: bytes) -> str:
    from dashboard.database.audit.access_log import log_access
    from dashboard.database.operations.evaluation_rows import enrolled_episodes, rows_of, tallies
    from dashboard.exports.evaluation import (
        csv_file,
        disclosure_report,
        indicator_rows,
        pseudonymised,
    )
    from dashboard.exports.evaluation_package import write_package
    from dashboard.exports.evaluation_tables import INDICATOR_TABLE, TABLES

    connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    episodes = enrolled_episodes(connection, until)
    horizon = {one.episode_id: one.horizon for one in episodes}
    data = pseudonymised(episodes, key)
    first, *others = TABLES
    tables = {first.name: csv_file(first, data.rows)}
    for table in others:
        rows = (
            {**row, "episode": data.episode[row["episode_id"]]}
            for row in rows_of(connection, table.name, horizon)
        )
        # The rows are sorted by pseudonym, because the order of the ids would show which patients
        # were entered first.
        ordered = sorted(rows, key=lambda row: [row[name] for name in table.key])
        tables[table.name] = csv_file(table, ordered)
    counted = indicator_rows(tallies(connection, until), data.sites)
    tables[INDICATOR_TABLE.name] = csv_file(INDICATOR_TABLE, counted)
    log_access(connection, "evaluation_exported", until=until, episodes=len(data.rows))
    report = disclosure_report(data)
    write_package(folder, tables, report, until)
    return report


def _key(file: Path) -> bytes:
    """Return the key of the pseudonyms in ``file``.

    If ``file`` does not exist, create it with a random key, readable only by its owner. If the key
    in ``file`` is shorter than 32 bytes, end the command.
    """
    import os
    import secrets

    try:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        key = file.read_bytes()
        if len(key) < 32:
            stop(f"{file} holds no key: at least 32 bytes are needed.")
        return key
    with os.fdopen(descriptor, "wb") as new:
        key = secrets.token_bytes(32)
        new.write(key)
    return key
