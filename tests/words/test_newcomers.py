"""The texts for newcomers: complete for every role and need, in both languages."""

import pytest

from dashboard.clinical.caseload.need import INTERVALS, Need
from dashboard.locale import speaking
from dashboard.vocabulary import Role
from dashboard.words.newcomers import (
    case_keys,
    chart_marks,
    first_sentences,
    interval_in_words,
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


@pytest.mark.parametrize("pairs", [chart_marks, list_keys, case_keys])
def test_each_mark_and_key_is_explained_once(pairs):
    signs = [sign for sign, _meaning in pairs()]
    assert len(set(signs)) == len(signs)
    assert all(meaning for _sign, meaning in pairs())
