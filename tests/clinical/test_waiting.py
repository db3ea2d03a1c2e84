"""How long it took: medians and 90th percentiles, of eleven or more."""

import pytest

from dashboard.clinical.waiting import waits_of


@pytest.mark.parametrize(
    ("days", "median", "p90"),
    [
        # Eleven: the sixth had waited within 3 days, the tenth within 9.
        ({1: 5, 3: 2, 9: 3, 30: 1}, 3, 9),
        # Twenty on one day.
        ({7: 20}, 7, 7),
        # Of twenty the tenth is the last on day 2; the eighteenth on day 4.
        ({2: 10, 4: 8, 50: 2}, 2, 4),
        # One more on day 2 changes neither; of 21 the nineteenth is on day 50.
        ({2: 11, 4: 7, 50: 3}, 2, 50),
    ],
)
def test_a_percentile_is_the_first_day_by_which_so_many_had_waited(days, median, p90):
    here, every = waits_of(1, {1: sum(days.values())}, days, days)
    assert (here.median_days, here.p90_days) == (median, p90)
    assert every == here


def test_of_ten_nothing_is_said():
    here, every = waits_of(1, {1: 10, 2: 40}, {5: 10}, {5: 50})
    assert (here.cases.value, here.median_days, here.p90_days) == (None, None, None)
    assert (every.cases.value, every.median_days) == (50, 5)


def test_who_waited_nowhere_is_nobody():
    here, every = waits_of(1, {1: 0, 2: 20}, {}, {3: 20})
    assert (here.cases.value, here.median_days) == (0, None)
    assert (every.cases.value, every.median_days) == (20, 3)
