"""An indicator over a period, as it may be shown: the whole, its months, and its sites.

All drawings, files and reports are made from a ``Figure`` only.
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
"""The denominator of a rate: all who are eligible (not measured counts as no), or those
measured.
"""


@dataclass(frozen=True)
class Sums:
    """The counts of an indicator.

    ``sites`` counts each site that the reader sees, over the period. ``months`` counts the chosen
    sites together by month; ``before`` counts them over the period of the same length before. For a
    snapshot, the count of a site is that of the last month of the period.
    """

    sites: Mapping[int, Tally] = field(default_factory=dict)
    months: Mapping[date, Tally] = field(default_factory=dict)
    before: Tally = NOTHING


@dataclass(frozen=True)
class Period:
    """Whole months, given by their first days, both included."""

    since: date
    until: date

    @property
    def months(self) -> list[date]:
        """The first day of every month."""
        return [later(self.since, number) for number in range(self.length)]

    @property
    def length(self) -> int:
        """The number of months."""
        return months_between(self.since, self.until) + 1

    def before(self) -> "Period":
        """Return the period of the same length just before this one."""
        return Period(later(self.since, -self.length), later(self.since, -1))


def months_between(one: date, other: date) -> int:
    """Return the number of months from ``one`` to ``other``."""
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

    ``before`` is the whole of the period of the same length before. ``months`` are those that are
    over. ``overall`` is the rate (0–1) of all sites that the reader sees. The limits are drawn
    around it whichever sites are chosen; ``dispersion`` is computed over all of them.
    """

    indicator: str
    whole: ShownTally
    before: ShownTally
    months: tuple[tuple[date, ShownTally], ...]
    sites: tuple[SiteFigure, ...]
    overall: Mapping[Basis, float | None]
    dispersion: Mapping[Basis, Dispersion | None]

    def rate(self, basis: Basis = "all") -> float | None:
        """Return the rate (0–1) of the whole."""
        return rate_of(self.whole, basis)

    def change(self, basis: Basis = "all") -> float | None:
        """Return the difference (−1 to 1) from the rate of the period before; None where one is
        hidden.
        """
        now, then = self.rate(basis), rate_of(self.before, basis)
        return None if now is None or then is None else now - then

    def series(self, basis: Basis = "all") -> list[tuple[date, float | None]]:
        """Return the rate (0–1) of each month."""
        return [(month, rate_of(shown, basis)) for month, shown in self.months]

    def counts(self) -> list[tuple[date, int | None]]:
        """Return the number in each month, for an indicator that is not a rate."""
        return [(month, shown.numerator.value) for month, shown in self.months]

    def run_chart(self, basis: Basis | None = "all") -> RunChart | None:
        """Return the run chart of the monthly rates, or of the monthly counts without a basis."""
        values = self.counts() if basis is None else self.series(basis)
        return run_chart([value for _month, value in values])

    def outside(self, basis: Basis = "all") -> tuple[int, int]:
        """Return the number of sites outside the 95 % limits, and the number of sites
        with a place.
        """
        placed = [place for one in self.sites if (place := one.places[basis]) is not None]
        return sum(place.is_outside for place in placed), len(placed)


@dataclass(frozen=True)
class Question:
    """The period and the sites that are asked for.

    ``sites`` are all that the reader sees, in their fixed order; ``chosen`` those among them that
    are looked at. ``today`` determines which month is not over.
    """

    period: Period
    sites: Sequence[int]
    chosen: frozenset[int]
    today: date


def figure_of(indicator: str, sums: Sums, asked: Question, *, snapshot: bool = False) -> Figure:
    """Return the figure of an indicator as it may be shown.

    A ``snapshot`` also has its running month.
    """
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
    """Return the rate (0–1); None where it may not be shown or there is no patient."""
    return shown.failing_rate if basis == "all" else shown.measured_rate


def denominator(shown: ShownTally, basis: Basis) -> Shown:
    """Return the denominator of a rate, as it may be shown."""
    return shown.eligible if basis == "all" else shown.measured


def _places(shown: ShownTally, whole: ShownTally) -> dict[Basis, Place | None]:
    return {basis: _place(shown, whole, basis) for basis in BASES}


def _place(shown: ShownTally, whole: ShownTally, basis: Basis) -> Place | None:
    """Return where a site lies between the limits, which allow for the steps of its counts."""
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
    """Return the months that are over, and for a snapshot the running month too."""
    this_month = asked.today.replace(day=1)
    return tuple(
        (month, ShownTally(sums.months.get(month, NOTHING)))
        for month in asked.period.months
        if month < this_month or snapshot
    )
