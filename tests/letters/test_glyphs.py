"""Characters without a glyph in the fonts are named, and no typed text is lost."""

import pytest

from dashboard.letters.glyphs import BREAK_AFTER, drawable, drawable_in_chart


@pytest.mark.parametrize(
    "text",
    [
        "Lefèvre-Dubois, œuvre, ÀÉÎÕÜ ç ß ñ",
        "PHQ-9 16 → 17, ≥ 10, ≤ 5, ± 2, 37,5 mg, µg, °C, ½",
        "« guillemets », l’apostrophe, l'apostrophe, … – —",
        "Łukasz Żółć, Nguyễn Thị Ánh, Ελένη, Анна",
        "שלום עולם",
        "مريم الحسن",
        "#let x = 1; $x^2$ @home *b* _i_ \\ ` ~ < > & | { } [ ] \" '",
    ],
)
def test_what_clinicians_type_is_drawn_as_it_is(text):
    assert drawable(text) == text


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("va mieux 🙂", "va mieux [slightly smiling face]"),
        ("👩‍⚕️", "[woman]\u200d[staff of aesculapius]"),
        ("山", "[cjk unified ideograph-5c71]"),
        ("\ue000", "[U+E000]".lower()),
        ("a\x00b\x07c\x1b[31m", "abc[31m"),
        ("a\u202eb\u2066c\u200bd", "abcd"),
        ("e\u0301", "é"),
        ("\u05d0\u064b", "\u05d0"),
        ("\uf6d7", "[u+f6d7]"),
        ("a\tb", "a b"),
    ],
)
def test_what_they_cannot_draw_is_named_or_unseen(text, drawn):
    assert drawable(text) == drawn


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Łukasz 50 mg → Ελένη", "Łukasz 50 mg → Ελένη"),
        ("0\u064b", "0"),
        ("\u05d0", "[hebrew letter alef]"),
    ],
)
def test_a_chart_draws_the_letters_of_one_font(text, drawn):
    assert drawable_in_chart(text) == drawn


def test_a_word_without_an_end_may_be_broken():
    parts = drawable("x" * 500).split("\u200b")
    assert "".join(parts) == "x" * 500
    assert max(map(len, parts)) == BREAK_AFTER
