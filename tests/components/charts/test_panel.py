"""The values of a questionnaire, in words."""

from datetime import date

import pytest

from dashboard.components.charts.panel import value_in_words
from dashboard.locale import speaking
from tests.support.chart_cases import form


@pytest.mark.parametrize(
    ("instrument", "total", "said"),
    [
        ("phq9", 19, "19"),
        ("phq9", 0, "0"),
        ("phq9", 45, "45 ?"),
        ("unknown", 12, "12 ?"),
        ("phq9", None, "no score"),
    ],
)
def test_a_stored_total_that_is_no_valid_score_has_a_question_mark(instrument, total, said):
    with speaking("en"):
        assert value_in_words(form(instrument, date(2026, 11, 18), total)) == said
