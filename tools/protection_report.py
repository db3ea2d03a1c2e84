"""Report on counts in steps, on the demonstration: their loss of precision, and an attack.

    python -m tools.protection_report [--patients 2910] [--seed 1] [--attacked 1]

It fills a registry of its own and counts it as the server does. It prints how far the leads' counts
are from the exact ones, and what a linear programme recovers from all of them together.
"""

import argparse
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise
from pathlib import Path
from statistics import pstdev, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, make_url, text

from dashboard.clinical.sites.comparison import Period, Question, Sums, figure_of
from dashboard.clinical.sites.forecast import later
from dashboard.clinical.sites.funnel import place_of
from dashboard.clinical.sites.indicators import INDICATORS, SEVERITIES, Indicator
from dashboard.clinical.sites.protection import POPULATIONS, STEP, Cell, Population, with_parts
from dashboard.clinical.sites.suppression import LEAST, NOTHING, Tally
from dashboard.database import administering, connect_to
from dashboard.database.operations.embedded import app_address_of, embedded_postgres
from dashboard.database.operations.schema_setup import create_reference_registry, prepare
from dashboard.demo.fill import fill
from dashboard.queries.sites.counting import count_all
from tests.support.small_counts_attack import (
    MARGINS,
    WITHIN,
    Attack,
    Group,
    Programme,
    Registry,
    Row,
    columns_of,
    with_a_step_more,
)

DAY = date(2026, 11, 24)
MOST_UNKNOWNS = 15_000
"""Maximum size of an attack that is solved: beyond it each range takes minutes, and the check of
``MORE`` is enough.
"""

MORE = 200
"""Number of small counts of each population for which two explanations are checked.

Both the leads' counts and the same with five cases more must explain all that is known. Then no
linear programme can exclude either of them.
"""


def main() -> None:
    """Print the report."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--patients", type=int, default=2910)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--attacked", type=int, default=1, help="small counts of each population")
    options = asked.parse_args()
    with TemporaryDirectory() as directory, embedded_postgres(Path(directory) / "pg") as url:
        with administering(url) as connection:
            create_reference_registry(connection)
            prepare(connection)
        with administering(url) as connection:
            fill(connection, patients=options.patients, seed=options.seed, as_of=DAY)
        connect_to(app_address_of(url, str(make_url(url).database)))
        started = perf_counter()
        count_all(DAY)
        print(f"{options.patients:,} patients, counted in {perf_counter() - started:.1f} s")
        with administering(url) as connection:
            exact, shown = registries(connection)
    for line in lost(exact, shown):
        print(line, flush=True)
    for line in attacked(exact, shown, options.attacked):
        print(line, flush=True)


def registries(connection: Connection) -> tuple[Registry, Registry]:
    """Return the exact and the leads' counts, by month, cell and column; run as the owner."""
    return (
        _read(connection, "review.exact_month"),
        _read(connection, "review.site_month WHERE kind <> 'all' AND severity <> 'all'"),
    )


def _read(connection: Connection, where: str) -> Registry:
    found: dict[date, dict[Cell, dict[str, int]]] = defaultdict(dict)
    for row in connection.execute(text(f"SELECT * FROM {where}")).mappings():
        cell = Cell(row["site_id"], row["nurse_id"], row["kind"], row["severity"])
        found[row["month"]][cell] = {column: row[column] for column in _COLUMNS if row[column]}
    return dict(found)


_COLUMNS = [column for indicator in INDICATORS.values() for column in indicator.columns]


# Loss of precision.


@dataclass(frozen=True)
class Slice:
    """A group of cells that a lead may look at."""

    level: str
    chosen: Callable[[Cell], bool]


