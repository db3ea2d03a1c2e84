"""A run of all tests begins after midnight in Paris if it would include it."""

from datetime import UTC, datetime, timedelta

import pytest

from tools.midnight import waiting_time


@pytest.mark.parametrize(
    ("moment", "minutes"),
    [
        (datetime(2026, 11, 30, 22, 30, tzinfo=UTC), 0),
        (datetime(2026, 11, 30, 22, 40, tzinfo=UTC), 20),
        (datetime(2026, 11, 30, 23, 0, tzinfo=UTC), 0),
        (datetime(2026, 7, 1, 21, 50, tzinfo=UTC), 10),
        (datetime(2026, 7, 1, 22, 50, tzinfo=UTC), 0),
    ],
    ids=["winter, early", "winter, late", "winter, midnight", "summer, late", "summer, after"],
)
def test_waits_only_while_midnight_in_paris_is_near(moment, minutes):
    assert waiting_time(moment) == timedelta(minutes=minutes)
