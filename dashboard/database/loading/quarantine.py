"""The quarantine for bad rows of an import, so that the other rows can be loaded.

A bad row is copied without any change to a file in a folder, where it can be corrected and then
imported again. The files contain patients' data, so only the person who runs the import may read
them.
"""

import csv
from collections.abc import Mapping, Sequence
from datetime import datetime
from os import O_CREAT, O_EXCL, O_WRONLY, fdopen
from os import open as open_file
from pathlib import Path
from shutil import rmtree
from typing import IO

from sqlalchemy import Connection

from dashboard.database.loading.moved_episodes import set_moved_aside
from dashboard.database.loading.registry_file import (
    BadCell,
    changed_file,
    file_state,
    raw_records,
)
from dashboard.database.loading.staging import BadFolder, StagedFile


def set_aside(connection: Connection, staged: Sequence[StagedFile]) -> None:
    """Mark the bad rows in the staging tables as not to be loaded, and record the reasons.

    If several rows have the same id, all of them are bad, because it is unknown which one is right.
    A row that refers to a bad row is bad too, unless the registry already has the row to which it
    refers. An episode about which somebody has written must keep its patient.
    """
    for file in staged:
        _mark(connection, file)
        _set_repeated_aside(connection, file)
    set_moved_aside(connection, staged)
    by_relation = {file.relation: file for file in staged}
    # The search is repeated until it marks no more rows, because other rows may refer to a row that
    # was just marked.
    while sum(_set_dangling_aside(connection, file, by_relation) for file in staged):
        pass


def _mark(connection: Connection, file: StagedFile) -> None:
    connection.exec_driver_sql(
        f"UPDATE {file.staging} SET aside = true WHERE line = ANY (%s)",
        (list(file.findings.rows),),
    )


def _set_repeated_aside(connection: Connection, file: StagedFile) -> None:
    key = ", ".join(file.key)
    lines = connection.exec_driver_sql(
        f"UPDATE {file.staging} SET aside = true WHERE ({key}) IN"
        f" (SELECT {key} FROM {file.staging} GROUP BY {key} HAVING count(*) > 1) RETURNING line"
    ).scalars()
    for line in sorted(lines):
        _add(file, line, file.key[-1], "a value that no other row has")


def _set_dangling_aside(
    connection: Connection, file: StagedFile, by_relation: Mapping[str, StagedFile]
) -> int:
    """Mark the rows that refer to a missing row as not to be loaded; return their number."""
    found = 0
    for name in file.columns:
        for foreign_key in file.table.columns[name].foreign_keys:
            target = foreign_key.column.table.name
            given = by_relation.get(target)
            among = (
                f" AND NOT EXISTS (SELECT FROM {given.staging} t WHERE t.id = s.{name}"
                " AND NOT (t.deleted OR t.aside))"
                if given
                else ""
            )
            lines = connection.exec_driver_sql(
                f"UPDATE {file.staging} s SET aside = true WHERE NOT s.aside AND NOT s.deleted"
                f" AND s.{name} IS NOT NULL AND NOT EXISTS"
                f" (SELECT FROM registry.{target} t WHERE t.id = s.{name}){among} RETURNING line"
            ).scalars()
            for line in sorted(lines):
                found += 1
                _add(file, line, name, f"the id of a row of {target}")
    return found


def _add(file: StagedFile, line: int, column: str, expected: str) -> None:
    file.findings.add(BadCell(file.file, line, column, expected), of_a_row=True)


def write_quarantine(
    folder: Path, now: datetime, staged: Sequence[StagedFile], report: str
) -> Path:
    """Write the bad rows into a new folder, and the text ``report`` into a file beside the folder.

    Return the new folder. It can be imported after the rows were corrected. Its files are files of
    changes, even if a row comes from a file with a whole relation.

    The rows are read from the imported files again. Raise ``BadFolder`` if one of these was changed
    since it was imported. Nothing is then left in the folder.
    """
    name = f"{now:%Y-%m-%dT%H-%M-%S}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    rows = folder / name
    rows.mkdir(mode=0o700)
    try:
        for file in staged:
            if file.findings.rows:
                _write_rows(rows / f"{file.relation}.csv", file)
    except (OSError, BadFolder):
        rmtree(rows)
        raise
    with _private(folder / f"{name}.txt") as written:
        written.write(report + "\n")
    return rows


def _write_rows(path: Path, file: StagedFile) -> None:
    with _private(path) as written:
        records = raw_records(file.path, set(file.findings.rows))
        csv.writer(written, lineterminator="\n").writerows(records)
    if file_state(file.path) != file.state:
        raise BadFolder([changed_file(file.path)], 1)


def _private(path: Path) -> IO[str]:
    """Create a file that only its owner can read, and open it for writing."""
    created = open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    return fdopen(created, "w", encoding="utf-8", errors="surrogateescape", newline="")
