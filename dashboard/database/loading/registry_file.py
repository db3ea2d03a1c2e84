"""Reader of one CSV file of a registry. It yields the rows and records the bad cells."""

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Table

from dashboard.database.loading.cell_parsers import DELETED, DELETED_RULE, NULL, CellRule, cell_rule
from dashboard.database.schema.registry import metadata

REPORTED = 200
"""Maximum number of bad cells that a report lists. Further bad cells are only counted."""

TABLES = {f"{table.name}.csv": table for table in metadata.sorted_tables}
"""The tables of the registry, by the name of their CSV file, such as ``patient.csv``.

A table comes after the tables to which its rows refer.
"""

WHOLE_TABLES = {f"{table.name}.full.csv": table for table in metadata.sorted_tables}
"""The tables of the registry, by the name of a CSV file with all their rows:
``patient.full.csv``.
"""

_BLOCK = 100_000

_LONGEST_CELL = 131_072
"""Longest cell of a file, in characters."""

_LONGEST_LINE = 4_000_000
"""Maximum number of characters read from one line. The rest of a longer line is skipped.

Such a line is reported as bad, because it has a cell that is too long, or too many cells.
"""


@dataclass(frozen=True)
class BadCell:
    """A cell of a CSV file that cannot be loaded.

    If ``column`` is None, the fault concerns the whole row. If ``line`` is None, it concerns the
    whole file, or a row of the registry that the import would remove.
    """

    file: str
    line: int | None
    column: str | None
    expected: str
    found: str | None = None

    def __str__(self) -> str:
        line = "" if self.line is None else f", line {self.line}"
        column = "" if self.column is None else f", column {self.column}"
        found = "" if self.found is None else f", found {self.found}"
        return f"{self.file}{line}{column}: expected {self.expected}{found}"


@dataclass
class Findings:
    """The faults of a CSV file: the first bad cells, and the number of all bad cells."""

    cells: list[BadCell] = field(default_factory=list)
    count: int = 0
    rows: dict[int, tuple[str | None, str]] = field(default_factory=dict)
    """The bad rows, by line number.

    Each value has the column of the row's first bad cell, and the content that the cell must have.
    """
    of_the_file: int = 0
    """The number of faults of the file as a whole. If there is one, no row can be loaded."""

    def add(self, cell: BadCell, *, of_a_row: bool = False) -> None:
        """Count a bad cell, and keep it if it is among the first ``REPORTED``.

        If ``of_a_row`` is true, the row is bad. Otherwise the whole file is.
        """
        self.count += 1
        if len(self.cells) < REPORTED:
            self.cells.append(cell)
        if of_a_row and cell.line is not None:
            self.rows.setdefault(cell.line, (cell.column, cell.expected))
        else:
            self.of_the_file += 1


FileState = tuple[int, int, int, int]
"""The device, inode, size and time of change of a file, to see whether it was changed."""


@dataclass(frozen=True)
class RegistryFile:
    """A CSV file of a registry that is open for reading."""

    table: Table
    columns: list[str]
    """The columns in the header that the registry has; empty if there is no header."""
    blocks: Iterator[list[str]]
    """The rows of the file in blocks, each row in the text format of COPY.

    The first value of a row is its line number. Bad cells are null.
    """
    state: FileState
    """The state of the file when it was opened."""
    marks: bool = False
    """Whether the file has the column ``deleted``, whose value is then the last one of each row."""


@contextmanager
def open_registry_file(
    path: Path, findings: Findings, *, incremental: bool = False
) -> Iterator[RegistryFile]:
    """Open a CSV file of a registry. Its faults are added to ``findings`` while it is read.

    ``incremental`` allows the column ``deleted`` in a file of changes. The last row must then end
    with a line break. Otherwise a file that was cut off within a number would look complete.
    """
    whole = path.name in WHOLE_TABLES
    table = WHOLE_TABLES[path.name] if whole else TABLES[path.name]
    # Bytes that are not UTF-8 are read as lone surrogates, which the rules for cells then refuse.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        before = _state(os.fstat(text.fileno()))
        records = _records(_reader(text), path.name, findings)
        header = _header(records, table, path.name, findings, marked=incremental and not whole)
        names = [name for name in header if name is not None and name != DELETED]
        row = _Row(table, path.name, header)
        blocks = _blocks(records, row, findings)
        yield RegistryFile(table, names, blocks, before, DELETED in header)
        if incremental and not _ends_with_a_line_end(path):
            findings.add(BadCell(path.name, None, None, _LINE_END))
        if file_state(path) != before:
            findings.add(changed_file(path))


_LINE_END = "a line end after the last row (the file may have been cut off)"


def file_state(path: Path) -> FileState:
    """Return the present state of the file with this path."""
    return _state(path.stat())


def changed_file(path: Path) -> BadCell:
    """Return the fault of a file that was changed during the import."""
    return BadCell(path.name, None, None, "a file that nothing changes during the import")


def _state(of: os.stat_result) -> FileState:
    return of.st_dev, of.st_ino, of.st_size, of.st_mtime_ns


def _ends_with_a_line_end(path: Path) -> bool:
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) in b"\r\n"


def _reader(text: IO[str]) -> Any:
    """Return a CSV reader of ``text``. It refuses a cell longer than ``_LONGEST_CELL``."""
    # Set for each file: the limit is one for the whole process, and another package may change it.
    csv.field_size_limit(_LONGEST_CELL)
    return csv.reader(_lines(text), strict=True)


