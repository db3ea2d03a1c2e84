"""An indicator over a period, as it may be shown: the whole, its months, and its sites.

Everything that is drawn, written to a file or put into the report is made from a ``Figure``,
and nothing else is: so what is hidden in one place cannot be read in another.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple, TypeVar

from dashboard.clinical.forecast import later
from dashboard.clinical.funnel import Dispersion, Place, dispersion, place_of_range
from dashboard.clinical.run_chart import RunChart, run_chart
from dashboard.clinical.suppression import (
    NOTHING,
    Shown,
    ShownTally,
    Tally,
    shown_alone,
    shown_parts,
    shown_within,
    some_of,
)

Basis = Literal["all", "measured"]
"""Of whom a rate is: of all who are eligible, the others failing, or of those measured."""


class Counted(NamedTuple):
    """Counts of one site, nurse and month."""

    site_id: int
    nurse_id: int
    month: date
    eligible: int
    measured: int
    numerator: int


@dataclass(frozen=True)
class Period:
    """Whole months, by their first days, both included."""

    since: date
    until: date

    @property
    def months(self) -> list[date]:
        """Every month of it."""
        return [later(self.since, number) for number in range(self.length)]

    @property
    def length(self) -> int:
        """How many months it has."""
        return months_between(self.since, self.until) + 1

    def before(self) -> "Period":
        """The period of the same length just before it."""
        return Period(later(self.since, -self.length), later(self.since, -1))


def months_between(one: date, other: date) -> int:
    """How many months the one is before the other."""
    return (other.year - one.year) * 12 + other.month - one.month


@dataclass(frozen=True)
class SiteFigure:
    """A site's counts as they may be shown, and where they lie between the limits."""

    site_id: int
    shown: ShownTally
    places: Mapping[Basis, Place | None]


@dataclass(frozen=True)
class Figure:
    """An indicator over a period.

    ``before`` is the whole of the period of the same length before. ``months`` are those that
    are over. ``dispersion`` is taken over the sites whose counts are shown.
    """

    indicator: str
    whole: ShownTally
    before: ShownTally
    months: tuple[tuple[date, ShownTally], ...]
    sites: tuple[SiteFigure, ...]
    dispersion: Mapping[Basis, Dispersion | None]

    def rate(self, basis: Basis = "all") -> float | None:
        """The rate (0–1) of the whole."""
        return rate_of(self.whole, basis)

    def change(self, basis: Basis = "all") -> float | None:
        """By how much (0–1) the rate differs from that of the period before."""
        now, then = self.rate(basis), rate_of(self.before, basis)
        return None if now is None or then is None else now - then

    def series(self, basis: Basis = "all") -> list[tuple[date, float | None]]:
        """The rate of each month."""
        return [(month, rate_of(shown, basis)) for month, shown in self.months]

    def counts(self) -> list[tuple[date, int | None]]:
        """The number in each month, for an indicator that is no rate."""
        return [(month, shown.numerator.value) for month, shown in self.months]

    def run_chart(self, basis: Basis | None = "all") -> RunChart | None:
        """What the rules say of the months; without a basis of their counts."""
        values = self.counts() if basis is None else self.series(basis)
        return run_chart([value for _month, value in values])

    def outside(self, basis: Basis = "all") -> tuple[int, int]:
        """How many sites lie outside the 95 % limits, of how many that can be placed."""
        placed = [place for one in self.sites if (place := one.places[basis]) is not None]
        return sum(place.is_outside for place in placed), len(placed)


@dataclass(frozen=True)
class Question:
    """What is asked of the rows: the period, the sites, and what the filters leave out.

    ``sites`` are all that the reader sees, in their fixed order; ``chosen`` those among them
    that are looked at. ``today`` tells which month is not over.
    """

    period: Period
    sites: Sequence[int]
    chosen: frozenset[int]
    today: date

    @property
    def is_of_all_sites(self) -> bool:
        return set(self.sites) <= self.chosen


def figure_of(
    indicator: str,
    rows: Iterable[Counted],
    asked: Question,
    *,
    snapshot: bool = False,
    unfiltered: Iterable[Counted] | None = None,
) -> Figure:
    """What may be shown of an indicator.

    ``rows`` are those of every site that the reader sees, over the period and the one before
    it, by the filters of nurse, kind and severity; ``unfiltered`` the same without these,
    where there are any. Of a ``snapshot`` the last month of the period counts.
    """
    rows = list(rows)
    rest = _rest(rows, None if unfiltered is None else list(unfiltered))
    in_period = _last_or_all(asked.period, snapshot)
    by_site = _sums(rows, lambda row: row.site_id, in_period)
    parts = [by_site.get(site, NOTHING) for site in asked.sites]
    left_out = _sums(rest, lambda row: row.site_id, in_period)
    shown, whole = shown_parts(parts, [left_out.get(site, NOTHING) for site in asked.sites])
    kept = [place for place, site in enumerate(asked.sites) if site in asked.chosen]
    of_all = whole
    if not asked.is_of_all_sites:
        whole = some_of([parts[place] for place in kept], [shown[place] for place in kept])
    return Figure(
        indicator=indicator,
        whole=whole,
        before=_before(rows, rest, asked, snapshot),
        months=_months(rows, rest, asked, whole, snapshot),
        sites=tuple(
            SiteFigure(asked.sites[place], shown[place], _places(shown[place], of_all))
            for place in kept
        ),
        dispersion={basis: _dispersion(shown, of_all, basis) for basis in BASES},
    )


