"""Parsers for the cells of a registry's CSV files.

The rules are in docs/registry.md, "Loading a registry from files".
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column

from dashboard.database.schema.contract import CODES, sql_type

PARIS = ZoneInfo("Europe/Paris")
NULL = r"\N"

Parse = Callable[[str], str | None]


@dataclass(frozen=True)
class CellRule:
    """The rule for the cells of one column of a registry's CSV file."""

    column: str
    parse: Parse
    """The function that converts a cell to the text format of COPY. It returns None for a bad
    cell.
    """
    expected: str
    """The content that a cell must have, in words."""
    shown: bool
    """Whether a report may show the content of a bad cell.

    False if the column may contain a person's name.
    """


def cell_rule(column: Column[Any]) -> CellRule:
    """Return the rule for the cells of ``column``, which is a column of the registry."""
    relation = column.table.name
    kind = sql_type(column)
    codes = CODES.get((relation, column.name))
    parse, expected = _coded(codes) if codes else _KINDS[kind]
    return CellRule(
        column=column.name,
        parse=_memory(_or_empty(parse, _empty(column)), column, coded=bool(codes)),
        expected=expected,
        shown=relation not in ("patient", "practitioner") and (bool(codes) or kind != "text"),
    )


def _empty(column: Column[Any]) -> str | None:
    """Return the value that stands for an empty cell, in the text format of COPY.

    Return None if the column may not have empty cells.
    """
    if (column.table.name, column.name) == ("episode", "problem"):
        # An empty cell is an empty text here, because some registries have episodes without a
        # problem text.
        return ""
    return NULL if column.nullable else None


def _or_empty(parse: Parse, empty: str | None) -> Parse:
    return lambda cell: parse(cell) if cell else empty


def _memory(parse: Parse, column: Column[Any], *, coded: bool) -> Parse:
    """Return ``parse``, with a cache if many cells of ``column`` have the same value.

    Days, scores and codes are often the same. Ids and notes are not, so they need no cache.
    """
    identifies = column.primary_key or bool(column.foreign_keys)
    repeats = coded or not (identifies or column.type.python_type is str)
    return _Remembered(parse).__getitem__ if repeats else parse


class _Remembered(dict[str, str | None]):
    """A cache of parsed cells, with at most 100,000 different cells."""

    def __init__(self, parse: Parse) -> None:
        self._parse = parse

    def __missing__(self, cell: str) -> str | None:
        parsed = self._parse(cell)
        if len(self) < 100_000:
            self[cell] = parsed
        return parsed


def _coded(codes: tuple[str, ...]) -> tuple[Parse, str]:
    return (lambda cell: cell if cell in codes else None), f"one of {', '.join(codes)}"


def _whole_number(bits: int) -> tuple[Parse, str]:
    highest = 2 ** (bits - 1) - 1

    def parse(cell: str) -> str | None:
        digits = cell.removeprefix("-")
        # int() would also accept spaces, underscores, a plus sign and the digits of other scripts.
        if len(digits) > 19 or not (digits.isascii() and digits.isdigit()):
            return None
        return cell if -highest - 1 <= int(cell) <= highest else None

    return parse, f"a whole number from {-highest - 1} to {highest}"


def _number(cell: str) -> str | None:
    return cell if re.fullmatch(r"-?[0-9]{1,20}(\.[0-9]{1,20})?", cell) else None


def _truth(cell: str) -> str | None:
    return {"true": "t", "t": "t", "false": "f", "f": "f"}.get(cell.lower())


def _day(cell: str) -> str | None:
    # The pattern is checked first, because ``fromisoformat`` also accepts 20260901 and 2026-W36-2.
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell):
        return None
    try:
        day = date.fromisoformat(cell)
    except ValueError:
        return None
    return day.isoformat() if day.year in _YEARS else None


_YEARS = range(1900, 2200)
"""The years of days and instants that are accepted.

Other programs write the year 0001 or 9999 for an unknown day.
"""

_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)?"
)


def _instant(cell: str) -> str | None:
    """Return the instant in UTC; None if the cell is bad.

    A cell without an offset from UTC is in Paris time.
    """
    if not _INSTANT.fullmatch(cell):
        return None
    try:
        instant = datetime.fromisoformat(cell)
        here = instant if instant.tzinfo else instant.replace(tzinfo=PARIS)
        return here.astimezone(UTC).isoformat() if instant.year in _YEARS else None
    except (ValueError, OverflowError):
        return None


_item = _whole_number(16)[0]


def _items(cell: str) -> str | None:
    items = [_item(item) if item else "NULL" for item in cell.split(";")]
    return None if None in items else "{" + ",".join(filter(None, items)) + "}"


_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def _text(cell: str) -> str | None:
    if "\0" in cell or not _is_unicode(cell):
        return None
    return cell.translate(_ESCAPES) if _SPECIAL.search(cell) else cell


def _is_unicode(cell: str) -> bool:
    """Return whether the cell was valid UTF-8 in the file.

    Bytes that are not valid UTF-8 were read as lone surrogates.
    """
    if cell.isascii():
        return True
    try:
        cell.encode()
    except UnicodeEncodeError:
        return False
    return True


_KINDS: dict[str, tuple[Parse, str]] = {
    "bigint": _whole_number(64),
    "integer": _whole_number(32),
    "smallint[]": (_items, "whole numbers up to 32767 separated by ; such as 2;1;;3"),
    "numeric": (_number, "a number such as 37.5"),
    "boolean": (_truth, "true or false"),
    "date": (_day, "a day of the years 1900 to 2199 such as 2026-09-01"),
    "timestamp with time zone": (
        _instant,
        "an instant of the years 1900 to 2199 such as 2026-09-01T14:30:00+02:00",
    ),
    "text": (_text, "text in UTF-8 without NUL"),
}

DELETED = "deleted"
"""The name of the column that marks rows to delete, in a file of changes."""

DELETED_RULE = CellRule(
    DELETED, lambda cell: _truth(cell) if cell else "f", "true or false", shown=True
)
"""The rule for the cells of the column ``deleted``. An empty cell means "not deleted"."""
