"""The tables below the chart of a case."""

import pytest

from dashboard.components.case.case_details import dose_in_words
from dashboard.locale import speaking
from tests.support.chart_cases import ENROLLED, drug


@pytest.mark.parametrize(
    ("dose", "as_needed", "said"),
    [
        (0.25, False, "0.25"),
        (0.25, True, "0.25 as needed"),
        (None, True, "as needed"),
        (None, False, None),
    ],
)
def test_the_treatment_table_has_the_dose_that_is_known(dose, as_needed, said):
    taken = drug("N05BA12", "alprazolam", dose, ENROLLED, as_needed=as_needed)
    with speaking("en"):
        assert dose_in_words(taken) == said
