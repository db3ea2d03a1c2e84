"""The formats of days, times and numbers."""

import pytest

from dashboard.locale import speaking
from dashboard.locale.formats import hour


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
