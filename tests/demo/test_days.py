"""Working days, months and years."""

from datetime import date, timedelta

import pytest

from dashboard.demo.days import (
    afternoon,
    morning,
    next_weekday,
    three_months_later,
    working_day,
    working_day_after,
    years_before,
)
from dashboard.demo.record import chance_of

MONDAY = date(2026, 11, 16)
FRIDAY, SATURDAY, SUNDAY = (MONDAY + timedelta(days=days) for days in (4, 5, 6))
NEXT_MONDAY = MONDAY + timedelta(weeks=1)


@pytest.mark.parametrize(
    ("day", "found"),
    [(MONDAY, MONDAY), (FRIDAY, FRIDAY), (SATURDAY, FRIDAY), (SUNDAY, FRIDAY)],
)
def test_a_weekend_falls_back_to_friday(day, found):
    assert working_day(day) == found


@pytest.mark.parametrize(
    ("day", "days", "found"),
    [
        (MONDAY, 4, FRIDAY),
        (MONDAY, 5, FRIDAY),
        (MONDAY, 6, NEXT_MONDAY),
        (FRIDAY, 1, NEXT_MONDAY),
        (FRIDAY, 2, NEXT_MONDAY),
        (FRIDAY, 3, NEXT_MONDAY),
    ],
)
def test_the_nearest_working_day_is_later_than_the_day(day, days, found):
    assert working_day_after(day, days) == found


def test_a_weekday_is_found_on_the_day_itself_or_after_it():
    assert next_weekday(MONDAY, 0) == MONDAY
    assert next_weekday(MONDAY + timedelta(days=1), 0) == NEXT_MONDAY


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (date(2026, 9, 12), date(2026, 12, 12)),
        (date(2026, 11, 30), date(2027, 2, 28)),
        (date(2027, 11, 30), date(2028, 2, 29)),
        (date(2026, 1, 31), date(2026, 4, 30)),
    ],
)
def test_three_months_end_with_the_month_if_need_be(day, found):
    assert three_months_later(day) == found


def test_years_before_a_leap_day_is_28_february():
    assert years_before(date(2028, 2, 29), 3) == date(2025, 2, 28)


def test_mornings_come_before_afternoons():
    rng = chance_of(1, "hours")
    for _ in range(200):
        assert morning(rng, MONDAY) < afternoon(rng, MONDAY)
