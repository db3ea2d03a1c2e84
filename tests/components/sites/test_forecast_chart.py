"""The horizontal axis of the forecast."""

from itertools import pairwise

from dashboard.charts.drawing import text_width
from dashboard.clinical.sites.forecast import STARTS_ON, later
from dashboard.components.sites.forecast_chart import MARGINS, cumulated_chart

NARROW = 484
"""The width of the chart in a window of 1024 pixels, in pixels."""


def test_the_names_of_the_quarters_do_not_overlap_in_a_narrow_chart():
    quarters = [later(STARTS_ON, 3 * number) for number in range(13)]
    forecast = [100.0 * number for number in range(1, 14)]
    drawn = cumulated_chart("Tariff", quarters, forecast, forecast[:5], None, 250, "tariff", None)
    below = [one for one in drawn.drawing.labels if one["align"] == "center"]
    room = NARROW - MARGINS.left - MARGINS.right
    lines = {one["y"] for one in below}
    assert len(lines) == 2, "the quarters, and their years"
    for line in lines:
        for one, following in pairwise([one for one in below if one["y"] == line]):
            halves = (text_width(one["text"]) + text_width(following["text"])) / 2
            assert halves < room * (following["x"] - one["x"])
