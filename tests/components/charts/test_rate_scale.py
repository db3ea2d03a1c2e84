"""The scale of rates."""

import pytest

from dashboard.components.charts.rate_scale import rate_scale


@pytest.mark.parametrize(
    ("rates", "ends"),
    [
        ([0.31, 1.0], (0.2, 1.0)),
        ([0.1, 0.84], (0.0, 1.0)),
        ([0.42, 0.68], (0.4, 0.7)),
        ([0.97, 1.0], (0.8, 1.0)),
        ([], (0.0, 1.0)),
    ],
)
def test_a_scale_of_rates_has_whole_steps_and_ends_at_100_percent_at_most(rates, ends):
    scale = rate_scale(rates, 0, 100)
    assert (round(scale.low, 9), round(scale.high, 9)) == ends
    steps = (scale.high - scale.low) / scale.step
    assert steps == pytest.approx(round(steps))
