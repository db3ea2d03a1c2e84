"""The lists of names are long, varied and clean."""

import pytest

from dashboard.demo import names


@pytest.mark.parametrize(
    ("listed", "at_least"),
    [
        (names.FAMILY_NAMES, 200),
        (names.OLDER_WOMEN + names.YOUNGER_WOMEN, 80),
        (names.OLDER_MEN + names.YOUNGER_MEN, 80),
    ],
)
def test_there_are_many_names_each_once(listed, at_least):
    assert len(set(listed)) >= at_least
    assert all(name == name.strip() and name[0].isalpha() for name in listed)


@pytest.mark.parametrize("mark", ["é", "'", "-", " ", "ç", "ñ", "ễ"])
def test_names_have_the_marks_that_break_careless_programs(mark):
    assert any(mark in name for name in names.FAMILY_NAMES)


def test_no_name_needs_escaping_when_it_is_copied():
    everything = "".join(names.FAMILY_NAMES + names.PLACE_NAMES)
    assert not set(everything) & set("\\\t\n\r")
