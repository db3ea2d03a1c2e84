"""Where a run chart puts its months."""

import pytest

from dashboard.components.sites.run_chart_drawing import along


@pytest.mark.parametrize(
    ("length", "places"), [(1, [0.5]), (2, [0, 1]), (3, [0, 0.5, 1]), (4, [0, 0.3333, 0.6667, 1])]
)
def test_the_months_stand_from_edge_to_edge_and_a_single_one_in_the_middle(length, places):
    assert [along(place, length) for place in range(length)] == places
