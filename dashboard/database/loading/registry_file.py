"""Reading one CSV file of a registry folder. Good rows are yielded, bad cells are recorded."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Table

from dashboard.database.loading.cell_parsers import NULL, CellRule, cell_rule
from dashboard.database.schema.registry import metadata

REPORTED = 200
"""Number of bad cells that a report names. Further bad cells are only counted."""

TABLES = {f"{table.name}.csv": table for table in metadata.sorted_tables}
"""The table of each file of a registry folder. A file comes after those to which it refers."""

_BLOCK = 100_000


@dataclass(frozen=True)
class BadCell:
    """A cell that cannot be loaded; without a column a whole row, without a line a whole file."""

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
    """The first bad cells of a file or query, and their total number."""

    cells: list[BadCell] = field(default_factory=list)
    count: int = 0

    def add(self, cell: BadCell) -> None:
        """Count a bad cell, and keep it if it is among the first ``REPORTED``."""
        self.count += 1
        if len(self.cells) < REPORTED:
            self.cells.append(cell)


@dataclass(frozen=True)
class RegistryFile:
    """An open file of the folder."""

    table: Table
    columns: list[str]
    """The columns of the header that are in the contract; empty if there is no header."""
    blocks: Iterator[list[str]]
    """Rows in COPY's format: the number of the row's first line, then its cells, null where bad."""


@contextmanager
def open_registry_file(path: Path, findings: Findings) -> Iterator[RegistryFile]:
    """Open a file of the folder for reading. Faults are added to ``findings`` while it is read."""
    table = TABLES[path.name]
    # Bytes that are not UTF-8 become lone surrogates. The rules for cells refuse these.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        records = _records(csv.reader(text, strict=True), path.name, findings)
        header = _header(records, table, findings)
        names = [name for name in header if name is not None]
        yield RegistryFile(table, names, _blocks(records, _Row(table, header), findings))


def shortened(cell: str) -> str:
    """Return a cell for a report: quoted, at most 20 characters, no control characters."""
    return repr(cell if len(cell) <= 20 else f"{cell[:20]}…")


def _records(reader: Any, file: str, findings: Findings) -> Iterator[tuple[int, list[str]]]:
    """Yield the records that are not blank, each with the line on which it begins."""
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
    "cells of at most 131,072 characters, in which a quote that opens is closed and one within"
    " is doubled"
)


def _header(
    records: Iterator[tuple[int, list[str]]], table: Table, findings: Findings
) -> list[str | None]:
    """Return the column at each position of the header; ``None`` for an unknown column."""
    file, names = f"{table.name}.csv", table.columns.keys()
    line, record = next(records, (1, []))
    if not set(record) & set(names):
        # The cells may hold a patient's name, so the report does not show them.
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
    """The rules for the rows of a file, according to its header."""

    def __init__(self, table: Table, header: list[str | None]) -> None:
        self.file = f"{table.name}.csv"
        self.width = len(header)
        self.rules: list[tuple[int, CellRule]] = [
            (position, cell_rule(table.columns[name]))
            for position, name in enumerate(header)
            if name is not None
        ]

    def bad_cells(self, line: int, record: list[str]) -> Iterator[BadCell]:
        if len(record) != self.width:
            yield BadCell(
                self.file, line, None, f"{self.width} cells as in the header", str(len(record))
            )
            return
        for position, rule in self.rules:
            if rule.parse(record[position]) is None:
                yield _bad_cell(self.file, line, rule, record[position])

    def good_cells(self, record: list[str]) -> list[str]:
        """Return the cells in COPY's format. Bad and missing cells are null."""
        padded = record + [""] * (self.width - len(record))
        return [rule.parse(padded[position]) or NULL for position, rule in self.rules]


def _bad_cell(file: str, line: int, rule: CellRule, cell: str) -> BadCell:
    if not cell:
        return BadCell(file, line, rule.column, f"a value ({rule.expected})", "nothing")
    return BadCell(file, line, rule.column, rule.expected, shortened(cell) if rule.shown else None)


def _blocks(
    records: Iterator[tuple[int, list[str]]], row: _Row, findings: Findings
) -> Iterator[list[str]]:
    parsers = [(position, rule.parse) for position, rule in row.rules]
    width = row.width
    block: list[str] = []
    for line, record in records:
        cells = [parse(record[i]) for i, parse in parsers] if len(record) == width else [None]
        if None in cells:
            for bad in row.bad_cells(line, record):
                findings.add(bad)
            cells = list[str | None](row.good_cells(record))
        block.append(f"{line}\t{_TAB.join(cells)}\n")  # type: ignore[arg-type]  # No None is left.
        if len(block) == _BLOCK:
            yield block
            block = []
    if block:
        yield block


_TAB = "\t"
