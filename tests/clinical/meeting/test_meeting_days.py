"""The usual weekday of a pair, and the days that fall on it."""

from datetime import date, timedelta

import pytest

from dashboard.clinical.meeting.meeting_days import meeting_day_by, usual_weekday

MONDAY = date(2026, 11, 23)
TUESDAY, THURSDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=3)


def weekly(day, times):
    return [day - timedelta(weeks=number) for number in range(times)]


@pytest.mark.parametrize(
    ("held_on", "weekday"),
    [
        ([], None),
        ([THURSDAY], 3),
        ([*weekly(TUESDAY, 3), THURSDAY], 1),
        ([*weekly(TUESDAY, 2), *weekly(THURSDAY, 2)], 3),
        ([*weekly(THURSDAY - timedelta(weeks=8), 20), *weekly(TUESDAY, 8)], 1),
    ],
)
def test_the_usual_weekday_is_that_of_most_of_the_latest_meetings(held_on, weekday):
    assert usual_weekday(held_on) == weekday


@pytest.mark.parametrize(
    ("days", "weekday", "expected"),
    [
        (14, None, 14),
        (14, 0, 14),
        (14, 1, 8),
        (14, 6, 13),
        (7, 1, 1),
        (3, 0, 7),
        (0, 0, 7),
    ],
)
def test_a_review_falls_on_the_meeting_day_before_its_day_but_after_today(days, weekday, expected):
    day = meeting_day_by(MONDAY + timedelta(days=days), MONDAY, weekday)
    assert (day - MONDAY).days == expected