def _slices(exact: Registry) -> Iterator[Slice]:
    cells = {cell for of_month in exact.values() for cell in of_month}
    yield Slice("programme", lambda cell: True)
    for site in sorted({cell.site for cell in cells}):
        yield Slice("site", lambda cell, site=site: cell.site == site)
    for nurse in sorted({cell.nurse for cell in cells}):
        yield Slice("nurse", lambda cell, nurse=nurse: cell.nurse == nurse)
    for kind in ("leger", "classique"):
        yield Slice("kind", lambda cell, kind=kind: cell.kind == kind)
    for severity in SEVERITIES:
        yield Slice("severity", lambda cell, severity=severity: cell.severity == severity)
        for site in sorted({cell.site for cell in cells}):
            yield Slice(
                "site and severity",
                lambda cell, site=site, severity=severity: (
                    (cell.site, cell.severity) == (site, severity)
                ),
            )


def lost(exact: Registry, shown: Registry) -> Iterator[str]:
    """Yield the errors of counts and rates at each level, and the number of hidden ones."""
    yield ""
    yield "What is lost: months to October 2026, every indicator"
    yield (
        "level              months  counts  hidden  |error| median, 95 %, most"
        "   rates  hidden  |error| in points: median, 95 %, of 30 or more"
    )
    slices: dict[str, list[Slice]] = defaultdict(list)
    for one in _slices(exact):
        slices[one.level].append(one)
    for level, of_level in slices.items():
        for length in (1, 3, 12):
            yield _line(exact, shown, level, of_level, length)
    yield from _flags(exact, shown)


def _line(
    exact: Registry, shown: Registry, level: str, slices: Sequence[Slice], length: int
) -> str:
    counts: list[int] = []
    rates: list[float] = []
    hidden = hidden_rates = all_rates = 0
    for last in _ends(length):
        months = [later(last, -back) for back in range(length)]
        for one in slices:
            for indicator in INDICATORS.values():
                true = tally(exact, indicator, months, one.chosen)
                told = tally(shown, indicator, months, one.chosen)
                if not true.eligible:
                    continue
                counts.append(abs(told.eligible - true.eligible))
                hidden += told.eligible < LEAST <= true.eligible
                if indicator.kind == "rate" and true.eligible >= LEAST:
                    counts.append(abs(told.numerator - true.numerator))
                    all_rates += 1
                    if told.eligible < LEAST:
                        hidden_rates += 1
                    elif told.eligible >= 30:
                        error = told.numerator / told.eligible - true.numerator / true.eligible
                        rates.append(100 * abs(error))
    of_counts, of_rates = _quantiles(counts), _quantiles(rates)
    return (
        f"{level:18} {length:6} {len(counts):7} {hidden:7}"
        f"  {of_counts[0]:6.0f} {of_counts[1]:5.0f} {max(counts):5}"
        f"               {all_rates:7} {hidden_rates:7}"
        f"  {of_rates[0]:6.1f} {of_rates[1]:5.1f}"
    )


def _ends(length: int) -> list[date]:
    last = date(2026, 10, 1)
    return [later(last, -back) for back in range(0, 12, 3 if length < 12 else 6)]


def _quantiles(values: Sequence[float]) -> tuple[float, float]:
    if len(values) < 2:
        return (values or [0])[0], (values or [0])[0]
    cut = quantiles(values, n=20)
    return cut[9], cut[18]


def tally(
    registry: Registry,
    indicator: Indicator,
    months: Sequence[date],
    chosen: Callable[[Cell], bool],
) -> Tally:
    """Return the tally of some cells over some months; a snapshot counts the last month only."""
    of = [max(months)] if indicator.snapshot else months
    sums = dict.fromkeys(indicator.columns, 0)
    for month in of:
        for cell, numbers in registry.get(month, {}).items():
            if chosen(cell):
                for column in sums:
                    sums[column] += numbers.get(column, 0)
    numerator, *others = sums.values()
    eligible = others[0] if others else numerator
    return Tally(eligible, others[1] if indicator.scores else eligible, numerator)