BASES: tuple[Basis, Basis] = ("all", "measured")


def rate_of(shown: ShownTally, basis: Basis) -> float | None:
    """The rate (0–1), or None where it may not be shown, or nobody is there."""
    return shown.failing_rate if basis == "all" else shown.measured_rate


def range_of(shown: ShownTally, basis: Basis) -> tuple[float, float] | None:
    """Between what a hidden rate (0–1) lies, where that is said; None where nothing is."""
    whole = shown.eligible if basis == "all" else shown.measured
    if not whole.value or shown.numerator.value is not None:
        return None
    low, high = shown.numerator.low, shown.numerator.high
    return None if (low, high) == (0, whole.value) else (low / whole.value, high / whole.value)


def denominator(shown: ShownTally, basis: Basis) -> Shown:
    """Of how many a rate is."""
    return shown.eligible if basis == "all" else shown.measured


def _places(shown: ShownTally, whole: ShownTally) -> dict[Basis, Place | None]:
    return {basis: _place(shown, whole, basis) for basis in BASES}


def _place(shown: ShownTally, whole: ShownTally, basis: Basis) -> Place | None:
    overall, n = rate_of(whole, basis), denominator(shown, basis).value
    if overall is None or not n or 0 < shown.numerator.high - shown.numerator.low >= n:
        return None
    return place_of_range(shown.numerator.low, shown.numerator.high, n, overall)


def _dispersion(sites: Sequence[ShownTally], whole: ShownTally, basis: Basis) -> Dispersion | None:
    overall = rate_of(whole, basis)
    known = [
        (one.numerator.value, n)
        for one in sites
        if one.numerator.value is not None and (n := denominator(one, basis).value)
    ]
    return None if overall is None else dispersion(known, overall)


def _last_or_all(period: Period, snapshot: bool) -> Callable[[date], bool]:
    if snapshot:
        return lambda month: month == period.until
    return lambda month: period.since <= month <= period.until


def _before(
    rows: Sequence[Counted], rest: Sequence[Counted], asked: Question, snapshot: bool
) -> ShownTally:
    """The whole of the period before, of the chosen sites."""
    earlier = _last_or_all(asked.period.before(), snapshot)
    sums = _sums(_of_chosen(rows, asked), lambda _row: 0, earlier)
    rests = _sums([*rest, *_of_others(rows, asked)], lambda _row: 0, earlier)
    return shown_alone(sums.get(0, NOTHING), rests.get(0, NOTHING))


def _months(
    rows: Sequence[Counted],
    rest: Sequence[Counted],
    asked: Question,
    whole: ShownTally,
    snapshot: bool,
) -> tuple[tuple[date, ShownTally], ...]:
    """The months that are over; of a snapshot each is a whole of its own."""
    month = asked.today.replace(day=1)
    every = _last_or_all(asked.period, False)
    sums = _sums(_of_chosen(rows, asked), lambda row: row.month, every)
    rests = _sums([*rest, *_of_others(rows, asked)], lambda row: row.month, every)
    months = asked.period.months
    parts = [sums.get(one, NOTHING) for one in months]
    left_out = [rests.get(one, NOTHING) for one in months]
    if snapshot:
        shown = [shown_alone(*pair) for pair in zip(parts, left_out, strict=True)]
        if months:
            shown[-1] = whole
    else:
        shown = shown_within(parts, whole, left_out)
    pairs = zip(months, shown, strict=True)
    return tuple((one, tally) for one, tally in pairs if one < month or snapshot)


def _of_chosen(rows: Iterable[Counted], asked: Question) -> list[Counted]:
    return [row for row in rows if row.site_id in asked.chosen]


def _of_others(rows: Iterable[Counted], asked: Question) -> list[Counted]:
    return [row for row in rows if row.site_id not in asked.chosen]


def _rest(rows: Sequence[Counted], unfiltered: Sequence[Counted] | None) -> list[Counted]:
    """What the filters leave out: the unfiltered rows and, taken away, the filtered ones."""
    if unfiltered is None:
        return []
    return [
        *unfiltered,
        *(
            row._replace(eligible=-row.eligible, measured=-row.measured, numerator=-row.numerator)
            for row in rows
        ),
    ]


Key = TypeVar("Key")


def _sums(
    rows: Iterable[Counted], key: Callable[[Counted], Key], kept: Callable[[date], bool]
) -> dict[Key, Tally]:
    sums: dict[Key, Tally] = {}
    for row in rows:
        if kept(row.month):
            one = Tally(row.eligible, row.measured, row.numerator)
            sums[key(row)] = sums.get(key(row), NOTHING) + one
    return sums
