"""Typed text without the characters that cannot be seen."""

import pytest

from dashboard.words.typed import visible


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Lefèvre d’Été", "Lefèvre d’Été"),
        ("one\ttwo\nthree", "one\ttwo\nthree"),
        ("no\u00a0break", "no\u00a0break"),
        ("עברית", "עברית"),
        ("turned \u202eround", "turned round"),
        ("iso\u2066la\u2069ted", "isolated"),
        ("zero\u200bwidth", "zerowidth"),
        ("line\u2028end", "lineend"),
        ("bell\x07 and null\x00", "bell and null"),
        ("lone \ud800surrogate", "lone surrogate"),
    ],
)
def test_what_cannot_be_seen_is_removed_and_the_rest_stays(typed, shown):
    assert visible(typed) == shown
