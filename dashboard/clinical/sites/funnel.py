"""The limits of the funnel plot. If the rate of a site is between the limits, chance alone explains
its distance from the overall rate.

The limits are exact binomial prediction limits around the overall rate, at 95 % and 99.8 %
(Spiegelhalter 2005, 10.1002/sim.1970; docs/domain.md, section 6). A site outside the limits is not
necessarily good or bad, and sites are never ranked.

Counts are in steps (``clinical.sites.protection``), which adds random variation. The parameter
``of_steps`` is the variance that steps add to a numerator. It widens the limits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from math import hypot, sqrt
from statistics import NormalDist

from dashboard.clinical.sites.binomial import chi_square_tail, interpolated_quantile

WARNING, ALARM = 0.95, 0.998
"""The two levels of the limits, which correspond to about two and about three standard
deviations.
"""

TRIMMED = 0.1
"""The share of sites at each end whose z-scores are winsorized: those with the lowest and those
with the highest z-scores. Each is replaced by the nearest z-score of the other sites. This limits
the effect of outlying sites on the overdispersion factor.
"""

OVERDISPERSED_BELOW = 0.05


class Place(Enum):
    """The position of the rate of a site relative to the funnel limits.

    ``FAR_BELOW`` and ``FAR_ABOVE`` are beyond the 99.8 % limits. ``BELOW`` and ``ABOVE`` are
    between the 95 % and the 99.8 % limits.
    """

    FAR_BELOW = "far_below"
    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"
    FAR_ABOVE = "far_above"

    @property
    def is_outside(self) -> bool:
        """Whether the site lies beyond the 95 % limits."""
        return self is not Place.WITHIN


@dataclass(frozen=True)
class Limits:
    """The range of rates (0–1) that chance alone explains, for a given number of patients."""

    lower: float
    upper: float


@dataclass(frozen=True)
class Dispersion:
    """How much the rates of sites differ.

    ``factor`` is the overdispersion factor φ: the mean of the squared winsorized z-scores. It is
    about 1 if only chance acts. ``probability`` is the probability that chance alone gives
    differences at least as large. It is the chi-square probability of the sum of the squared
    z-scores, which are not winsorized.
    """

    factor: float
    probability: float
    sites: int

    @property
    def is_over(self) -> bool:
        """Whether the sites differ by more than chance explains (overdispersion)."""
        return self.factor > 1 and self.probability < OVERDISPERSED_BELOW


@lru_cache(maxsize=2**16)
def limits(rate: float, n: int, level: float, of_steps: float = 0.0) -> Limits:
    """Return the prediction limits for ``n`` patients around an overall ``rate`` (0–1).

    Raise ``ValueError`` if ``n`` is less than 1.
    """
    if n < 1:
        raise ValueError("no limits without patients")
    tail = (1 - level) / 2
    lower = upper = rate
    if rate not in (0, 1):
        lower, upper = (interpolated_quantile(n, rate, one) / n for one in (tail, 1 - tail))
    if of_steps:
        wider = NormalDist().inv_cdf(1 - tail) * sqrt(of_steps) / n
        lower, upper = rate - hypot(rate - lower, wider), rate + hypot(upper - rate, wider)
    return Limits(min(max(lower, 0.0), 1.0), min(max(upper, 0.0), 1.0))


def place_of(numerator: int, n: int, rate: float, of_steps: float = 0.0) -> Place:
    """Return the position of the rate ``numerator`` / ``n`` relative to the limits around the
    overall ``rate``.
    """
    found = numerator / n
    warning = limits(rate, n, WARNING, of_steps)
    if warning.lower <= found <= warning.upper:
        return Place.WITHIN
    alarm = limits(rate, n, ALARM, of_steps)
    if found < warning.lower:
        return Place.FAR_BELOW if found < alarm.lower else Place.BELOW
    return Place.FAR_ABOVE if found > alarm.upper else Place.ABOVE


def dispersion(
    sites: Sequence[tuple[int, int]], rate: float, of_steps: float = 0.0
) -> Dispersion | None:
    """Return how much the rates of ``sites`` differ. Each site is a pair (numerator, n). Return
    None if fewer than 3 sites have patients, or if ``rate`` is 0 or 1.

    ``of_steps`` is the variance that counting in steps adds to a numerator. For the factor,
    z-scores are limited to their 10th and 90th percentiles (winsorized; Spiegelhalter 2005, section
    4), so that a few outlying sites alone do not increase the factor.
    """
    known = [(numerator, n) for numerator, n in sites if n > 0]
    if len(known) < 3 or not 0 < rate < 1:
        return None
    scores = [(x - n * rate) / sqrt(n * rate * (1 - rate) + of_steps) for x, n in known]
    drawn_in = _drawn_in(scores)
    return Dispersion(
        factor=sum(z * z for z in drawn_in) / len(drawn_in),
        probability=chi_square_tail(sum(z * z for z in scores), len(scores) - 1),
        sites=len(scores),
    )


def curve(
    rate: float, most: int, level: float, least: int = 1, of_steps: float = 0.0
) -> list[tuple[int, Limits]]:
    """Return the limits for numbers of patients from ``least`` to ``most``, as pairs (number,
    limits). The numbers are closer together at the low end, where the curves bend most.
    """
    return [(n, limits(rate, n, level, of_steps)) for n in _steps(least, most)]


def _steps(least: int, most: int) -> Iterable[int]:
    n = max(least, 1)
    while n < most:
        yield n
        n = max(n + 1, round(n * 1.12))
    yield max(most, 1)


def _drawn_in(scores: Sequence[float]) -> list[float]:
    ordered = sorted(scores)
    ends = int(len(ordered) * TRIMMED)
    low, high = ordered[ends], ordered[-1 - ends]
    return [min(max(z, low), high) for z in scores]
