"""Counts and rates of sites in words."""

from datetime import date

import pytest

from dashboard.clinical.sites.comparison import Figure, SiteFigure
from dashboard.clinical.sites.funnel import Dispersion, Place
from dashboard.clinical.sites.run_chart import RunChart
from dashboard.clinical.sites.suppression import FEW, NOTHING, Shown, ShownTally, Tally
from dashboard.locale import speaking
from dashboard.words.sites.figures import (
    count_in_words,
    dispersion_in_words,
    outside_in_words,
    place_name,
    rate_in_words,
    run_chart_in_words,
    share_in_words,
    signal_in_words,
)

MANY = ShownTally(Tally(120, 60, 30))
FEW_PATIENTS = ShownTally(Tally(FEW - 6, FEW - 6, 12))
HIDDEN = ShownTally(Tally(6, 6, 6))


def chart(longest_run=3, crossings=5, least=4, useful=10):
    return RunChart(0.5, useful, longest_run, crossings, least)


def test_a_hidden_count_says_so():
    assert count_in_words(Shown(1_200)) == "1,200"
    assert count_in_words(Shown(None)) == "hidden"


@pytest.mark.parametrize(
    ("tally", "basis", "said"),
    [
        (MANY, "all", "25\N{NO-BREAK SPACE}%"),
        (MANY, "measured", "50\N{NO-BREAK SPACE}%"),
        (FEW_PATIENTS, "all", "50\N{NO-BREAK SPACE}% *"),
        (HIDDEN, "all", "hidden"),
    ],
)
def test_a_rate_is_marked_where_patients_are_few_and_hidden_where_fewer(tally, basis, said):
    assert rate_in_words(tally, basis) == said


def test_completeness_is_hidden_with_its_counts():
    assert share_in_words(MANY).startswith("50")
    assert share_in_words(HIDDEN) == "hidden"


@pytest.mark.parametrize("place", Place)
def test_each_place_between_the_limits_has_a_name(place):
    assert place_name(place) not in ("–", "")


def test_a_site_without_a_place_has_a_dash():
    assert place_name(None) == "–"


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (None, "–"),
        (chart(useful=0), "–"),
        (chart(longest_run=6), "shift"),
        (chart(crossings=3), "crossings"),
        (chart(), "none"),
    ],
)
def test_a_run_chart_says_its_signal(read, said):
    assert signal_in_words(read) == said


@pytest.mark.parametrize(
    ("read", "begins", "holds"),
    [
        (chart(), "No change beyond chance", "5 crossings of the median (chance: 4 or more)"),
        (chart(longest_run=6), "A change that chance does not explain", "6 months"),
        (chart(least=None), "No change beyond chance", "too few months to judge"),
        (None, "No month can be shown.", ""),
    ],
)
def test_a_run_chart_says_its_numbers(read, begins, holds):
    said = run_chart_in_words(read)
    assert said.startswith(begins)
    assert holds in said


@pytest.mark.parametrize(
    ("found", "begins"),
    [
        (None, "Too few sites"),
        (Dispersion(2.4, 0.0001, 17), "Sites differ by more than chance (φ = 2.4, p < 0.001"),
        (Dispersion(0.9, 0.61, 17), "Sites differ no more than chance explains (φ = 0.9, p = 0.61"),
    ],
)
def test_dispersion_says_whether_sites_differ_by_more_than_chance(found, begins):
    assert dispersion_in_words(found).startswith(begins)


@pytest.mark.parametrize(
    ("probability", "said"), [(0.0004, "p < 0.001"), (0.004, "p < 0.01"), (0.04, "p = 0.04")]
)
def test_a_small_probability_is_not_said_to_be_0(probability, said):
    with speaking("en"):
        assert f"{said}, 17 sites" in dispersion_in_words(Dispersion(2.4, probability, 17))


def test_a_small_probability_has_a_decimal_comma_in_french():
    with speaking("fr"):
        assert "< 0,001" in dispersion_in_words(Dispersion(2.4, 0.0001, 17))


def figure(*places):
    sites = tuple(
        SiteFigure(number, MANY, {"all": place, "measured": None})
        for number, place in enumerate(places)
    )
    shown = ShownTally(NOTHING)
    nothing = {"all": None, "measured": None}
    return Figure("response", shown, shown, ((date(2026, 1, 1), shown),), sites, nothing, nothing)


def test_sites_outside_the_limits_are_counted_of_those_that_have_a_place():
    found = figure(Place.WITHIN, Place.FAR_BELOW, None)
    assert outside_in_words(found, "all") == "1 / 2"
    assert outside_in_words(found, "measured") == "–"
