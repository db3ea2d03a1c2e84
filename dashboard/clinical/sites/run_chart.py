"""Signals that an indicator has changed over time by more than chance: shift and crossings.

Anhøj & Olesen 2014 (10.1371/journal.pone.0113825; docs/domain.md, section 6): six or more in a row
on one side of the median, or too few crossings of it. The trend rule is not used, since it finds
trends in noise.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from dashboard.clinical.sites.binomial import binomial_quantile

SHIFT = 6
"""Length of a run on one side of the median that chance does not explain."""

FEWEST = 10
"""Fewest points off the median for which crossings are judged."""


@dataclass(frozen=True)
class RunChart:
    """The median of a series and the results of its rules.

    ``useful`` counts the points that do not lie on the median; ``longest_run`` is the length of the
    longest run of them on one side. ``crossings`` counts the changes of side. Chance explains
    ``least_crossings`` or more; it is None where there are too few points to judge.
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
    """Return the run chart of a series in order of time; None where nothing was measured.

    A month without a value is left out. A point on the median belongs to neither side: it neither
    breaks a run nor makes it longer.
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
    """Return the 5 % quantile of a binomial with one trial fewer than points, at one half."""
    return None if useful < FEWEST else binomial_quantile(useful - 1, 0.5, 0.05)


def _runs(sides: Sequence[bool]) -> Iterator[int]:
    """Yield the lengths of the unbroken runs on one side."""
    ends = [place for place, (one, then) in enumerate(pairwise(sides), 1) if one != then]
    if sides:
        yield from (end - start for start, end in pairwise([0, *ends, len(sides)]))