def _flags(exact: Registry, shown: Registry) -> Iterator[str]:
    """Yield a comparison of the sites outside the limits, by the exact and by the shown counts."""
    sites = sorted({cell.site for of_month in exact.values() for cell in of_month})
    both = only_true = only_told = 0
    over: list[str] = []
    errors: list[float] = []
    for length in (3, 12):
        for last in _ends(length):
            asked = Question(Period(later(last, 1 - length), last), sites, frozenset(sites), DAY)
            months = asked.period.months
            for indicator in INDICATORS.values():
                if indicator.kind != "rate":
                    continue
                tallies = [
                    {site: tally(one, indicator, months, _at(site)) for site in sites}
                    for one in (exact, shown)
                ]
                true, told = (figure_of(indicator.id, Sums(one), asked) for one in tallies)
                for site, here, there in zip(sites, true.sites, told.sites, strict=True):
                    outside = _outside(tallies[0], site), _is_outside(there)
                    both += outside == (True, True)
                    only_true += outside == (True, False)
                    only_told += outside == (False, True)
                    rate = told.overall["all"]
                    if rate and here.shown.eligible.value and there.shown.eligible.value:
                        off = [one[site].numerator - one[site].eligible * rate for one in tallies]
                        errors.append(off[1] - off[0])
                said = told.dispersion["all"]
                exactly = figure_of(indicator.id, Sums(tallies[0]), asked).dispersion["all"]
                if said and said.is_over and not (exactly and exactly.is_over):
                    over.append(f"{indicator.id} {length}")
    yield ""
    yield (
        f"Sites outside their 95 % limits (with the steps allowed for): {both} by both,"
        f" {only_told} by what is shown alone, {only_true} by the exact counts alone"
    )
    yield f"Standard deviation of a site's numerator against its limits: {pstdev(errors):.1f}"
    yield f"Dispersion said to be over, and is not by the exact counts: {', '.join(over) or 'none'}"


def _at(site: int) -> Callable[[Cell], bool]:
    return lambda cell: cell.site == site


def _is_outside(one: Any) -> bool:
    return one.places["all"] is not None and one.places["all"].is_outside


def _outside(tallies: dict[int, Tally], site: int) -> bool:
    whole = sum(tallies.values(), NOTHING)
    mine = tallies[site]
    if mine.eligible < LEAST:
        return False
    return place_of(mine.numerator, mine.eligible, whole.numerator / whole.eligible).is_outside


# The attack.


def attacked(
    exact: Registry,
    shown: Registry,
    number: int,
    most_unknowns: int = MOST_UNKNOWNS,
    more: int = MORE,
) -> Iterator[str]:
    """Yield what a linear programme recovers from all counts together.

    Each population is attacked as a whole, or month by month if it is a snapshot. In each attack,
    ``number`` small counts are solved with all cells, if there are at most ``most_unknowns``
    unknowns, and five times as many by site. For ``more`` small counts, it is checked that two
    registries explain all that is known: the leads' counts, and the same with five cases more.
    """
    yield ""
    yield (
        "The attack: every cell from which addresses, exports and reports are added up, together,"
        " and how far each kind of group ever is from the exact one"
    )
    yield f"{'population':32} solved by cell, by site  narrowest range  explained otherwise too"
    widths: list[int] = []
    for population in POPULATIONS:
        columns = columns_of(population)
        exact_of, shown_of = (_only(with_parts(one), columns) for one in (exact, shown))
        fine = list(_attacks(population, exact_of, shown_of))
        coarse = list(_attacks(population, _by_site(exact_of), _by_site(shown_of)))
        few = [one for one in fine if len(one.programme.names) <= most_unknowns]
        by_cell, by_site = list(_solved(few, number)), list(_solved(coarse, 5 * number))
        found = [*by_cell, *by_site]
        widths += found
        yield (
            f"{population.columns[0]:32} {len(by_cell):14}, {len(by_site):7}"
            f"  {min(found, default='–'):>15}  {_explained(population, fine, more):23}"
        )
    balance = list(_balance(exact, shown, number * 6))
    widths += balance
    yield (
        f"open = open before + enrolled - closed, by site: {len(balance)} solved, narrowest "
        + str(min(balance, default="–"))
    )
    due = list(_due_later(exact, shown, number * 6))
    widths += due
    yield f"the same patients, due later, of the area: {len(due)} solved, narrowest " + str(
        min(due, default="–")
    )
    recovered_ = sum(width <= 2 * WITHIN for width in widths)
    yield f"Small counts solved: {len(widths):,}; recovered to within ± 2: {recovered_}"


