"""Signals that an indicator has changed over time by more than chance: shift and crossings.

Anhøj & Olesen 2014 (10.1371/journal.pone.0113825; docs/domain.md, section 6): six or more
consecutive points on one side of the median, or too few crossings of the median. The trend rule is
not used, because it finds trends in random data.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from dashboard.clinical.sites.binomial import binomial_quantile

SHIFT = 6
"""A run of at least this many points on one side of the median is a shift."""

FEWEST = 10
"""Crossings are judged only if at least this many points are not on the median."""


@dataclass(frozen=True)
class RunChart:
    """The median of a series and the results of its rules.

    ``useful`` counts the points that do not lie on the median; ``longest_run`` is the length of the
    longest run of them on one side. ``crossings`` counts the changes of side. Fewer crossings than
    ``least_crossings`` are a signal; it is None if there are too few points to judge.
    """

    median: float
    useful: int
    longest_run: int
    crossings: int
    least_crossings: int | None

    @property
    def has_shift(self) -> bool:
        return self.longest_run >= SHIFT

    @property
    def crosses_too_seldom(self) -> bool:
        return self.least_crossings is not None and self.crossings < self.least_crossings

    @property
    def has_signal(self) -> bool:
        """Whether either rule shows a change that chance does not explain."""
        return self.has_shift or self.crosses_too_seldom


def run_chart(values: Sequence[float | None]) -> RunChart | None:
    """Return the run chart of a series in order of time; None if nothing was measured.

    A month without a value is left out. A point on the median belongs to neither side: it neither
    ends a run nor lengthens it.
    """
    known = [one for one in values if one is not None]
    if not known:
        return None
    middle = median(known)
    sides = [one > middle for one in known if one != middle]
    runs = list(_runs(sides))
    return RunChart(
        median=middle,
        useful=len(sides),
        longest_run=max(runs, default=0),
        crossings=max(len(runs) - 1, 0),
        least_crossings=_least_crossings(len(sides)),
    )


def _least_crossings(useful: int) -> int | None:
    """Return the least number of crossings that chance explains: the 5 % quantile of a binomial
    with ``useful`` - 1 trials and probability one half. None if there are too few points.
    """
    return None if useful < FEWEST else binomial_quantile(useful - 1, 0.5, 0.05)


def _runs(sides: Sequence[bool]) -> Iterator[int]:
    """Yield the lengths of the unbroken runs on one side."""
    ends = [place for place, (one, then) in enumerate(pairwise(sides), 1) if one != then]
    if sides:
        yield from (end - start for start, end in pairwise([0, *ends, len(sides)]))
