"""The limits of the funnel are those of scipy's binomial, and say what chance explains."""

from itertools import pairwise

import pytest
from scipy.stats import binom, chi2

from dashboard.clinical.sites.funnel import (
    ALARM,
    WARNING,
    Dispersion,
    Place,
    curve,
    dispersion,
    limits,
    place_of,
)

RATES = (0.01, 0.08, 0.35, 0.5, 0.62, 0.97)
SIZES = (1, 2, 11, 30, 131, 970, 25_000)


@pytest.mark.parametrize("level", [WARNING, ALARM])
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("n", SIZES)
def test_limits_are_interpolated_as_spiegelhalter_says(n, rate, level):
    def by_scipy(probability):
        r = binom.ppf(probability, n, rate)
        alpha = (binom.cdf(r, n, rate) - probability) / binom.pmf(r, n, rate)
        return min(max(float(r - alpha) / n, 0), 1)

    found, tail = limits(rate, n, level), (1 - level) / 2
    assert found.lower == pytest.approx(by_scipy(tail), abs=1e-6)
    assert found.upper == pytest.approx(by_scipy(1 - tail), abs=1e-6)


@pytest.mark.parametrize(("rate", "place"), [(0.0, 0.0), (1.0, 1.0)])
def test_where_nothing_varies_the_limits_are_the_rate(rate, place):
    assert limits(rate, 40, ALARM).lower == limits(rate, 40, ALARM).upper == place


def test_without_patients_there_are_no_limits():
    with pytest.raises(ValueError, match="without patients"):
        limits(0.5, 0, WARNING)


def test_limits_narrow_with_more_patients():
    widths = [one.upper - one.lower for _n, one in curve(0.46, 400, WARNING, least=5)]
    assert all(narrow < wide + 0.02 for wide, narrow in pairwise(widths))
    # docs/domain.md, section 6: 46 % has ±18 points at n = 30.
    at_30 = limits(0.46, 30, WARNING)
    assert (at_30.upper - at_30.lower) / 2 == pytest.approx(0.18, abs=0.01)


@pytest.mark.parametrize(
    ("numerator", "place"),
    [
        (30, Place.FAR_BELOW),  # of 100 at 50 %: 99.8 % from 34.6 to 65.4
        (38, Place.BELOW),  # 95 % from 39.9 to 59.6
        (41, Place.WITHIN),
        (59, Place.WITHIN),
        (62, Place.ABOVE),
        (70, Place.FAR_ABOVE),
    ],
)
def test_where_a_site_lies(numerator, place):
    assert place_of(numerator, 100, 0.5) is place


def test_limits_allow_for_the_steps_of_counts():
    """40 + 8.3 and 40 - 9.3 of 80 by chance; 12 more of variance make √(8.3² + 1.96² · 12)."""
    alone, with_steps = (limits(0.5, 80, WARNING, variance) for variance in (0, 12))
    assert (alone.upper - 0.5) * 80 == pytest.approx(8.3, abs=0.1)
    assert (with_steps.upper - 0.5) * 80 == pytest.approx(10.7, abs=0.1)
    assert (0.5 - with_steps.lower) * 80 == pytest.approx(11.5, abs=0.1)
    assert place_of(50, 80, 0.5) is Place.ABOVE
    assert place_of(50, 80, 0.5, 12) is Place.WITHIN


def test_sites_that_differ_by_chance_are_not_overdispersed():
    """z = (x/n - 0.5) / sqrt(0.25/100): 0, ±0.6, ±1: squares 0.36, 0.36, 1, 1, 0: mean 0.544."""
    found = dispersion([(50, 100), (53, 100), (47, 100), (55, 100), (45, 100)], 0.5)
    assert found.factor == pytest.approx(0.544)
    assert found.probability == pytest.approx(chi2.sf(2.72, 4))
    assert not found.is_over


def test_sites_that_differ_by_more_than_chance_are():
    """z = ±4, ±3, 0: squares 16, 16, 9, 9, 0: mean 10."""
    found = dispersion([(50, 100), (70, 100), (30, 100), (65, 100), (35, 100)], 0.5)
    assert found.factor == pytest.approx(10)
    assert found.is_over


def test_sites_that_differ_as_much_as_chance_are_not():
    assert not Dispersion(factor=1.0, probability=0.001, sites=5).is_over


def test_one_that_stands_out_does_not_excuse_itself():
    """Eleven sites: one is drawn in at either end, to the next."""
    found = dispersion([(50, 100)] * 10 + [(95, 100)], 0.5)
    assert found.factor == 0
    assert not found.is_over


@pytest.mark.parametrize("sites", [[], [(1, 2), (3, 4)], [(0, 0)] * 5, [(5, 5)] * 5])
def test_too_few_sites_say_nothing(sites):
    assert dispersion(sites, sum(x for x, _ in sites) / (sum(n for _, n in sites) or 1)) is None