def _lines(text: IO[str]) -> Iterator[str]:
    """Yield the lines of ``text``, each cut after ``_LONGEST_LINE`` characters to save memory."""
    while line := text.readline(_LONGEST_LINE):
        yield line
        while len(line) == _LONGEST_LINE and not line.endswith("\n"):
            line = text.readline(_LONGEST_LINE)


def raw_records(path: Path, lines: set[int]) -> Iterator[list[str]]:
    """Yield the header of a CSV file, then each record that begins on one of ``lines``.

    The records are unchanged. Bytes that are not UTF-8 become lone surrogates.
    """
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        records = _records(_reader(text), path.name, Findings())
        yield next(records)[1]
        for line, record in records:
            if line in lines:
                yield record


def shortened(cell: str) -> str:
    """Return at most 20 characters of ``cell`` in quotes, without control characters, for a
    report.
    """
    return repr(cell if len(cell) <= 20 else f"{cell[:20]}…")


def _records(reader: Any, file: str, findings: Findings) -> Iterator[tuple[int, list[str]]]:
    """Yield each record that is not blank, with the number of the line on which it begins."""
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error:
            findings.add(BadCell(file, line, None, _QUOTES))
            continue
        if record:
            yield line, record


_QUOTES = (
    f"cells of at most {_LONGEST_CELL:,} characters, in which a quote that opens is closed and one"
    " within is doubled"
)


def _header(
    records: Iterator[tuple[int, list[str]]],
    table: Table,
    file: str,
    findings: Findings,
    *,
    marked: bool,
) -> list[str | None]:
    """Return the name of each column in the header; None in place of an unknown name.

    ``marked`` allows the column ``deleted``.
    """
    names = [*table.columns.keys(), *([DELETED] if marked else [])]
    line, record = next(records, (1, []))
    if not set(record) & set(names):
        # The report does not show the cells of this row, because they may hold a patient's name.
        findings.add(BadCell(file, line, None, f"a header row with the columns {','.join(names)}"))
        return []
    columns: list[str | None] = []
    for name in record:
        if name not in names:
            findings.add(BadCell(file, line, shortened(name), f"one of {', '.join(names)}"))
        elif name in columns:
            findings.add(BadCell(file, line, name, "each column once"))
        columns.append(name if name in names and name not in columns else None)
    for column in table.columns:
        if not column.nullable and column.name not in columns:
            findings.add(BadCell(file, line, column.name, "this column, which is required"))
    return columns


class _Row:
    """The rules for the cells of a row, in the order of the file's header."""

    def __init__(self, table: Table, file: str, header: list[str | None]) -> None:
        self.file = file
        self.width = len(header)
        self.rules: list[tuple[int, CellRule]] = [
            (position, cell_rule(table.columns[name]))
            for position, name in enumerate(header)
            if name is not None and name != DELETED
        ]
        self.key = {column.name for column in table.primary_key}
        self.mark = header.index(DELETED) if DELETED in header else None
        if self.mark is not None:
            self.rules.append((self.mark, DELETED_RULE))

    def without_content(self, record: list[str]) -> list[str]:
        """Return the record of a deleted row with all cells empty except the key and
        ``deleted``.
        """
        kept = {i for i, rule in self.rules if rule.column in self.key or i == self.mark}
        return [cell if i in kept else "" for i, cell in enumerate(record)]

    def is_deleted(self, record: list[str]) -> bool:
        """Return whether the column ``deleted`` of this record is true."""
        return self.mark is not None and DELETED_RULE.parse(record[self.mark]) == "t"

    def bad_cells(self, line: int, record: list[str]) -> Iterator[BadCell]:
        if len(record) != self.width:
            yield BadCell(
                self.file, line, None, f"{self.width} cells as in the header", str(len(record))
            )
            return
        deleted = self.is_deleted(record)
        for position, rule in self.rules:
            matters = not deleted or rule.column in self.key
            if matters and rule.parse(record[position]) is None:
                yield _bad_cell(self.file, line, rule, record[position])

    def good_cells(self, record: list[str]) -> list[str]:
        """Return the cells of a record in the text format of COPY. Bad and missing cells are
        null.
        """
        padded = record + [""] * (self.width - len(record))
        return [
            rule.parse(padded[position]) or ("f" if rule is DELETED_RULE else NULL)
            for position, rule in self.rules
        ]


def _bad_cell(file: str, line: int, rule: CellRule, cell: str) -> BadCell:
    if not cell:
        return BadCell(file, line, rule.column, f"a value ({rule.expected})", "nothing")
    return BadCell(file, line, rule.column, rule.expected, shortened(cell) if rule.shown else None)


def _blocks(
    records: Iterator[tuple[int, list[str]]], row: _Row, findings: Findings
) -> Iterator[list[str]]:
    parsers = [(position, rule.parse) for position, rule in row.rules]
    width, mark = row.width, row.mark
    block: list[str] = []
    for line, record in records:
        if mark is not None and len(record) == width and row.is_deleted(record):
            record = row.without_content(record)
        cells = [parse(record[i]) for i, parse in parsers] if len(record) == width else [None]
        if None in cells:
            for bad in row.bad_cells(line, record):
                findings.add(bad, of_a_row=True)
            cells = list[str | None](row.good_cells(record))
        block.append(f"{line}\t{_TAB.join(cells)}\n")  # type: ignore[arg-type]  # No None is left.
        if len(block) == _BLOCK:
            yield block
            block = []
    if block:
        yield block


_TAB = "\t"
