"""The forecast is that of the source, and the projection is its arithmetic."""

from datetime import date

import pytest

from dashboard.clinical.sites.forecast import (
    BUDGET,
    FORECAST,
    KINDS,
    MONTHS,
    Counts,
    experiment_months,
    forecast_patients,
    forecast_tariff,
    later,
    projection,
    tariff_of,
)


def test_the_table_is_that_of_the_source():
    """docs/domain.md, section 1, line by line."""
    assert [one.nurses for one in FORECAST] == [5, 7, 8, 8]
    assert [one.sequences["leger"] for one in FORECAST] == [25, 126, 136, 91]
    assert [one.patients["classique"] for one in FORECAST] == [165, 847, 912, 608]
    assert [one.sequences["classique"] for one in FORECAST] == [271, 1_388, 1_496, 997]
    assert [one.tariff["leger"] for one in FORECAST] == [6_125, 30_870, 33_320, 22_295]
    assert [one.tariff["classique"] for one in FORECAST] == [164_768, 843_904, 909_568, 606_176]
    assert BUDGET == 2_617_026


def test_the_experiment_runs_from_september_2023_to_august_2026():
    months = experiment_months()
    assert (months[0], months[-1], len(months)) == (date(2023, 9, 1), date(2026, 8, 1), 36)
    assert MONTHS == 36


def test_the_cumulated_forecast_ends_with_the_totals():
    assert forecast_patients()[-1] == pytest.approx(2_910)
    assert forecast_tariff()[-1] == pytest.approx(BUDGET)


def test_the_cumulated_forecast_runs_evenly_within_a_period():
    """190 patients in the first four months, 973 in the next twelve."""
    cumulated = forecast_patients()
    assert [cumulated[month] for month in (0, 3, 9, 15)] == pytest.approx(
        [47.5, 190, 190 + 973 / 2, 1_163]
    )


def test_the_tariff():
    """10 × 245 + 100 × 608 = 63,250 €."""
    assert tariff_of({"leger": 10, "classique": 100}) == 63_250


def months(first, classique, leger=0):
    return [
        Counts(later(first, number), {"leger": leger, "classique": one})
        for number, one in enumerate(classique)
    ]


def test_the_projection_goes_on_at_the_pace_of_the_last_twelve_whole_months():
    """100 a month for fourteen months, and 40 so far in the fifteenth, which is November 2024.

    The pace is 100; 22 months are left, November among them: 1,400 + 22 × 100. The months do
    not differ, so the spread is that of Poisson: variance 100 a month; over 22 months
    22 × 100 + 22² × 100 / 12 = 6,233; 1.96 × √6,233 = 154.7.
    """
    found = projection(months(date(2023, 9, 1), [100] * 14 + [40]), date(2024, 11, 24))
    assert found.months_left == 22
    assert found.pace == {"leger": 0, "classique": 100}
    end = found.sequences["classique"]
    assert end.expected == 3_600
    assert (end.low, end.high) == pytest.approx((3_445.3, 3_754.7), abs=0.1)
    assert found.tariff.expected == 3_600 * 608
    assert found.tariff.high == pytest.approx(3_754.7 * 608, abs=100)


def test_months_that_differ_widen_the_interval():
    steady = projection(months(date(2023, 9, 1), [100] * 12), date(2024, 9, 10))
    wild = projection(months(date(2023, 9, 1), [40, 160] * 6), date(2024, 9, 10))
    width = [
        one.sequences["classique"].high - one.sequences["classique"].low for one in (steady, wild)
    ]
    assert width[1] > 3 * width[0]


def test_what_has_begun_cannot_be_undone():
    """Check with 200 begun by the end of August 2026 already, though the pace is lower."""
    found = projection(months(date(2026, 4, 1), [10, 10, 10, 10, 200]), date(2026, 8, 31))
    assert found.months_left == 1
    assert found.sequences["classique"].expected == 240
    assert found.sequences["classique"].low == 240


def test_an_empty_month_is_zero():
    few = [Counts(date(2024, 1, 1), {"classique": 12}), Counts(date(2024, 3, 1), {"classique": 12})]
    assert projection(few, date(2024, 5, 5)).pace["classique"] == 6


@pytest.mark.parametrize(
    ("counts", "today"),
    [
        ([], date(2024, 5, 5)),
        (months(date(2024, 3, 1), [10, 10]), date(2024, 5, 5)),
        (months(date(2023, 9, 1), [10] * 36), date(2026, 9, 1)),
    ],
)
def test_nothing_is_projected_without_three_months_or_after_the_end(counts, today):
    assert projection(counts, today) is None


def test_kinds_are_those_with_a_tariff():
    assert {kind for one in FORECAST for kind in one.sequences} == set(KINDS)
