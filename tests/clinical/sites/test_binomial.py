"""The binomial distribution and the tail of chi-square are those of scipy."""

import pytest
from scipy.stats import binom, binomtest, chi2

from dashboard.clinical.sites.binomial import (
    binomial_quantile,
    binomial_steps,
    chi_square_tail,
    interpolated_quantile,
    wilson_interval,
)

RATES = (0.01, 0.08, 0.35, 0.5, 0.62, 0.97)
SIZES = (1, 2, 11, 30, 131, 970, 25_000)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("n", SIZES)
def test_probabilities_and_quantiles_are_those_of_scipy(n, rate):
    first, steps = binomial_steps(n, rate)
    for place in range(0, len(steps), max(len(steps) // 50, 1)):
        assert steps[place] == pytest.approx(binom.cdf(first + place, n, rate), abs=1e-10)
    for probability in (0.001, 0.025, 0.05, 0.5, 0.975, 0.999):
        assert binomial_quantile(n, rate, probability) == binom.ppf(probability, n, rate)


def test_a_quantile_is_interpolated_between_two_counts():
    """P(R ≤ 4) = 0.377 and P(R = 5) = 0.246 of 10 at a half: 0.5 lies half of the way to 5."""
    assert interpolated_quantile(10, 0.5, 0.5) == pytest.approx(4.5)


@pytest.mark.parametrize(("rate", "count"), [(0.0, 0), (1.0, 12)])
def test_a_rate_without_variance_has_one_count(rate, count):
    assert binomial_steps(12, rate) == (count, [1.0])


@pytest.mark.parametrize(("n", "rate"), [(-1, 0.5), (10, -0.1), (10, 1.1)])
def test_a_size_or_a_rate_out_of_range_is_refused(n, rate):
    with pytest.raises(ValueError, match="must"):
        binomial_steps(n, rate)


@pytest.mark.parametrize("degrees", [1, 2, 11, 16, 300])
@pytest.mark.parametrize("value", [0.0, 0.5, 10.0, 40.0, 900.0, 2_031.25, 1e6])
def test_the_tail_of_chi_square_is_that_of_scipy(value, degrees):
    assert chi_square_tail(value, degrees) == pytest.approx(chi2.sf(value, degrees), abs=1e-10)


@pytest.mark.parametrize(("value", "degrees"), [(float("inf"), 3), (1.0, 0)])
def test_a_value_that_is_not_finite_or_no_degrees_are_refused(value, degrees):
    with pytest.raises(ValueError, match="degrees"):
        chi_square_tail(value, degrees)


@pytest.mark.parametrize(("numerator", "n"), [(0, 5), (3, 11), (10, 20), (970, 970), (62, 131)])
def test_interval_of_a_rate_is_wilsons(numerator, n):
    expected = binomtest(numerator, n).proportion_ci(method="wilson")
    assert wilson_interval(numerator, n) == pytest.approx(tuple(expected), abs=1e-6)


def test_nothing_measured_has_no_interval():
    assert wilson_interval(0, 0) is None
