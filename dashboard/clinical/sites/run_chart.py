"""Two signals that an indicator has changed over time by more than chance: a shift, and too few
crossings of the median.

A shift is a run of six or more consecutive points on one side of the median. A crossing is a change
from one side of the median to the other (Anhøj & Olesen 2014, 10.1371/journal.pone.0113825;
docs/domain.md, section 6). The trend rule is not used, because it finds trends in random data.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from dashboard.clinical.sites.binomial import binomial_quantile

SHIFT = 6
"""The smallest number of consecutive points on one side of the median that is a shift."""

FEWEST = 10
"""Crossings of the median are judged only if at least this many points do not lie on the median."""


@dataclass(frozen=True)
class RunChart:
    """The median of a series, and the numbers from which its signals are derived.

    ``useful`` is the number of points off the median. ``longest_run`` is the largest number of
    consecutive useful points on one side of the median. ``crossings`` is the number of changes of
    side. Fewer crossings than ``least_crossings`` are a signal; None if there are too few points to
    judge.
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
        """Whether one of the two signals shows a change that chance does not explain."""
        return self.has_shift or self.crosses_too_seldom


def run_chart(values: Sequence[float | None]) -> RunChart | None:
    """Return the run chart of ``values``, which are in order of time; None if all values are None.

    A value that is None is left out. A point on the median belongs to neither side: it does not end
    a run and does not make it longer.
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
    """Return the smallest number of crossings of the median that chance explains; None if there are
    too few points.

    It is the 5 % quantile of a binomial distribution with ``useful`` - 1 trials and probability one
    half.
    """
    return None if useful < FEWEST else binomial_quantile(useful - 1, 0.5, 0.05)


def _runs(sides: Sequence[bool]) -> Iterator[int]:
    """Yield the length of each run of equal values in ``sides``."""
    ends = [place for place, (one, then) in enumerate(pairwise(sides), 1) if one != then]
    if sides:
        yield from (end - start for start, end in pairwise([0, *ends, len(sides)]))
