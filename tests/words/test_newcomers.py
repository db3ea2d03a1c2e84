"""The texts for newcomers: complete for every role and need, in both languages."""

import pytest

from dashboard.clinical.caseload.need import INTERVALS, Need
from dashboard.components.charts.reviews import STATE_SHAPES
from dashboard.locale import speaking
from dashboard.vocabulary import RiskLevel, Role
from dashboard.words.advice.lines import outcome_name
from dashboard.words.newcomers import (
    ANSWER_SIGNS,
    RISK_SIGNS,
    case_keys,
    chart_marks,
    first_sentences,
    interval_in_words,
    lead_pages,
    list_keys,
    need_meaning,
)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("role", Role)
def test_a_first_visit_has_three_sentences(role, language):
    with speaking(language):
        sentences = first_sentences(role)
    assert len(set(sentences)) == 3
    assert all(sentence.endswith(".") for sentence in sentences)


@pytest.mark.parametrize(
    ("need", "named"),
    [(Need.HIGH, "PHQ-9 of 20"), (Need.MARKED, "of 15"), (Need.MODERATE, "of 10")],
)
def test_a_need_names_its_threshold(need, named):
    with speaking("en"):
        assert named in need_meaning(need)


@pytest.mark.parametrize("need", Need)
def test_a_need_names_its_interval(need):
    with speaking("en"):
        assert interval_in_words(need) == f"a review every {INTERVALS[need].days} days"


@pytest.mark.parametrize("pairs", [list_keys, case_keys])
def test_each_key_is_explained_once(pairs):
    signs = [sign for sign, _meaning in pairs()]
    assert len(set(signs)) == len(signs)
    assert all(meaning for _sign, meaning in pairs())


@pytest.mark.parametrize(("language", "said"), [("en", "not ruled out"), ("fr", "non écarté")])
def test_a_negative_answer_does_not_rule_out_a_risk(language, said):
    with speaking(language):
        (meaning,) = (
            dict(pairs)["○"] for _name, pairs in chart_marks() if {"◆", "○"} <= dict(pairs).keys()
        )
    assert said in meaning


@pytest.mark.parametrize("parts", [chart_marks, lead_pages])
def test_each_mark_is_explained_once_in_its_part(parts):
    for _name, pairs in parts():
        signs = [sign for sign, _meaning in pairs]
        assert len(set(signs)) == len(signs)
        assert all(meaning for _sign, meaning in pairs)


def test_each_state_and_risk_that_the_chart_draws_is_explained_in_its_words():
    assert list(ANSWER_SIGNS) == list(STATE_SHAPES)
    assert set(RISK_SIGNS) == set(RiskLevel)
    with speaking("en"):
        meanings = {meaning for _name, pairs in chart_marks() for _sign, meaning in pairs}
        assert {outcome_name(state) for state in STATE_SHAPES} <= meanings


@pytest.mark.parametrize(
    ("language", "words"), [("en", ("dark", "light")), ("fr", ("foncé", "clair"))]
)
def test_no_meaning_of_a_colour_depends_on_the_theme(language, words):
    with speaking(language):
        meanings = [meaning for _name, pairs in chart_marks() for _sign, meaning in pairs]
    assert not [one for one in meanings for word in words if word in one]
