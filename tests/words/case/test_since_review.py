"""The sentence about the changes since the last review, in both languages."""

from datetime import date
from decimal import Decimal

import pytest

from dashboard.clinical.case.since_review import (
    DrugChange,
    DrugEvent,
    ItemChange,
    ScoreChange,
    SideEffect,
    SinceReview,
)
from dashboard.locale import speaking
from dashboard.words.case.since_review import since_review_in_words

DAY, TODAY, LATER = date(2026, 11, 12), date(2026, 11, 24), date(2026, 11, 17)


def drug(event, before=None, after=None):
    doses = [None if dose is None else Decimal(dose) for dose in (before, after)]
    return SinceReview(DAY, drugs=(DrugChange(event, "sertraline", LATER, *doses),))


@pytest.mark.parametrize(
    ("changes", "french", "english"),
    [
        (SinceReview(DAY), "rien de nouveau au dossier", "nothing new on record"),
        (
            SinceReview(DAY, scores=(ScoreChange("phq9", 18, 12), ScoreChange("gad7", None, 9))),
            "PHQ-9 18 → 12 (−6), GAD-7 9",
            "PHQ-9 18 → 12 (−6), GAD-7 9",
        ),
        (SinceReview(DAY, item9=ItemChange(0, 2)), "item 9 de 0 à 2", "item 9 from 0 to 2"),
        (
            drug(DrugEvent.STARTED, None, 50),
            "sertraline 50 mg depuis le 17/11",
            "sertraline 50 mg started on 17 Nov",
        ),
        (
            drug(DrugEvent.STOPPED, 50),
            "sertraline : arrêt le 17/11",
            "sertraline stopped on 17 Nov",
        ),
        (
            drug(DrugEvent.DOSE_CHANGED, 50, "112.5"),
            "sertraline 50 → 112,5 mg",
            "sertraline 50 → 112.5 mg",
        ),
        (
            SinceReview(DAY, side_effects=(SideEffect("sertraline", "nausées."),)),
            "effets indésirables (sertraline : nausées)",
            "side effects (sertraline: nausées)",
        ),
        (
            SinceReview(DAY, scores=(ScoreChange("gad7", 12, 14, date(2026, 6, 11)),)),
            "GAD-7 12 le 11/06 → 14 (+2)",
            "GAD-7 12 on 11 Jun → 14 (+2)",
        ),
        (SinceReview(DAY, missed_contacts=2), "2 contacts manqués", "2 missed contacts"),
        (
            SinceReview(DAY, answers={"done": 1, "declined": 1}),
            "2 réponses (1 faite, 1 déclinée)",
            "2 answers (1 done, 1 declined)",
        ),
        (
            SinceReview(DAY, answers={"acknowledged": 2, "refused_by_patient": 2}),
            "4 réponses (2 lues, 2 refusées par le patient)",
            "4 answers (2 acknowledged, 2 refused by the patient)",
        ),
        (
            SinceReview(DAY, failed_deliveries=1),
            "1 compte rendu non remis",
            "1 letter not delivered",
        ),
    ],
)
def test_each_change_is_said(changes, french, english):
    with speaking("fr"):
        said = since_review_in_words(changes, TODAY).replace("\N{NO-BREAK SPACE}", " ")
        assert said == f"Depuis la revue du 12/11 : {french}."
    with speaking("en"):
        said = since_review_in_words(changes, TODAY).replace("\N{NO-BREAK SPACE}", " ")
        assert said == f"Since the review of 12 Nov: {english}."
