"""An attack on counts in steps: the exact counts that a linear programme leaves possible.

The attacker gets more than any address, export or report shows. It gets every cell from which they
are added up. It also gets the maximum distance of the running number of each group from the exact
one, which no outsider can know. ``Attack.range_of`` returns the least and the greatest number that
a group of cases may then have. A group of fewer than eleven is *recovered* if that is within ± 2 of
a number.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import ceil, floor

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from dashboard.clinical.sites.protection import STEP, Cell, Population

LEAST = 11
WITHIN = 2
"""A number is recovered where its range is at most twice this wide."""

MANY = 2_000

Registry = Mapping[date, Mapping[Cell, Mapping[str, int]]]
Row = dict[int, float]
"""A sum of unknowns, each by its place with its factor."""

MARGINS: dict[str, Callable[[Cell], object]] = {
    "all": lambda cell: None,
    "site": lambda cell: cell.site,
    "nurse": lambda cell: cell.nurse,
    "kind": lambda cell: cell.kind,
    "severity": lambda cell: cell.severity,
    "cell": lambda cell: cell,
}


@dataclass(frozen=True)
class Group:
    """Cases of some cells in some consecutive months, in one column."""

    column: str
    months: tuple[date, ...]
    cells: frozenset[Cell]

    def size(self, registry: Registry) -> int:
        """Return their number of cases in a registry."""
        return sum(
            registry.get(month, {}).get(cell, {}).get(self.column, 0)
            for month in self.months
            for cell in self.cells
        )


@dataclass
class Programme:
    """Unknown numbers from 0 up, and the known facts about them."""

    names: dict[object, int] = field(default_factory=dict)
    known: list[tuple[Row, float]] = field(default_factory=list)
    _kept: tuple[csr_matrix, np.ndarray] | None = None

    def unknown(self, name: object) -> int:
        """Return the index of the unknown of this name."""
        return self.names.setdefault(name, len(self.names))

    def at_most(self, row: Row, limit: float) -> None:
        """Add the constraint that a sum is at most ``limit``."""
        self.known.append((row, limit))
        self._kept = None

    def between(self, row: Row, least: float, most: float) -> None:
        """Add the constraint that a sum is from ``least`` to ``most``."""
        self.at_most(row, most)
        self.at_most({place: -factor for place, factor in row.items()}, -least)

    def range_of(self, row: Row) -> tuple[int, int]:
        """Return the least and the greatest whole number that a sum may be."""
        matrix, limits = self._matrix()
        # By far the faster where there are thousands of unknowns.
        method = "highs-ipm" if len(self.names) > MANY else "highs"
        ends = []
        for sign in (1, -1):
            wanted = np.zeros(len(self.names))
            for place, factor in row.items():
                wanted[place] = sign * factor
            found = linprog(wanted, A_ub=matrix, b_ub=limits, bounds=(0, None), method=method)
            assert found.status == 0, found.message
            ends.append(sign * found.fun)
        return ceil(ends[0] - 1e-4), floor(ends[1] + 1e-4)

    def allows(self, values: Mapping[object, float]) -> bool:
        """Return whether these values agree with all that is known; names left out are 0."""
        vector = np.zeros(len(self.names))
        for name, value in values.items():
            vector[self.names[name]] = value
        matrix, limits = self._matrix()
        return bool(np.all(matrix @ vector <= limits + 1e-9))

    def _matrix(self) -> tuple[csr_matrix, np.ndarray]:
        if self._kept is None:
            entries = [
                (factor, line, place)
                for line, (row, _) in enumerate(self.known)
                for place, factor in row.items()
            ]
            factors, lines, places = zip(*entries, strict=True)
            shape = (len(self.known), len(self.names))
            limits = np.array([limit for _, limit in self.known])
            self._kept = csr_matrix((factors, (lines, places)), shape=shape), limits
        return self._kept


def columns_of(population: Population) -> list[str]:
    """Return one of each set of columns that count the same."""
    return [population.columns[0], *(split.columns[0] for split in population.splits)]


class Attack:
    """The known facts about one population.

    An unknown is the number of cases in a column of a cell up to a month. One more unknown is the
    secret start: the part of the first step before the first case.
    """

    def __init__(self, population: Population, exact: Registry, shown: Registry) -> None:
        self.population, self.exact, self.shown = population, exact, shown
        self.months = sorted({*exact, *shown})
        self.cells = sorted({cell for month in exact.values() for cell in month})
        self.programme = Programme()
        self.start = self.programme.unknown("start")
        self.programme.at_most({self.start: 1}, STEP - 1)
        self._cases()
        self._total()
        for of in MARGINS.values():
            self._margin(of)

    def join(self, other: "Attack") -> None:
        """Add all that is known about another population. Both count from the same start."""
        names = {place: name for name, place in other.programme.names.items()}
        for row, limit in other.programme.known:
            there = {self.programme.unknown(names[place]): factor for place, factor in row.items()}
            self.programme.at_most(there, limit)

    def row_of(self, group: Group) -> Row:
        """Return the cases of a group as a sum of unknowns."""
        first = self.months.index(group.months[0])
        row = {self._up_to(group.months[-1], cell, group.column): 1.0 for cell in group.cells}
        if first:
            before = self.months[first - 1]
            row |= {self._up_to(before, cell, group.column): -1.0 for cell in group.cells}
        return row

    def range_of(self, group: Group) -> tuple[int, int]:
        """Return the least and the greatest number that all known facts leave possible."""
        return self.programme.range_of(self.row_of(group))

    def explains(self, registry: Registry) -> bool:
        """Return whether the known facts would be the same with these exact counts."""
        values: dict[object, float] = {}
        for cell in self.cells:
            for column in columns_of(self.population):
                number = 0
                for month in self.months:
                    number += registry.get(month, {}).get(cell, {}).get(column, 0)
                    values[month, cell, column] = number
        return any(self.programme.allows(values | {"start": start}) for start in range(STEP))

    def _up_to(self, month: date, cell: Cell, column: str) -> int:
        return self.programme.unknown((month, cell, column))

    def _cases(self) -> None:
        """Add that no cell loses cases between months, and that each yes belongs to a question."""
        total = self.population.columns[0]
        for month in self.months:
            for cell in self.cells:
                for column in columns_of(self.population):
                    self.programme.at_most(negative(self._in(month, cell, column)), 0)
                for split in self.population.splits:
                    row: Row = defaultdict(float, self._in(month, cell, split.columns[0]))
                    for one in split.after:
                        _add(row, self._in(month, cell, one))
                    _add(row, negative(self._in(month, cell, split.within or total)))
                    self.programme.at_most(row, 0)

    def _in(self, month: date, cell: Cell, column: str) -> Row:
        return self.row_of(Group(column, (month,), frozenset({cell})))

    def _total(self) -> None:
        """Add that the running number, with the secret start, lies in the step that is shown."""
        given, total = 0, self.population.columns[0]
        for month in self.months:
            row: Row = {self.start: 1.0}
            row |= {self._up_to(month, cell, total): 1.0 for cell in self.cells}
            given += Group(total, (month,), frozenset(self.cells)).size(self.shown)
            self.programme.between(row, given, given + STEP - 1)

    def _margin(self, of: Callable[[Cell], object]) -> None:
        """Add the maximum distance of a running number of these groups from the exact one."""
        rows = []
        most, least = STEP - 1, 1 - STEP
        for column in columns_of(self.population):
            for cells in grouped(self.cells, of):
                given = away = 0
                for month in self.months:
                    group = Group(column, (month,), cells)
                    given += group.size(self.shown)
                    away += group.size(self.exact) - group.size(self.shown)
                    most, least = max(most, away), min(least, away)
                    row = {self._up_to(month, cell, column): 1.0 for cell in cells}
                    rows.append((row, given))
        for row, given in rows:
            self.programme.between(row, given + least, given + most)


def with_a_step_more(population: Population, registry: Registry, group: Group) -> Registry:
    """Return the same registry with five cases more in one cell and month of a group."""
    month, cell = group.months[0], min(group.cells)
    numbers = defaultdict(int, registry.get(month, {}).get(cell, {}))
    column: str | None = group.column
    splits = {split.columns[0]: split for split in population.splits}
    while column is not None:
        numbers[column] += STEP - 1
        split = splits.get(column)
        column = (split.within or population.columns[0]) if split else None
    return {**registry, month: {**registry.get(month, {}), cell: dict(numbers)}}


def recovered(between: tuple[int, int]) -> bool:
    """Return whether a number is known to within ± 2."""
    return between[1] - between[0] <= 2 * WITHIN


def grouped(cells: Iterable[Cell], of: Callable[[Cell], object]) -> list[frozenset[Cell]]:
    """Return the cells in groups with the same value of ``of``."""
    groups: dict[object, set[Cell]] = defaultdict(set)
    for cell in cells:
        groups[of(cell)].add(cell)
    return [frozenset(group) for group in groups.values()]


def groups_of(
    exact: Registry, population: Population, lengths: Sequence[int] = (1, 3, 6, 12)
) -> Iterator[Group]:
    """Yield the groups that a lead can look at: successive months, all sites or one, a filter."""
    months = sorted(exact)
    cells = sorted({cell for of_month in exact.values() for cell in of_month})
    chosen = {
        group & at_site
        for of in MARGINS.values()
        for group in grouped(cells, of)
        for at_site in (*grouped(cells, MARGINS["site"]), frozenset(cells))
        if group & at_site
    }
    for column in columns_of(population):
        for length in lengths:
            for first in range(len(months) - length + 1):
                for group in sorted(chosen, key=sorted):
                    yield Group(column, tuple(months[first : first + length]), group)


def small(groups: Iterable[Group], exact: Registry) -> list[Group]:
    """Return the groups of one to ten cases."""
    return [group for group in groups if 0 < group.size(exact) < LEAST]


def negative(row: Row) -> Row:
    """Return the sum with the opposite sign."""
    return {place: -factor for place, factor in row.items()}


def _add(row: Row, other: Row) -> None:
    for place, factor in other.items():
        row[place] = row.get(place, 0) + factor
