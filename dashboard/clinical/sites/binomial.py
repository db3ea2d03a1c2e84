"""The binomial distribution and the tail of chi-square, computed without a statistics library."""

from itertools import accumulate
from math import exp, isfinite, lgamma, log, log1p, sqrt

_FURTHEST = 12
"""Probabilities are computed up to this many standard deviations from the mean. Beyond, they are
negligible.
"""


def binomial_steps(n: int, rate: float) -> tuple[int, list[float]]:
    """Return the cumulative binomial distribution as a pair: a first count, and the list of P(R ≤
    r) for each count r from the first count on.

    R is binomial with ``n`` trials at ``rate``. Below the first count, P(R ≤ r) is negligible.
    Beyond the last count, it is 1.

    Raise ``ValueError`` if ``n`` is negative or ``rate`` is outside 0–1.
    """
    if n < 0 or not 0 <= rate <= 1:
        raise ValueError("n must not be negative, rate must lie from 0 to 1")
    if rate in (0, 1) or n == 0:
        return round(n * rate), [1.0]
    reach = _FURTHEST * (sqrt(n * rate * (1 - rate)) + 3)
    first, last = max(0, int(n * rate - reach)), min(n, int(n * rate + reach) + 1)
    return first, [min(one, 1.0) for one in accumulate(_masses(n, rate, first, last))]


def binomial_quantile(n: int, rate: float, probability: float) -> int:
    """Return the smallest r with P(R ≤ r) ≥ ``probability``. R is binomial with ``n`` trials at
    ``rate``.
    """
    first, steps = binomial_steps(n, rate)
    return first + _place(steps, probability)


def interpolated_quantile(n: int, rate: float, probability: float) -> float:
    """Return the binomial quantile, interpolated between two counts, so that limits drawn from it
    are smooth curves.

    The result is r − α, where r is the quantile, p is ``probability`` and α = (P(R ≤ r) − p) / P(R
    = r). Source: Spiegelhalter 2005 (10.1002/sim.1970), appendix A.1.1.
    """
    first, steps = binomial_steps(n, rate)
    place = _place(steps, probability)
    mass = steps[place] - (steps[place - 1] if place else 0.0)
    return first + place - (steps[place] - probability) / mass if mass > 0 else first + place


def wilson_interval(numerator: int, n: int) -> tuple[float, float] | None:
    """Return the 95 % interval of a rate by Wilson's score; None if ``n`` is 0.

    Wilson 1927, 10.1080/01621459.1927.10502953.
    """
    if n <= 0:
        return None
    z = 1.959964
    rate, spread = numerator / n, z * z / n
    middle = rate + spread / 2
    half = z * sqrt(rate * (1 - rate) / n + spread / (4 * n))
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


def chi_square_tail(value: float, degrees: int) -> float:
    """Return P(X ≥ ``value``) for a chi-square variable X with ``degrees`` degrees of freedom.

    Raise ``ValueError`` if ``degrees`` is less than 1 or ``value`` is not finite.
    """
    if degrees < 1 or not isfinite(value):
        raise ValueError("degrees must be 1 or more, value finite")
    half, x = degrees / 2, value / 2
    if x <= 0:
        return 1.0
    # Far in the tail, the first term of the series below is too small for a float, and the result
    # would be 1. By Chernoff's bound, the probability is then below 1e-21.
    if x > half and half * log(x / half) + half - x < -50:
        return 0.0
    # The loop adds up the series of the incomplete gamma function, which converges for every x.
    term = total = exp(half * log(x) - x - lgamma(half + 1))
    step = 0
    while term > total * 1e-16 or step < x:
        step += 1
        term *= x / (half + step)
        total += term
    return max(0.0, 1 - total)


def _place(steps: list[float], probability: float) -> int:
    """Return the index of the first element of ``steps`` that is at least ``probability``. If there
    is none, return the last index.
    """
    # A sum of a thousand terms has rounding errors. The tolerance of 1e-13 is far below the step
    # between two counts.
    return next(
        (place for place, one in enumerate(steps) if one >= probability - 1e-13), len(steps) - 1
    )


def _masses(n: int, rate: float, first: int, last: int) -> list[float]:
    """Return P(R = r) for each r from ``first`` to ``last``. R is binomial with ``n`` trials at
    ``rate``.

    The largest value is computed with logarithms, and each other value from its neighbour.
    """
    peak = min(max(round(n * rate), first), last)
    odds = rate / (1 - rate)
    at_peak = exp(
        lgamma(n + 1)
        - lgamma(peak + 1)
        - lgamma(n - peak + 1)
        + peak * log(rate)
        + (n - peak) * log1p(-rate)
    )
    falling, rising = [at_peak], [at_peak]
    for r in range(peak, first, -1):
        falling.append(falling[-1] * r / ((n - r + 1) * odds))
    for r in range(peak, last):
        rising.append(rising[-1] * (n - r) * odds / (r + 1))
    return [*reversed(falling), *rising[1:]]
