"""The changes since a draft was begun, and the cautions about a draft, in words."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import pytest

from dashboard.clinical.advice.cautions import Caution
from dashboard.clinical.advice.drafts import Changes, NewFlag, NewQuestion, NewScore
from dashboard.clinical.people import Person
from dashboard.components.advice.advice_problems import (
    caution_in_words,
    changes_in_words,
    trouble_in_words,
)
from dashboard.locale import speaking

ON_THE_20TH = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("instrument", "total", "said"),
    [
        ("phq9", 0, "PHQ-9 0 of 20 Nov 2026"),
        ("phq9", None, "PHQ-9 of 20 Nov 2026, without a total"),
        ("cssrs", 3, "C-SSRS of 20 Nov 2026"),
        ("cssrs", None, "C-SSRS of 20 Nov 2026"),
    ],
)
def test_a_new_form_is_named_with_its_total_if_its_questionnaire_has_one(instrument, total, said):
    with speaking("en"):
        score = NewScore(1, "0a", instrument, ON_THE_20TH, total)
        assert changes_in_words(Changes((score,))) == [said]


def test_a_corrected_row_is_told_from_a_new_one():
    score = NewScore(1, "0a", "phq9", ON_THE_20TH, 21, is_corrected=True)
    flag = NewFlag(2, "0b", "safety", datetime(2026, 11, 20, 9, tzinfo=UTC), is_corrected=True)
    with speaking("en"):
        assert changes_in_words(Changes((score,), flags=(flag,))) == [
            "PHQ-9 21 of 20 Nov 2026, changed since you saw it",
            "flag (safety) of 20 Nov 2026 10:00, changed since you saw it",
        ]


def test_a_new_question_is_told_with_its_author_and_its_text():
    ready_at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    question = NewQuestion(uuid4(), Person(2, "Roux", "Léa"), "Augmenter ?", ready_at)
    with speaking("en"):
        assert changes_in_words(Changes(questions=(question,))) == [
            "question of Roux, ready since 20 Nov 2026 10:00: “Augmenter ?”"
        ]


def test_a_record_that_changed_while_the_letters_were_made_leaves_the_review_unsigned():
    with speaking("en"):
        said = trouble_in_words("letters_changed")
    assert "Nothing was signed. Your text is kept." in said


PARTNER = {"drug": "sertraline", "partner": "paroxétine", "dose": Decimal("37.5")}
FAILED = {"drug": "sertraline", "stopped_on": ON_THE_20TH, "reason": "inefficacité"}


@pytest.mark.parametrize(
    ("code", "facts", "english", "french"),
    [
        (
            "not_taken",
            {"drug": "sertraline"},
            "sertraline is not among the patient’s current drugs.",
            "sertraline ne figure pas parmi les médicaments en cours.",
        ),
        (
            "taken_already",
            {"drug": "sertraline"},
            "sertraline is already among the patient’s current drugs.",
            "sertraline figure déjà parmi les médicaments en cours.",
        ),
        (
            "second_of_class",
            PARTNER | {"shared": "ssri"},
            "sertraline: second SSRI beside paroxétine 37.5 mg/day."
            " Say what becomes of paroxétine.",
            "sertraline : second ISRS à côté de paroxétine 37,5 mg/j."
            " Dire ce que devient paroxétine.",
        ),
        (
            "second_of_class",
            PARTNER | {"shared": "reuptake", "dose": None},
            "sertraline: second serotonin reuptake inhibitor beside paroxétine."
            " Say what becomes of paroxétine.",
            "sertraline : second inhibiteur de la recapture de la sérotonine à côté de"
            " paroxétine. Dire ce que devient paroxétine.",
        ),
        (
            "failed_before",
            FAILED,
            "sertraline was stopped on 20 Nov 2026: inefficacité.",
            "sertraline : arrêt le 20/11/2026, motif : inefficacité.",
        ),
        (
            "alternative_failed_before",
            FAILED,
            "If it does not work: sertraline was stopped on 20 Nov 2026: inefficacité.",
            "En cas d’échec : sertraline, arrêt le 20/11/2026, motif : inefficacité.",
        ),
    ],
)
def test_a_caution_against_the_registry_is_one_sentence_without_a_source(
    code, facts, english, french
):
    caution = Caution(code, "a", None, facts)
    for language, said in (("en", english), ("fr", french)):
        with speaking(language):
            assert caution_in_words(caution).replace("\N{NO-BREAK SPACE}", " ") == said
