"""Where a run chart puts its months, and the line of a target of others."""

from datetime import date

import pytest

from dashboard.clinical.sites.comparison import Period, Question, Sums, figure_of
from dashboard.clinical.sites.suppression import Tally
from dashboard.components.sites.funnel_chart import funnel_chart
from dashboard.components.sites.run_chart_drawing import along, run_chart_drawn


@pytest.mark.parametrize(
    ("length", "places"), [(1, [0.5]), (2, [0, 1]), (3, [0, 0.5, 1]), (4, [0, 0.3333, 0.6667, 1])]
)
def test_the_months_stand_from_edge_to_edge_and_a_single_one_in_the_middle(length, places):
    assert [along(place, length) for place in range(length)] == places


@pytest.fixture(scope="module")
def figure():
    """Return a rate of 30 % to 40 % at one site over six months."""
    period = Period(date(2026, 1, 1), date(2026, 6, 1))
    months = {month: Tally(60, 60, 18 + month.month) for month in period.months}
    sums = Sums({1: Tally(360, 360, 129)}, months)
    return figure_of("contact_and_score", sums, Question(period, [1], frozenset({1}), date.max))


@pytest.mark.parametrize("chart", ["run chart", "funnel"])
def test_the_target_of_new_york_is_a_named_line_within_the_scale_only_where_asked(figure, chart):
    def drawn(target):
        if chart == "run chart":
            return run_chart_drawn(figure, "all", 200, target)
        return funnel_chart(figure, "all", {1: "Site"}, 200, target)

    said = [one["text"] for one in drawn(0.8).drawing.labels]
    assert [one for one in said if "New York" in one] == ["New York 80\N{NO-BREAK SPACE}%"]
    assert "80\N{NO-BREAK SPACE}%" in said, "the scale reaches the line"
    assert "New York" in drawn(0.8).words.rpartition(". ")[2]
    assert "New York" not in str(drawn(None).drawing.labels) + drawn(None).words
