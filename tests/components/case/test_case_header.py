"""The head of a case."""

from datetime import date

import pytest

from dashboard.clinical.case.case_file import Sequence
from dashboard.components.case.case_header import sequence_in_words
from dashboard.locale import speaking
from tests.support.chart_cases import case


@pytest.mark.parametrize(
    ("ends_on", "said"),
    [
        (date(2026, 12, 12), "classic 4/4, ends 12 Dec"),
        (date(2025, 12, 12), "classic 4/4, ends 12 Dec 2025"),
    ],
)
def test_a_sequence_that_ended_long_ago_does_not_look_as_if_it_ended_soon(ends_on, said):
    shown = case(sequences=(Sequence("classique", 4, date(2025, 9, 13), ends_on),))
    with speaking("en"):
        assert sequence_in_words(shown) == said
