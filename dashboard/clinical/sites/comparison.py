"""The figures of an indicator over a period, with small counts hidden: in total, by month and by
site.

All charts, files and reports must be made from a ``Figure``, so that they hide the same counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from dashboard.clinical.sites.forecast import later
from dashboard.clinical.sites.funnel import Dispersion, Place, dispersion, place_of
from dashboard.clinical.sites.run_chart import RunChart, run_chart
from dashboard.clinical.sites.suppression import (
    FEW,
    NOTHING,
    STEP_VARIANCE,
    Shown,
    ShownTally,
    Tally,
)

Basis = Literal["all", "measured"]
"""The denominator of a rate: ``all`` or ``measured``.

With ``all``, it is all eligible cases, and a case that was not measured counts as "no". With
``measured``, it is the measured cases only.
"""


@dataclass(frozen=True)
class Sums:
    """The counts of an indicator over a period, as the query returns them.

    ``sites`` has the counts of each site that the reader may see. ``months`` has the counts of all
    chosen sites together, by month. ``before`` has the counts of all chosen sites together over the
    previous period of the same length. For a snapshot, the count of a site is its count at the end
    of the period.
    """

    sites: Mapping[int, Tally] = field(default_factory=dict)
    months: Mapping[date, Tally] = field(default_factory=dict)
    before: Tally = NOTHING


@dataclass(frozen=True)
class Period:
    """A period of whole months. ``since`` is the first day of its first month, and ``until`` is the
    first day of its last month.
    """

    since: date
    until: date

    @property
    def months(self) -> list[date]:
        """The first day of every month of the period, in order."""
        return [later(self.since, number) for number in range(self.length)]

    @property
    def length(self) -> int:
        """The number of months of the period."""
        return months_between(self.since, self.until) + 1

    def before(self) -> "Period":
        """Return the period of the same length that ends right before this period."""
        return Period(later(self.since, -self.length), later(self.since, -1))


def months_between(one: date, other: date) -> int:
    """Return the number of months from ``one`` to ``other``."""
    return (other.year - one.year) * 12 + other.month - one.month


@dataclass(frozen=True)
class SiteFigure:
    """The counts of a site, with small counts hidden. ``places`` has the position of the site's
    rate relative to the funnel limits, for each kind of denominator.
    """

    site_id: int
    shown: ShownTally
    places: Mapping[Basis, Place | None]


@dataclass(frozen=True)
class Figure:
    """The figures of an indicator over a period, with small counts hidden.

    ``whole`` is the total of the chosen sites, and ``before`` their total over the previous period
    of the same length. ``months`` has the months that are over; for a snapshot, also the current
    month. ``overall`` is the rate (0–1) of all sites that the reader may see. The funnel limits are
    drawn around this rate. ``dispersion`` tells how much the rates of all these sites differ.
    """

    indicator: str
    whole: ShownTally
    before: ShownTally
    months: tuple[tuple[date, ShownTally], ...]
    sites: tuple[SiteFigure, ...]
    overall: Mapping[Basis, float | None]
    dispersion: Mapping[Basis, Dispersion | None]

    def rate(self, basis: Basis = "all") -> float | None:
        """Return the rate (0–1) of all chosen sites together; None if it is hidden."""
        return rate_of(self.whole, basis)

    def change(self, basis: Basis = "all") -> float | None:
        """Return the change of the rate since the previous period (−1 to 1). Return None if one of
        the two rates is hidden.
        """
        now, then = self.rate(basis), rate_of(self.before, basis)
        return None if now is None or then is None else now - then

    def series(self, basis: Basis = "all") -> list[tuple[date, float | None]]:
        """Return the rate (0–1) of each month; None for a month whose rate is hidden."""
        return [(month, rate_of(shown, basis)) for month, shown in self.months]

    def counts(self) -> list[tuple[date, int | None]]:
        """Return the monthly counts of an indicator that is not a rate. The count of a month is
        None if it is hidden.
        """
        return [(month, shown.numerator.value) for month, shown in self.months]

    def run_chart(self, basis: Basis | None = "all") -> RunChart | None:
        """Return the run chart of the monthly rates, or of the monthly counts if ``basis`` is
        None.
        """
        values = self.counts() if basis is None else self.series(basis)
        return run_chart([value for _month, value in values])

    def outside(self, basis: Basis = "all") -> tuple[int, int]:
        """Return the number of sites outside the 95 % limits, and the number of sites that are
        compared with the limits.
        """
        placed = [place for one in self.sites if (place := one.places[basis]) is not None]
        return sum(place.is_outside for place in placed), len(placed)


@dataclass(frozen=True)
class Question:
    """The period and the sites for which figures are requested.

    ``sites`` are all sites that the reader may see, in the order in which they are shown.
    ``chosen`` are the sites that the reader has selected. The month of ``today`` is not over yet.
    """

    period: Period
    sites: Sequence[int]
    chosen: frozenset[int]
    today: date


def figure_of(indicator: str, sums: Sums, asked: Question, *, snapshot: bool = False) -> Figure:
    """Return the figures of an indicator, with small counts hidden.

    If the indicator is a ``snapshot``, the figures include the current month.
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
    """Return the rate (0–1) with the denominator ``basis``. Return None if the rate is hidden, or
    if there is no patient.
    """
    return shown.failing_rate if basis == "all" else shown.measured_rate


def denominator(shown: ShownTally, basis: Basis) -> Shown:
    """Return the denominator of a rate, with its value hidden if it is too small."""
    return shown.eligible if basis == "all" else shown.measured


def too_few(shown: ShownTally, basis: Basis) -> bool:
    """Return whether the denominator of a rate is too small to judge the rate."""
    return (denominator(shown, basis).value or 0) < FEW


def _places(shown: ShownTally, whole: ShownTally) -> dict[Basis, Place | None]:
    return {basis: _place(shown, whole, basis) for basis in BASES}


def _place(shown: ShownTally, whole: ShownTally, basis: Basis) -> Place | None:
    """Return the position of a site relative to the funnel limits.

    Return None if the overall rate or the denominator of the site is hidden, or if there are too
    few cases to judge the rate. A hidden numerator is compared all the same. The limits are wider
    than usual, because the counts are in steps (``clinical.sites.protection``).
    """
    overall, n = rate_of(whole, basis), denominator(shown, basis).value
    if overall is None or n is None or too_few(shown, basis):
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
    """Return the months of the period that are over, each with its counts. For a snapshot, include
    the current month.
    """
    this_month = asked.today.replace(day=1)
    return tuple(
        (month, ShownTally(sums.months.get(month, NOTHING)))
        for month in asked.period.months
        if month < this_month or snapshot
    )
