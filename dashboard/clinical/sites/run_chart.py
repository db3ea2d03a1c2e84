"""Whether an indicator has changed over time by more than chance: median, shift, crossings.

Anhøj & Olesen 2014 (10.1371/journal.pone.0113825; docs/domain.md, section 6): six or more in
a row on one side of the median, or too few crossings of it. Not the trend rule, which finds
trends in noise.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from dashboard.clinical.sites.binomial import binomial_quantile

SHIFT = 6
"""So many in a row on one side of the median are no chance."""

FEWEST = 10
"""With fewer points that do not lie on the median, nothing is said of crossings."""


@dataclass(frozen=True)
class RunChart:
    """The median of a series and what its rules say.

    ``useful`` points do not lie on the median; ``longest_run`` is the longest row of them on
    one side; ``crossings`` are the changes of side, of which chance explains ``least_crossings``
    or more (None where there are too few points to say).
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
        """Whether either rule says that this is no chance."""
        return self.has_shift or self.crosses_too_seldom


def run_chart(values: Sequence[float | None]) -> RunChart | None:
    """Read a series in order of time; None where nothing was measured.

    A month without a value is left out, a point on the median belongs to neither side: it
    neither breaks a run nor makes it longer.
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
    """The 5 % quantile of a binomial of one fewer, at one half."""
    return None if useful < FEWEST else binomial_quantile(useful - 1, 0.5, 0.05)


def _runs(sides: Sequence[bool]) -> Iterator[int]:
    """The lengths of the unbroken rows on one side."""
    ends = [place for place, (one, then) in enumerate(pairwise(sides), 1) if one != then]
    if sides:
        yield from (end - start for start, end in pairwise([0, *ends, len(sides)]))
