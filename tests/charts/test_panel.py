"""The position of a score on its scale."""

import pytest

from dashboard.charts.panel import Panel


@pytest.mark.parametrize(("value", "y"), [(0, 100), (27, 10), (13.5, 55), (40, 5), (-9, 105)])
def test_a_score_stands_on_its_scale_and_one_out_of_range_just_beyond(value, y):
    assert Panel("phq9", 27, top=10, bottom=100).y(value) == y


def test_an_unknown_questionnaire_has_its_code_for_a_name():
    assert Panel("phq9", 27, 10, 100).name == "PHQ-9"
    assert Panel("xyz", 9, 10, 100).name == "xyz"
