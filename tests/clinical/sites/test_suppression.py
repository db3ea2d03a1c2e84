"""No figure of fewer than eleven patients is shown, and few are marked."""

import pytest

from dashboard.clinical.sites.suppression import ShownTally, Tally, shown


@pytest.mark.parametrize(
    ("count", "value"), [(0, None), (6, None), (10, None), (11, 11), (12, 12), (600, 600)]
)
def test_a_count_under_eleven_is_hidden(count, value):
    assert shown(count).value == value
    assert shown(count).is_hidden == (value is None)


def test_a_rate_is_shown_where_there_are_eleven_whom_it_is_about():
    """Check 6 of 60, of whom 48 were measured: the six are hidden, and 10 % is shown."""
    found = ShownTally(Tally(60, 48, 6))
    assert found.numerator.is_hidden
    assert (found.eligible.value, found.measured.value) == (60, 48)
    assert found.failing_rate == pytest.approx(0.1)
    assert found.measured_rate == pytest.approx(0.125)
    assert found.completeness == pytest.approx(0.8)


def test_of_fewer_than_eleven_no_rate_is_shown():
    """Check 60 eligible of whom six were measured: the rate among these is hidden."""
    found = ShownTally(Tally(60, 6, 6))
    assert found.measured_rate is None
    assert found.failing_rate == pytest.approx(0.1)
    assert ShownTally(Tally(6, 6, 6)).failing_rate is None
    assert ShownTally(Tally(0, 0, 0)).failing_rate is None


def test_fewer_than_thirty_are_too_few_to_judge():
    assert ShownTally(Tally(24, 24, 12)).few
    assert not ShownTally(Tally(30, 30, 12)).few
