"""An indicator over a period, as it may be shown: the whole, its months, and its sites.

Everything that is drawn, written to a file or put into the report is made from a ``Figure``,
and nothing else is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from dashboard.clinical.sites.forecast import later
from dashboard.clinical.sites.funnel import Dispersion, Place, dispersion, place_of
from dashboard.clinical.sites.run_chart import RunChart, run_chart
from dashboard.clinical.sites.suppression import NOTHING, STEP_VARIANCE, Shown, ShownTally, Tally

Basis = Literal["all", "measured"]
"""Of whom a rate is: of all who are eligible, the others failing, or of those measured."""


@dataclass(frozen=True)
class Sums:
    """The counts of an indicator.

    By ``sites`` over the period, all that the reader sees; by ``months``, and of the period of
    the same length ``before``, of the chosen sites together. Of a snapshot, a site's count is
    that of the last month of the period.
    """

    sites: Mapping[int, Tally] = field(default_factory=dict)
    months: Mapping[date, Tally] = field(default_factory=dict)
    before: Tally = NOTHING


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
    limits lie, whichever of them are looked at; ``dispersion`` is taken over all of them.
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


def figure_of(indicator: str, sums: Sums, asked: Question, *, snapshot: bool = False) -> Figure:
    """What may be shown of an indicator; of a ``snapshot`` the months are not added up."""
    of_site = {site: sums.sites.get(site, NOTHING) for site in asked.sites}
    chosen = [site for site in asked.sites if site in asked.chosen]
    all_sites = ShownTally(sum(of_site.values(), NOTHING))
    shown = {site: ShownTally(tally) for site, tally in of_site.items()}
    return Figure(
        indicator=indicator,
        whole=ShownTally(sum((of_site[site] for site in chosen), NOTHING)),
        before=ShownTally(sums.before),
        months=_months(sums, asked, snapshot),
        sites=tuple(
            SiteFigure(site, shown[site], _places(shown[site], all_sites)) for site in chosen
        ),
        overall={basis: rate_of(all_sites, basis) for basis in BASES},
        dispersion={basis: _dispersion(shown.values(), all_sites, basis) for basis in BASES},
    )


BASES: tuple[Basis, Basis] = ("all", "measured")


def rate_of(shown: ShownTally, basis: Basis) -> float | None:
    """The rate (0–1), or None where it may not be shown, or nobody is there."""
    return shown.failing_rate if basis == "all" else shown.measured_rate


def denominator(shown: ShownTally, basis: Basis) -> Shown:
    """Of how many a rate is."""
    return shown.eligible if basis == "all" else shown.measured


def _places(shown: ShownTally, whole: ShownTally) -> dict[Basis, Place | None]:
    return {basis: _place(shown, whole, basis) for basis in BASES}


def _place(shown: ShownTally, whole: ShownTally, basis: Basis) -> Place | None:
    """Where a site lies between the limits, which allow for the steps of its counts."""
    overall, n = rate_of(whole, basis), denominator(shown, basis).value
    if overall is None or n is None:
        return None
    return place_of(shown.tally.numerator, n, overall, STEP_VARIANCE)


def _dispersion(sites: Iterable[ShownTally], whole: ShownTally, basis: Basis) -> Dispersion | None:
    overall = rate_of(whole, basis)
    known = [
        (one.tally.numerator, n)
        for one in sites
        if (n := denominator(one, basis).value) is not None
    ]
    return None if overall is None else dispersion(known, overall, STEP_VARIANCE)


def _months(sums: Sums, asked: Question, snapshot: bool) -> tuple[tuple[date, ShownTally], ...]:
    """The months that are over; of a snapshot the running one too."""
    this_month = asked.today.replace(day=1)
    return tuple(
        (month, ShownTally(sums.months.get(month, NOTHING)))
        for month in asked.period.months
        if month < this_month or snapshot
    )
