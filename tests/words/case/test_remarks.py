"""Everything that can be missing or odd has words, in both languages."""

import re
from datetime import date

import pytest

from dashboard.clinical.case.case_file import Assessment
from dashboard.clinical.case.missing import missing, odd_rows
from dashboard.clinical.remarks import Remark
from dashboard.locale import LANGUAGES, speaking
from dashboard.locale.formats import day
from dashboard.words.case.remarks import missing_in_words, oddity_in_words

ABOUT = {"about": "PHQ-9", "day": date(2026, 11, 18)}


def codes_of(documented: object, *others: object) -> list[str]:
    """Return the codes that the docstrings document."""
    text = " ".join(one.__doc__ or "" for one in (documented, *others))
    return sorted(set(re.findall(r"``(\w+)``", text)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", codes_of(missing))
def test_what_is_missing_has_words(code: str, language: str):
    with speaking(language):
        words = missing_in_words(Remark(code, **ABOUT))
        assert words
        assert "{" not in words
        if code in ("phq9_overdue", "item9_unknown"):
            assert day(ABOUT["day"]) in words


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", codes_of(odd_rows, Assessment.oddities))
def test_what_is_odd_has_words_that_name_its_row_and_its_day(code: str, language: str):
    with speaking(language):
        words = oddity_in_words(Remark(code, **ABOUT))
        assert "{" not in words
        assert day(ABOUT["day"]) in words
        if code not in ("born_later", "impossible_birth", "closed_and_open"):
            assert "PHQ-9" in words


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("SU", "Status of the episode unknown: “SU”"),
        (None, "Status of the episode not given"),
        (" ", "Status of the episode not given"),
        (
            "a text that somebody has typed here",
            "Status of the episode unknown: “a text that somebody…”",
        ),
    ],
)
def test_an_unknown_value_is_shown_as_it_stands_while_it_can_be_a_code(value, said):
    with speaking("en"):
        assert oddity_in_words(Remark("unknown_status", value)) == said


def test_a_row_without_a_name_is_the_episode():
    with speaking("en"):
        words = oddity_in_words(Remark("dates_reversed", None, date(2026, 11, 18)))
    assert words == "Episode: ends before it begins (18 Nov 2026)"
