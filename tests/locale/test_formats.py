"""The formats of days, times and numbers."""

from decimal import Decimal

import pytest

from dashboard.locale import speaking
from dashboard.locale.formats import hour, number


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (0, "12 am", "0 h"),
        (6, "6 am", "6 h"),
        (12, "12 pm", "12 h"),
        (22, "10 pm", "22 h"),
    ],
)
def test_an_hour_has_the_form_of_its_language(value, english, french):
    for language, said in (("en", english), ("fr", french)):
        with speaking(language):
            assert hour(value) == said.replace(" ", "\N{NO-BREAK SPACE}")


@pytest.mark.parametrize(
    ("dose", "said"),
    [("0.075", "0,075"), ("0.00025", "0,00025"), ("37.500", "37,5"), ("100", "100")],
)
def test_a_dose_is_not_rounded(dose, said):
    with speaking("fr"):
        assert number(Decimal(dose)) == said


def test_a_rate_has_two_decimals_at_most():
    with speaking("en"):
        assert number(1.2345) == "1.23"
