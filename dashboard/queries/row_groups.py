"""Grouping of database rows by a column."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row


def rows_by(rows: Iterable[Row[Any]], column: str) -> dict[Any, list[Row[Any]]]:
    """Return the rows by their value of ``column``. The rows of each group are in their original
    order.
    """
    groups: dict[Any, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, column)].append(row)
    return groups
