"""The rules of the run chart, each on a series small enough to be read by eye."""

import pytest
from scipy.stats import binom

from dashboard.clinical.sites.run_chart import run_chart

SERIES = {
    # One digit a month, "." where nothing was measured, and what is found: the median, useful
    # points, the longest run, crossings, whether there is a signal.
    "nothing": ("", None),
    "months without a value are no months": ("...", None),
    "all on the median": ("555555", (5, 0, 0, 0, False)),
    "to and fro": ("4646464646464646", (5, 16, 1, 15, False)),
    "five in a row are chance": ("6666646464644444", (5, 16, 5, 7, False)),
    "six in a row are a shift": ("6666664464644444", (5, 16, 6, 5, True)),
    "a point on the median neither breaks nor lengthens a run": (
        "6665666444444",
        (5, 12, 6, 1, True),
    ),
    "a month without a value breaks no run": ("666.666444444", (5, 12, 6, 1, True)),
    "a trend is no signal by itself": ("3456745673456734567", (5, 15, 2, 7, False)),
    # Of 20 useful points chance leaves 6 crossings or more.
    "too few crossings without a shift": ("66666444446666644444", (5, 20, 5, 3, True)),
}


@pytest.mark.parametrize("title", SERIES)
def test_rules(title):
    text, expected = SERIES[title]
    found = run_chart([None if one == "." else int(one) for one in text])
    if expected is None:
        assert found is None
        return
    middle, useful, run, crossings, signal = expected
    assert (found.median, found.useful, found.longest_run, found.crossings) == (
        middle,
        useful,
        run,
        crossings,
    )
    assert found.has_signal is signal


@pytest.mark.parametrize("useful", range(10, 61, 2))
def test_the_fewest_crossings_are_the_5_percent_quantile_of_scipy(useful):
    """Check the fewest crossings of Anhøj & Olesen, as the lower limit of a binomial.

    The binomial has n - 1 trials at one half.
    """
    found = run_chart([place % 2 for place in range(useful)])
    assert found.useful == useful
    assert found.least_crossings == binom.ppf(0.05, useful - 1, 0.5)


def test_with_few_points_nothing_is_said_of_crossings():
    found = run_chart([1, 1, 1, 3, 3, 3])
    assert found.least_crossings is None
    assert not found.has_signal