def _attacks(population: Population, exact: Registry, shown: Registry) -> Iterator[Attack]:
    if not population.snapshot:
        yield Attack(population, exact, shown)
        return
    # Each month of a snapshot is independent.
    for month in [month for month in sorted(exact) if exact[month]][-3::2]:
        yield Attack(population, {month: exact[month]}, {month: shown.get(month, {})})


def _small(attack: Attack, number: int) -> list[Group]:
    """Return randomly chosen small counts that a lead can look at.

    Each covers some consecutive months, one site or all, with a filter or without.
    """
    chance = random.Random(1)  # noqa: S311
    found: list[Group] = []
    for _attempt in range(200 * number):
        cell, length = chance.choice(attack.cells), chance.choice((1, 3, 6, 12, 24, 36))
        of = chance.choice(list(MARGINS.values()))
        everywhere = chance.random() < 0.5
        first = chance.randrange(len(attack.months))
        group = Group(
            chance.choice(columns_of(attack.population)),
            tuple(attack.months[first : first + length]),
            frozenset(
                one
                for one in attack.cells
                if of(one) == of(cell) and (everywhere or one.site == cell.site)
            ),
        )
        if group.size(attack.exact) in range(1, LEAST):
            found.append(group)
        if len(found) == number:
            break
    return found


def _solved(attacks: Sequence[Attack], number: int) -> Iterator[int]:
    """Yield the width of the range of some small counts."""
    for attack in attacks:
        assert attack.explains(attack.exact)
        for group in _small(attack, number):
            least, most = attack.range_of(group)
            assert least <= group.size(attack.exact) <= most
            yield most - least


def _explained(population: Population, attacks: Sequence[Attack], number: int) -> int:
    tried = 0
    for attack in attacks:
        assert attack.explains(attack.shown)
        for group in _small(attack, number):
            assert attack.explains(with_a_step_more(population, attack.shown, group)), group
            tried += 1
    return tried


def _by_site(registry: Registry) -> Registry:
    found: dict[date, dict[Cell, dict[str, int]]] = {}
    for month, cells in registry.items():
        of_month = found.setdefault(month, {})
        for cell, numbers in cells.items():
            held = of_month.setdefault(Cell(cell.site, 0), defaultdict(int))
            for column, number in numbers.items():
                held[column] += number
    return found


def _only(registry: Registry, columns: Sequence[str]) -> Registry:
    return {
        month: {
            cell: {column: numbers.get(column, 0) for column in columns}
            for cell, numbers in cells.items()
            if any(numbers.get(column) for column in columns)
        }
        for month, cells in registry.items()
    }


