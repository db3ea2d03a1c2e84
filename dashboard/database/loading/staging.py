"""Staging tables for the rows of CSV files, and the search for faults that concern several rows.

COPY writes each file into a temporary table, with the line number of each row. Queries on these
tables then find repeated ids, and references to missing rows.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Table

from dashboard.database.loading.cell_parsers import DELETED
from dashboard.database.loading.registry_file import (
    REPORTED,
    TABLES,
    WHOLE_TABLES,
    BadCell,
    FileState,
    Findings,
    RegistryFile,
    open_registry_file,
)
from dashboard.database.schema.contract import sql_type

Say = Callable[[str], None]

LOADED = "NOT (s.deleted OR s.aside)"
"""The SQL condition on a row of a staging table ``s`` that will be loaded into the registry."""


class BadFolder(Exception):
    """The error raised if a folder of files cannot be loaded.

    It has the first bad cells, and the number of all bad cells.
    """

    def __init__(
        self, cells: Sequence[BadCell], count: int, refused: Mapping[str, int] | None = None
    ) -> None:
        super().__init__(cells, count)
        self.cells = cells
        self.count = count
        self.refused = dict(refused or {})
        """The number of known bad rows, by relation with a fault.

        Of the faults that concern several rows, only the first ``REPORTED`` of each kind are known.
        Empty if the files could not be read, or if a whole registry was loaded.
        """

    def __str__(self) -> str:
        lines = [str(cell) for cell in self.cells]
        if self.count > len(lines):
            lines.append(f"… and {self.count - len(lines):,} more.")
        return "\n".join(lines)


@dataclass(frozen=True)
class StagedFile:
    """A CSV file whose rows have been copied into a staging table."""

    path: Path
    table: Table
    columns: list[str]
    rows: int
    findings: Findings
    state: FileState
    is_whole: bool
    """Whether the file holds a whole relation, and not only changes.

    If it does, rows of the registry that are missing from the file are removed, unless a rule of
    ``removals`` keeps them.
    """

    @property
    def file(self) -> str:
        return self.path.name

    @property
    def relation(self) -> str:
        return self.table.name

    @property
    def staging(self) -> str:
        return f"staged_{self.table.name}"

    @property
    def key(self) -> list[str]:
        return [column.name for column in self.table.primary_key]

    @property
    def is_keyed(self) -> bool:
        """Whether the file has all columns of the primary key, so that its rows can be
        identified.
        """
        return set(self.key) <= set(self.columns)


def files_of(folder: Path, *, incremental: bool = False) -> list[Path]:
    """Return the CSV files of ``folder``, each after the files to which its rows refer.

    Hidden files are left out. ``incremental`` allows files of whole relations. Raise ``BadFolder``
    if the folder is empty, has an unknown file, or has two files for one relation.
    """
    found = {entry.name: entry for entry in folder.iterdir() if not entry.name.startswith(".")}
    known = [*TABLES, *(WHOLE_TABLES if incremental else ())]
    wrong = [
        BadCell(name, None, None, f"one of the files {', '.join(known)}")
        for name, entry in sorted(found.items())
        if name not in known or not entry.is_file()
    ]
    wrong += [
        BadCell(whole, None, None, f"either this file or {changes}, not both")
        for changes, whole in zip(TABLES, WHOLE_TABLES, strict=True)
        if incremental and {changes, whole} <= set(found)
    ]
    if wrong:
        raise BadFolder(wrong[:REPORTED], len(wrong))
    if not found:
        raise BadFolder([BadCell(str(folder), None, None, "a CSV file such as patient.csv")], 1)
    return [
        found[name]
        for names in zip(TABLES, WHOLE_TABLES, strict=True)
        for name in names
        if name in found
    ]


def make_room(connection: Connection) -> None:
    """Set the limits for a transaction that loads files: time to wait for a lock, and memory."""
    connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
    connection.exec_driver_sql("SET LOCAL work_mem = '128MB'")


def stage(connection: Connection, path: Path, say: Say, *, incremental: bool = False) -> StagedFile:
    """Copy the rows of a file into a staging table. Bad cells become null and are recorded."""
    findings = Findings()
    with open_registry_file(path, findings, incremental=incremental) as file:
        rows = _copy(connection, path, file, say) if file.columns else 0
        table, columns, state = file.table, file.columns, file.state
    return StagedFile(path, table, columns, rows, findings, state, path.name in WHOLE_TABLES)


def _copy(connection: Connection, path: Path, file: RegistryFile, say: Say) -> int:
    staging, rows = f"staged_{file.table.name}", 0
    types = [f"{name} {sql_type(file.table.columns[name])}" for name in file.columns]
    columns = ["line", *file.columns, *([DELETED] if file.marks else [])]
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE {staging} (line bigint, {', '.join(types)},"
        f" {DELETED} boolean NOT NULL DEFAULT false,"
        " aside boolean NOT NULL DEFAULT false) ON COMMIT DROP"
    )
    cursor = connection.connection.cursor()
    with cursor.copy(f"COPY {staging} ({', '.join(columns)}) FROM STDIN") as copy:
        for block in file.blocks:
            copy.write("".join(block))
            rows += len(block)
            say(f"{path.name}: {rows:,} rows read.")
    connection.exec_driver_sql(f"ANALYZE {staging}")
    return rows


def faults_across_rows(
    connection: Connection, staged: Sequence[StagedFile]
) -> Iterator[tuple[StagedFile, list[BadCell], int]]:
    """Find the repeated ids, and the references to missing rows, in all files.

    Yield a file, its first ``REPORTED`` bad cells of one kind, and the number of all its bad cells
    of this kind, which can be 0. A file can be yielded several times.
    """
    by_relation = {file.relation: file for file in staged}
    for file in staged:
        if file.is_keyed:
            yield file, *_repeated(connection, file)
        for cells, count in _dangling(connection, file, by_relation):
            yield file, cells, count


def in_order(cells: Sequence[BadCell]) -> list[BadCell]:
    """Return the bad cells in the order of the relations, and by line and column within a file."""
    return sorted(cells, key=_place)


def _place(cell: BadCell) -> tuple[int, int, int]:
    names = list(TABLES)
    table = (TABLES | WHOLE_TABLES)[cell.file]
    columns = table.columns.keys()
    column = columns.index(cell.column) if cell.column in columns else -1
    return names.index(f"{table.name}.csv"), cell.line or 0, column


def _repeated(connection: Connection, file: StagedFile) -> tuple[list[BadCell], int]:
    """Return the bad cells of the rows with the same id as an earlier row, and the number of these
    rows. Only the first ``REPORTED`` bad cells are returned.
    """
    key = ", ".join(file.key)
    return _ask(
        connection,
        f"""
        SELECT line, first FROM (
            SELECT line, min(line) OVER (PARTITION BY {key}) AS first FROM {file.staging}
            WHERE ({key}) IN (SELECT {key} FROM {file.staging} GROUP BY {key} HAVING count(*) > 1)
        ) AS repeated WHERE line > first
        """,
        lambda line, first: BadCell(
            file.file,
            line,
            file.key[-1],
            f"a value that no other row has (line {first} has the same)",
        ),
    )


def _dangling(
    connection: Connection, file: StagedFile, by_relation: Mapping[str, StagedFile]
) -> Iterator[tuple[list[BadCell], int]]:
    """Yield the cells of each column that refer to a missing row, and the number of these cells.
    Only the first ``REPORTED`` cells of each column are yielded.

    A row is missing if it is neither in the files nor in the registry. A row that a file marks as
    deleted is not in the files.
    """
    for name in file.columns:
        for foreign_key in file.table.columns[name].foreign_keys:
            target = foreign_key.column.table.name
            given = by_relation.get(target)
            # References to a relation cannot be checked if the file of this relation has no ids.
            if given is None or given.is_keyed:
                yield _ask(
                    connection,
                    _dangling_query(file, name, target, given),
                    lambda line, found, name=name, target=target: BadCell(
                        file.file,
                        line,
                        name,
                        f"the id of a row of {target}.csv or of the registry's {target}",
                        str(found),
                    ),
                )


def _dangling_query(file: StagedFile, column: str, target: str, given: StagedFile | None) -> str:
    in_files = (
        f" AND NOT EXISTS (SELECT FROM {given.staging} t WHERE t.id = s.{column} AND NOT t.deleted)"
        if given
        else ""
    )
    return f"""
    SELECT line, {column} AS found FROM {file.staging} s
    WHERE {column} IS NOT NULL AND NOT deleted
      AND NOT EXISTS (SELECT FROM registry.{target} t WHERE t.id = s.{column}){in_files}
    """


def _ask(
    connection: Connection, query: str, bad_cell: Callable[..., BadCell]
) -> tuple[list[BadCell], int]:
    rows = connection.exec_driver_sql(
        f"SELECT *, count(*) OVER () AS total FROM ({query}) AS bad ORDER BY line LIMIT {REPORTED}"
    ).all()
    return [bad_cell(*row[:-1]) for row in rows], rows[0].total if rows else 0


def change_rows(connection: Connection, file: StagedFile) -> int:
    """Update the rows of the registry that differ from the row in the file with the same key.

    Return the number of updated rows.
    """
    others = [name for name in file.columns if name not in file.key]
    if not others:
        return 0
    return connection.exec_driver_sql(
        f"UPDATE registry.{file.relation} AS kept"
        f" SET {', '.join(f'{name} = s.{name}' for name in others)}"
        f" FROM {file.staging} s WHERE {LOADED} AND {same_row(file.key)}"
        f" AND ({', '.join(f'kept.{name}' for name in others)})"
        f" IS DISTINCT FROM ({', '.join(f's.{name}' for name in others)})"
    ).rowcount


def add_rows(connection: Connection, file: StagedFile) -> int:
    """Insert the rows of the file whose key the registry does not have; return their number."""
    columns = ", ".join(file.columns)
    return connection.exec_driver_sql(
        f"INSERT INTO registry.{file.relation} ({columns}) SELECT {columns}"
        f" FROM {file.staging} s WHERE {LOADED} AND NOT EXISTS"
        f" (SELECT FROM registry.{file.relation} kept WHERE {same_row(file.key)}) ORDER BY line"
    ).rowcount


def same_row(key: Sequence[str]) -> str:
    """Return the SQL condition that the rows of two tables have the same ``key``.

    The aliases of the tables are ``kept`` and ``s``.
    """
    return " AND ".join(f"kept.{name} = s.{name}" for name in key)
