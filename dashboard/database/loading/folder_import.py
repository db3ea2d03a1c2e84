"""Loading the reference registry from a folder of CSV files: all files, or nothing.

Each file is streamed. Its cells are checked, and its rows are copied into a staging table with
their line numbers. Queries on the staging tables find the faults that concern several rows: a
repeated id, or a reference to a missing row. The registry is changed only if every cell is good.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Table

from dashboard.database.counts.lead_counts import make_counts_due
from dashboard.database.loading.registry_file import (
    REPORTED,
    TABLES,
    BadCell,
    Findings,
    RegistryFile,
    open_registry_file,
)
from dashboard.database.operations.initialisation import Initialised, check_registry, initialise
from dashboard.database.operations.schema_setup import create_reference_registry
from dashboard.database.schema.contract import registry_kinds, sql_type

Say = Callable[[str], None]


class BadFolder(Exception):
    """Error: the folder cannot be loaded. It holds the first bad cells and their total number."""

    def __init__(self, cells: Sequence[BadCell], count: int) -> None:
        super().__init__(cells, count)
        self.cells = cells
        self.count = count

    def __str__(self) -> str:
        lines = [str(cell) for cell in self.cells]
        if self.count > len(lines):
            lines.append(f"… and {self.count - len(lines):,} more.")
        return "\n".join(lines)


@dataclass(frozen=True)
class Loaded:
    """The result of an import for one relation, in rows."""

    relation: str
    read: int
    added: int
    changed: int

    def __str__(self) -> str:
        return (
            f"{self.relation}: {self.read:,} read, {self.added:,} added, {self.changed:,} changed"
        )


@dataclass(frozen=True)
class Imported:
    """The result of an import."""

    loaded: list[Loaded]
    initialised: Initialised


def import_folder(connection: Connection, folder: Path, say: Say) -> Imported:
    """Load the folder's files into the reference registry; create the registry if necessary.

    If the id of a row is known, the columns that the file has are updated. No row is removed.
    ``say`` receives messages of progress. Raises ``BadFolder`` with the bad cells, or
    ``RegistryUnfit`` for a registry that cannot be loaded; the caller rolls back.
    """
    files = _files(folder)
    if not registry_kinds(connection):
        create_reference_registry(connection)
    check_registry(connection, tables_only=True)
    _settings(connection)
    staged = [_stage(connection, file, say) for file in files]
    say("Checking ids and references.")
    _refuse_bad_cells(connection, staged)
    loaded = [_write(connection, file, say) for file in staged]
    say("Setting who may see what.")
    done = initialise(connection)
    make_counts_due(connection)
    return Imported(loaded, done)


def _files(folder: Path) -> list[Path]:
    """Return the files of the folder in the order of the contract. Hidden files are left out."""
    found = {entry.name: entry for entry in folder.iterdir() if not entry.name.startswith(".")}
    unknown = [
        BadCell(name, None, None, f"one of the files {', '.join(TABLES)}")
        for name, entry in sorted(found.items())
        if name not in TABLES or not entry.is_file()
    ]
    if unknown:
        raise BadFolder(unknown[:REPORTED], len(unknown))
    if not found:
        raise BadFolder([BadCell(str(folder), None, None, "a CSV file such as patient.csv")], 1)
    return [found[name] for name in TABLES if name in found]


def _settings(connection: Connection) -> None:
    connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
    connection.exec_driver_sql("SET LOCAL work_mem = '128MB'")


@dataclass(frozen=True)
class _Staged:
    """A file whose rows have been copied into a staging table."""

    table: Table
    columns: list[str]
    rows: int
    findings: Findings

    @property
    def file(self) -> str:
        return f"{self.table.name}.csv"

    @property
    def staging(self) -> str:
        return f"staged_{self.table.name}"

    @property
    def key(self) -> list[str]:
        return [column.name for column in self.table.primary_key]

    @property
    def keyed(self) -> bool:
        """Whether the file has the columns of the key, so that its rows can be identified."""
        return set(self.key) <= set(self.columns)


def _stage(connection: Connection, path: Path, say: Say) -> _Staged:
    findings = Findings()
    with open_registry_file(path, findings) as file:
        rows = _copy(connection, file, say) if file.columns else 0
        return _Staged(file.table, file.columns, rows, findings)


def _copy(connection: Connection, file: RegistryFile, say: Say) -> int:
    staging, rows = f"staged_{file.table.name}", 0
    types = [f"{name} {sql_type(file.table.columns[name])}" for name in file.columns]
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE {staging} (line bigint, {', '.join(types)}) ON COMMIT DROP"
    )
    cursor = connection.connection.cursor()
    with cursor.copy(f"COPY {staging} (line, {', '.join(file.columns)}) FROM STDIN") as copy:
        for block in file.blocks:
            copy.write("".join(block))
            rows += len(block)
            say(f"{file.table.name}.csv: {rows:,} rows read.")
    connection.exec_driver_sql(f"ANALYZE {staging}")
    return rows


def _refuse_bad_cells(connection: Connection, staged: Sequence[_Staged]) -> None:
    by_relation = {file.table.name: file for file in staged}
    findings = [file.findings for file in staged]
    for file in staged:
        if file.keyed:
            findings.append(_repeated(connection, file))
        findings += _dangling(connection, file, by_relation)
    count = sum(found.count for found in findings)
    if count:
        cells = [cell for found in findings for cell in found.cells]
        raise BadFolder(sorted(cells, key=_place)[:REPORTED], count)


def _place(cell: BadCell) -> tuple[int, int, int]:
    """Return a sort key: files in the order of the contract, then lines, then columns."""
    columns = TABLES[cell.file].columns.keys()
    column = columns.index(cell.column) if cell.column in columns else -1
    return list(TABLES).index(cell.file), cell.line or 0, column


def _repeated(connection: Connection, file: _Staged) -> Findings:
    """Return the rows that have the same id as an earlier row of the file."""
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
            file.file, line, file.key[-1], f"a value of its own: the same is on line {first}"
        ),
    )


def _dangling(
    connection: Connection, file: _Staged, by_relation: Mapping[str, _Staged]
) -> Iterator[Findings]:
    """Yield the cells that refer to a missing row, in neither the files nor the registry."""
    for name in file.columns:
        for foreign_key in file.table.columns[name].foreign_keys:
            target = foreign_key.column.table.name
            given = by_relation.get(target)
            # References to rows of a file without ids cannot be checked.
            if given is None or given.keyed:
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


def _dangling_query(file: _Staged, column: str, target: str, given: _Staged | None) -> str:
    in_files = (
        f" AND NOT EXISTS (SELECT FROM {given.staging} t WHERE t.id = s.{column})" if given else ""
    )
    return f"""
    SELECT line, {column} AS found FROM {file.staging} s
    WHERE {column} IS NOT NULL
      AND NOT EXISTS (SELECT FROM registry.{target} t WHERE t.id = s.{column}){in_files}
    """


def _ask(connection: Connection, query: str, bad_cell: Callable[..., BadCell]) -> Findings:
    rows = connection.exec_driver_sql(
        f"SELECT *, count(*) OVER () AS total FROM ({query}) AS bad ORDER BY line LIMIT {REPORTED}"
    ).all()
    cells = [bad_cell(*row[:-1]) for row in rows]
    return Findings(cells, rows[0].total if rows else 0)


def _write(connection: Connection, file: _Staged, say: Say) -> Loaded:
    say(f"Writing {file.table.name}.")
    # A second import waits for this lock. Readers do not.
    connection.exec_driver_sql(f"LOCK TABLE registry.{file.table.name} IN SHARE ROW EXCLUSIVE MODE")
    changed = _change(connection, file)
    added = _add(connection, file)
    connection.exec_driver_sql(f"ANALYZE registry.{file.table.name}")
    loaded = Loaded(file.table.name, file.rows, added, changed)
    say(str(loaded))
    return loaded


def _change(connection: Connection, file: _Staged) -> int:
    """Update the known rows that differ from the file; return their number."""
    others = [name for name in file.columns if name not in file.key]
    if not others:
        return 0
    return connection.exec_driver_sql(
        f"UPDATE registry.{file.table.name} AS kept"
        f" SET {', '.join(f'{name} = s.{name}' for name in others)}"
        f" FROM {file.staging} s WHERE {_same_row(file)}"
        f" AND ({', '.join(f'kept.{name}' for name in others)})"
        f" IS DISTINCT FROM ({', '.join(f's.{name}' for name in others)})"
    ).rowcount


def _add(connection: Connection, file: _Staged) -> int:
    columns = ", ".join(file.columns)
    return connection.exec_driver_sql(
        f"INSERT INTO registry.{file.table.name} ({columns}) SELECT {columns}"
        f" FROM {file.staging} s WHERE NOT EXISTS"
        f" (SELECT FROM registry.{file.table.name} kept WHERE {_same_row(file)}) ORDER BY line"
    ).rowcount


def _same_row(file: _Staged) -> str:
    return " AND ".join(f"kept.{name} = s.{name}" for name in file.key)