def _balance(exact: Registry, shown: Registry, number: int) -> Iterator[int]:
    """Yield the widths of ranges when three populations are combined, by site.

    Open patients are those open before, plus the enrolled, minus the closed; all three are known.
    """
    names = ("consent_recorded_eligible", "closed_as_lost_eligible", "active_caseload")
    sites = sorted({cell.site for of_month in exact.values() for cell in of_month})
    months = [month for month in sorted(exact) if month < date(2026, 11, 1)]
    programme, bounds = Programme(), {}
    start = programme.unknown("start")
    programme.at_most({start: 1}, STEP - 1)

    def count(registry: Registry, name: str, month: date, of: Sequence[int]) -> int:
        months_ = [month] if name == names[2] else [one for one in months if one <= month]
        return sum(
            numbers.get(name, 0)
            for one in months_
            for cell, numbers in registry.get(one, {}).items()
            if cell.site in of
        )

    for name in names[:2]:
        away = [
            count(exact, name, month, [site]) - count(shown, name, month, [site])
            for month in months
            for site in sites
        ]
        # As in ``small_counts_attack.Attack``: nobody knows that counts are closer than one step.
        bounds[name] = (min(*away, 1 - STEP), max(*away, STEP - 1))
    for month in months:
        for name in names[:2]:
            given = count(shown, name, month, sites)
            row: Row = {programme.unknown((name, month, site)): 1.0 for site in sites}
            programme.between(row | {start: 1.0}, given, given + STEP - 1)
            for site in sites:
                least, most = bounds[name]
                mine = count(shown, name, month, [site])
                programme.between(
                    {programme.unknown((name, month, site)): 1.0}, mine + least, mine + most
                )
        for site in sites:
            enrolled, closed, open_ = (programme.unknown((name, month, site)) for name in names)
            differs = (
                count(exact, names[0], month, [site])
                - count(exact, names[1], month, [site])
                - count(exact, names[2], month, [site])
            )
            programme.between({enrolled: 1.0, closed: -1.0, open_: -1.0}, differs, differs)
    for before, month in pairwise(months):
        for name in names[:2]:
            for site in sites:
                programme.at_most(
                    {
                        programme.unknown((name, before, site)): 1.0,
                        programme.unknown((name, month, site)): -1.0,
                    },
                    0,
                )
    targets = []
    for name in names[:2]:
        for length in (1, 3, 6, 12):
            for place in range(length, len(months)):
                for site in sites:
                    first, last = months[place - length], months[place]
                    size = count(exact, name, last, [site]) - count(exact, name, first, [site])
                    if 0 < size < LEAST:
                        targets.append((name, first, last, site, size))
    chosen = random.Random(1).sample(targets, min(len(targets), number))  # noqa: S311
    for name, first, last, site, size in chosen:
        least, most = programme.range_of(
            {
                programme.unknown((name, last, site)): 1.0,
                programme.unknown((name, first, site)): -1.0,
            }
        )
        assert least <= size <= most
        yield most - least


DUE = (
    ("early_contact_eligible", 0, 1),
    ("baseline_known_eligible", 0, 1),
    ("four_contacts_eligible", 2, 3),
    ("psychosocial_care_eligible", 1, 2),
    ("closed_as_lost_eligible", 0, 100),
)
"""Populations that count an enrolled patient again once a later day is due: the earliest and the
latest month of that, counted from the month of enrolment.
"""


def _due_later(exact: Registry, shown: Registry, number: int) -> Iterator[int]:
    """Yield the widths of ranges when six populations of the area are combined.

    The number of due patients is at most the number enrolled by then, and at least the number
    enrolled long enough before.
    """
    names = ("consent_recorded_eligible", *(name for name, _first, _last in DUE))
    months = [month for month in sorted(exact) if month < date(2026, 11, 1)]
    true, told = ({name: _running(one, name, months) for name in names} for one in (exact, shown))
    programme = Programme()
    start = programme.unknown("start")
    programme.at_most({start: 1}, STEP - 1)
    for name in names:
        for place in range(len(months)):
            mine = programme.unknown((name, place))
            given = told[name][place]
            programme.between({mine: 1.0, start: 1.0}, given, given + STEP - 1)
            if place:
                programme.at_most({programme.unknown((name, place - 1)): 1.0, mine: -1.0}, 0)
    for name, first, last in DUE:
        for place in range(len(months)):
            mine = programme.unknown((name, place))
            if place >= first:
                enrolled = programme.unknown((names[0], place - first))
                programme.at_most({mine: 1.0, enrolled: -1.0}, 0)
            if place >= last:
                enrolled = programme.unknown((names[0], place - last))
                programme.at_most({enrolled: 1.0, mine: -1.0}, 0)
    targets = [
        (name, place - length, place)
        for name in names
        for length in (1, 3, 6, 12)
        for place in range(length, len(months))
        if 0 < true[name][place] - true[name][place - length] < LEAST
    ]
    for name, first, last in random.Random(1).sample(targets, min(len(targets), number)):  # noqa: S311
        least, most = programme.range_of(
            {programme.unknown((name, last)): 1.0, programme.unknown((name, first)): -1.0}
        )
        assert least <= true[name][last] - true[name][first] <= most
        yield most - least


def _running(registry: Registry, column: str, months: Sequence[date]) -> list[int]:
    return list(
        accumulate(
            sum(numbers.get(column, 0) for numbers in registry.get(month, {}).values())
            for month in months
        )
    )


if __name__ == "__main__":
    main()
