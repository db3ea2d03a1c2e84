"""An indicator over a period: its sums, its comparisons, and its suppressed counts."""

from dataclasses import replace
from datetime import date

import pytest

from dashboard.clinical.sites.comparison import Period, Question, Sums, figure_of, too_few
from dashboard.clinical.sites.funnel import Place
from dashboard.clinical.sites.suppression import NOTHING, Tally

JANUARY = date(2026, 1, 1)
YEAR = Period(JANUARY, date(2026, 12, 1))
TODAY = date(2027, 2, 10)


def sums(*sites, before=NOTHING):
    """Return the sums by site, from the counts of each in every month of the year."""
    return Sums(
        {number: times(one, 12) for number, one in enumerate(sites, 1)},
        {month: sum(sites, NOTHING) for month in YEAR.months},
        before,
    )


def times(tally, number):
    return sum([tally] * number, NOTHING)


def improved(numerator, measured=20, eligible=25):
    return Tally(eligible, measured, numerator)


def asked(*chosen, sites=(1, 2, 3), period=YEAR, today=TODAY):
    return Question(period, sites, frozenset(chosen or sites), today)


def test_the_period_before_is_as_long():
    assert YEAR.before() == Period(date(2025, 1, 1), date(2025, 12, 1))
    assert Period(JANUARY, JANUARY).before() == Period(date(2025, 12, 1), date(2025, 12, 1))
    assert YEAR.months[-1] == date(2026, 12, 1)


def test_three_figures_and_their_change():
    """36 months × 25 = 900 eligible, 720 measured; 10, 12 and 11 of 20 improve: 396.

    The year before 10 of 20 did everywhere: 360 of 720.
    """
    found = figure_of(
        "improved_70",
        sums(improved(10), improved(12), improved(11), before=Tally(900, 720, 360)),
        asked(),
    )
    assert found.whole.measured_rate == pytest.approx(396 / 720)
    assert found.whole.failing_rate == pytest.approx(396 / 900)
    assert found.whole.completeness == pytest.approx(720 / 900)
    assert found.change() == pytest.approx(36 / 900)
    assert [month for month, _rate in found.series()] == YEAR.months
    assert {one.places["all"] for one in found.sites} == {Place.WITHIN}
    assert found.outside() == (0, 3)


def test_a_site_far_from_the_others_is_outside():
    found = figure_of("improved_70", sums(improved(6), improved(12), improved(12)), asked())
    assert found.sites[0].places["all"] is Place.FAR_BELOW
    assert found.dispersion["all"].is_over


def test_the_running_month_is_not_in_the_run_chart():
    found = figure_of("improved_70", sums(improved(12)), asked(today=date(2026, 12, 24)))
    assert found.months[-1][0] == date(2026, 11, 1)


def test_of_a_snapshot_the_last_month_counts():
    """Twelve months of 60 are no 720 patients."""
    monthly = Tally(60, 60, 30)
    chosen = Sums({1: monthly}, dict.fromkeys(YEAR.months, monthly), monthly)
    found = figure_of("measured", chosen, asked(), snapshot=True)
    assert found.whole.eligible.value == 60
    assert [shown.eligible.value for _month, shown in found.months] == [60] * 12


def test_some_sites_are_judged_by_the_limits_of_all():
    every = sums(improved(6), improved(12), improved(12))
    of_one = replace(every, months=dict.fromkeys(YEAR.months, improved(6)))
    found = figure_of("improved_70", of_one, asked(1))
    assert [one.site_id for one in found.sites] == [1]
    assert found.sites[0].places["all"] is Place.FAR_BELOW
    assert found.whole.eligible.value == 300
    assert found.overall["all"] == pytest.approx(30 / 75)


def test_a_small_site_is_hidden_and_the_others_are_not():
    every = Sums({1: Tally(6, 6, 0), 2: Tally(300, 240, 144), 3: Tally(360, 240, 144)})
    found = figure_of("improved_70", every, asked())
    assert [one.shown.eligible.value for one in found.sites] == [None, 300, 360]
    assert [one.places["all"] is None for one in found.sites] == [True, False, False]
    assert found.whole.eligible.value == 666


def test_a_site_with_a_hidden_numerator_is_placed():
    """6 of 300 among others at 48 %: far below, whatever a step more or fewer says."""
    every = Sums({1: Tally(300, 300, 6), 2: Tally(300, 240, 144), 3: Tally(300, 240, 144)})
    found = figure_of("improved_70", every, asked())
    assert found.sites[0].shown.numerator.is_hidden
    assert found.sites[0].places["all"] is Place.FAR_BELOW


@pytest.mark.parametrize(
    ("eligible", "measured", "basis", "judged"),
    [
        (30, 30, "all", True),
        (24, 24, "all", False),
        (60, 24, "all", True),
        (60, 24, "measured", False),
    ],
)
def test_a_rate_of_fewer_than_30_is_neither_outside_nor_compared(eligible, measured, basis, judged):
    every = Sums(
        {1: Tally(eligible, measured, 0), 2: Tally(6000, 6000, 5400), 3: Tally(6000, 6000, 5400)}
    )
    found = figure_of("improved_70", every, asked())
    assert too_few(found.sites[0].shown, basis) is not judged
    assert found.outside(basis) == ((1, 3) if judged else (0, 2))


def test_nobody_at_all():
    found = figure_of("improved_70", Sums(), asked())
    assert found.rate() is None
    assert found.change() is None
    assert found.run_chart() is None
    assert found.outside() == (0, 0)
