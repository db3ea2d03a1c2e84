"""Typed text is shown as it was typed."""

import unicodedata

import pandas as pd
import pytest

from dashboard.components.elements.escaping import legible, legible_table, plain, plain_table

EVERY_LETTER = [chr(code) for code in range(0x110000)]


def test_whatever_runs_from_right_to_left_is_kept_apart():
    running_left = [one for one in EVERY_LETTER if unicodedata.bidirectional(one) in ("R", "AL")]
    hidden = {"\u200f", "\u061c"}
    assert len(running_left) > 1000
    for letter in set(running_left) - hidden:
        assert legible(f"a{letter}b") == f"\u2068a{letter}b\u2069"


def test_what_hides_or_controls_is_taken_out():
    controls = [one for one in EVERY_LETTER if unicodedata.category(one) in ("Cc", "Cs")]
    for letter in {*controls, "\u200b", "\u202e", "\u2066", "\ufeff"} - {"\n", "\t"}:
        assert legible(f"a{letter}b") == "ab"


@pytest.mark.parametrize("text", ["Lefèvre", "12 mg/j · à jeun", "a\nb", "naïf\t≥ 5", "日本"])
def test_everything_else_stays(text):
    assert legible(text) == text


@pytest.mark.parametrize(
    ("typed", "marked"),
    [("*a*", "&#42;a&#42;"), (" - a\n\n b ", "&#45; a  \nb"), ("<b>", "&#60;b&#62;")],
)
def test_markdown_reads_no_mark_in_it(typed, marked):
    assert plain(typed) == marked


def test_a_table_is_legible_in_its_heads_and_cells():
    made = legible_table(pd.DataFrame({"Sit\u202ee": ["a\u200bb", "c"], "n": [1, 2]}))
    assert list(made.columns) == ["Site", "n"]
    assert made["Site"].tolist() == ["ab", "c"]
    assert made["n"].tolist() == [1, 2]


def test_a_table_that_reads_markdown_is_escaped_in_its_heads_and_cells():
    made = plain_table(pd.DataFrame({"#": ["**a**", "c"], "n": [1, 2]}))
    assert list(made.columns) == ["&#35;", "n"]
    assert made["&#35;"].tolist() == ["&#42;&#42;a&#42;&#42;", "c"]
    assert made["n"].tolist() == [1, 2]
