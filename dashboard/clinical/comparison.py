"""An indicator over a period, as it may be shown: the whole, its months, and its sites.

Everything that is drawn, written to a file or put into the report is made from a ``Figure``,
and nothing else is: so what is hidden in one place cannot be read in another.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from dashboard.clinical.forecast import later
from dashboard.clinical.funnel import Dispersion, Place, dispersion, place_of_range
from dashboard.clinical.run_chart import RunChart, run_chart
from dashboard.clinical.suppression import (
    COLUMNS,
    LEAST,
    NOTHING,
    Shown,
    ShownTally,
    Tally,
    is_small,
    shown_alone,
    shown_parts,
    shown_within,
    some_of,
)

Basis = Literal["all", "measured"]
"""Of whom a rate is: of all who are eligible, the others failing, or of those measured."""


@dataclass(frozen=True)
class Sums:
    """The counts of an indicator, exact.

    By ``sites`` over the period, all that the reader sees; by ``months``, and of the period of
    the same length ``before``, of the chosen sites together. Of a snapshot, a site's count is
    that of the last month of the period.
    """

    sites: Mapping[int, Tally] = field(default_factory=dict)
    months: Mapping[date, Tally] = field(default_factory=dict)
    before: Tally = NOTHING


def combined(of: Callable[[Tally, Tally], Tally], one: Sums, other: Sums) -> Sums:
    """What this makes of the counts of two indicators, by site, by month and before."""
    return Sums(
        {
            key: of(one.sites.get(key, NOTHING), other.sites.get(key, NOTHING))
            for key in {**one.sites, **other.sites}
        },
        {
            key: of(one.months.get(key, NOTHING), other.months.get(key, NOTHING))
            for key in {**one.months, **other.months}
        },
        of(one.before, other.before),
    )


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
    are over. ``overall`` is the rate (0–1) of all sites that the reader sees, around which the
    limits lie, whichever of them are looked at; ``dispersion`` is taken over the sites whose
    counts are shown.
    """

    indicator: str
    whole: ShownTally
    before: ShownTally
    months: tuple[tuple[date, ShownTally], ...]
    sites: tuple[SiteFigure, ...]
    overall: Mapping[Basis, float | None]
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
    """What is asked: the period and the sites.

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
    chosen: Sums,
    asked: Question,
    *,
    snapshot: bool = False,
    everything: Sums | None = None,
    beside: Sums | None = None,
) -> Figure:
    """What may be shown of an indicator.

    ``chosen`` are the counts by the filters, ``everything`` those without any, where there
    are filters: what these leave out must not be found by subtraction. Of a ``snapshot`` the
    months are not added up. ``beside`` counts, as eligible, those whom another indicator
    would give away together with this one: of responders, those not in remission.
    """
    other = beside or Sums()
    rest = _difference(everything or chosen, chosen)
    parts = [chosen.sites.get(site, NOTHING) for site in asked.sites]
    shown, whole = shown_parts(
        parts,
        [rest.sites.get(site, NOTHING) for site in asked.sites],
        [_held(other.sites.get(site, NOTHING)) for site in asked.sites],
        _held(sum(other.sites.values(), NOTHING)),
    )
    kept = [place for place, site in enumerate(asked.sites) if site in asked.chosen]
    of_all = whole
    if not asked.is_of_all_sites:
        whole = some_of([parts[place] for place in kept], [shown[place] for place in kept])
    return Figure(
        indicator=indicator,
        whole=whole,
        before=shown_alone(chosen.before, rest.before, _held(other.before)),
        months=_months(chosen, rest, other, asked, whole, snapshot),
        sites=tuple(
            SiteFigure(asked.sites[place], shown[place], _places(shown[place], of_all))
            for place in kept
        ),
        overall={basis: rate_of(of_all, basis) for basis in BASES},
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
    return (low / whole.value, high / whole.value) if high - low < LEAST - 1 else None


def denominator(shown: ShownTally, basis: Basis) -> Shown:
    """Of how many a rate is."""
    return shown.eligible if basis == "all" else shown.measured


def _places(shown: ShownTally, whole: ShownTally) -> dict[Basis, Place | None]:
    of_all = _place(shown, whole, "all")
    if shown.measured == shown.eligible and whole.measured == whole.eligible:
        return {"all": of_all, "measured": of_all}
    return {"all": of_all, "measured": _place(shown, whole, "measured")}


def _place(shown: ShownTally, whole: ShownTally, basis: Basis) -> Place | None:
    overall, n = rate_of(whole, basis), denominator(shown, basis).value
    if overall is None or not n or shown.numerator.high - shown.numerator.low >= LEAST - 1:
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


def _held(other: Tally) -> frozenset[str]:
    """What must be hidden for the smallness of those beside."""
    if not is_small(other.eligible):
        return frozenset()
    return frozenset({"numerator"} if other.numerator == 0 else COLUMNS)


def _months(
    chosen: Sums, rest: Sums, other: Sums, asked: Question, whole: ShownTally, snapshot: bool
) -> tuple[tuple[date, ShownTally], ...]:
    """The months that are over; of a snapshot each is a whole of its own."""
    months = asked.period.months
    parts = [chosen.months.get(one, NOTHING) for one in months]
    left_out = [rest.months.get(one, NOTHING) for one in months]
    if snapshot:
        shown = [shown_alone(*pair) for pair in zip(parts, left_out, strict=True)]
        shown[-1] = whole
    else:
        held = [_held(other.months.get(one, NOTHING)) for one in months]
        shown = shown_within(parts, whole, left_out, held)
    this_month = asked.today.replace(day=1)
    pairs = zip(months, shown, strict=True)
    return tuple((one, tally) for one, tally in pairs if one < this_month or snapshot)


def _difference(everything: Sums, chosen: Sums) -> Sums:
    """What the filters leave out."""
    return Sums(
        {one: sum_ - chosen.sites.get(one, NOTHING) for one, sum_ in everything.sites.items()},
        {one: sum_ - chosen.months.get(one, NOTHING) for one, sum_ in everything.months.items()},
        everything.before - chosen.before,
    )
