"""The C-SSRS in words: its questions that were answered yes, never a sum or a severity."""

import re

import pytest

from dashboard.clinical.instruments import INSTRUMENTS
from dashboard.locale import LANGUAGES, speaking
from dashboard.words.case.screening import answers_in_brief, answers_in_words


@pytest.mark.parametrize(
    ("items", "english", "french"),
    [
        ((0, 0, 0, 0, 0, 0), "no question answered yes", "aucune réponse positive"),
        (
            (1, 0, 0, 0, 0, 1),
            "answered yes: 1 (wish to be dead), 6 (suicidal behaviour)",
            "répondu oui : 1 (désir d’être mort), 6 (comportement suicidaire)",
        ),
        (
            (1, 0, None, None, None, 0),
            "answered yes: 1 (wish to be dead); not answered: 3, 4, 5",
            "répondu oui : 1 (désir d’être mort) ; sans réponse : 3, 4, 5",
        ),
        ((0,), "no question answered yes; not answered: 2, 3, 4, 5, 6", None),
        ((None,) * 6, "no answer recorded", "aucune réponse enregistrée"),
        ((), "no answer recorded", None),
        (None, "no answer recorded", None),
    ],
)
def test_the_questions_answered_yes_are_named(items, english, french):
    with speaking("en"):
        assert answers_in_words("cssrs", items) == english
    with speaking("fr"):
        assert french is None or answers_in_words("cssrs", items) == french


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_has_a_name_of_its_own(language):
    with speaking(language):
        words = answers_in_words("cssrs", (1,) * 6)
    assert len(set(re.findall(r"\d \(([^)]+)\)", words))) == INSTRUMENTS["cssrs"].items


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ((1, 0, 0, 0, 0, 0), "answered yes: 1 (wish to be dead)"),
        (
            (1, 1, 1, 0, 0, 1),
            "answered yes: 1, 2, 3 (suicidal ideation with methods but no plan, without intent to"
            " act), 6 (suicidal behaviour)",
        ),
        ((0, 0, 0, 0, None, 1), "answered yes: 6 (suicidal behaviour); not answered: 5"),
        ((0,) * 6, "no question answered yes"),
        ((), "no answer recorded"),
    ],
)
def test_in_brief_only_the_gravest_questions_are_named(items, expected):
    with speaking("en"):
        assert answers_in_brief("cssrs", items) == expected
