"""Short names of items."""

import pytest

from dashboard.locale import speaking
from dashboard.words.case.items import item_name


@pytest.mark.parametrize(
    ("language", "instrument", "position", "name"),
    [
        ("en", "phq9", 3, "3 sleep"),
        ("en", "phq9", 9, "9 thoughts of death ⚑"),
        ("fr", "phq9", 3, "3 sommeil"),
        ("en", "gad7", 6, "6 irritability"),
        ("en", "isi", 2, "2"),
        ("en", "unknown", 4, "4"),
        ("en", "phq9", 12, "12"),
    ],
)
def test_an_item_has_its_number_its_short_name_and_its_flag(language, instrument, position, name):
    with speaking(language):
        assert item_name(instrument, position) == name
