"""How long it took: medians and 90th percentiles, of eleven or more."""

import pytest

from dashboard.clinical.sites.waiting import waiting_of


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
    found = waiting_of(days)
    assert (found.median_days, found.p90_days) == (median, p90)


def test_of_ten_nothing_is_said():
    found = waiting_of({5: 10})
    assert (found.cases.value, found.median_days, found.p90_days) == (None, None, None)
    assert waiting_of({}) == found
