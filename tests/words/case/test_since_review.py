"""The sentence about the changes since the last review, in both languages."""

from datetime import date
from decimal import Decimal

import pytest

from dashboard.clinical.case.case_file import Sequence
from dashboard.clinical.case.drug_changes import DrugChange, DrugEvent
from dashboard.clinical.case.since_review import (
    ItemChange,
    ScoreChange,
    SideEffect,
    SinceReview,
    Spell,
)
from dashboard.locale import speaking
from dashboard.words.case.since_review import since_review_in_words
from tests.support.case_files import form

DAY, TODAY, LATER = date(2026, 11, 12), date(2026, 11, 24), date(2026, 11, 17)


def drug(event, before=None, after=None, **values):
    doses = [None if dose is None else Decimal(dose) for dose in (before, after)]
    return SinceReview(DAY, drugs=(DrugChange(event, "sertraline", LATER, *doses, **values),))


def cssrs(*items):
    return form("cssrs", LATER, items=items)


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
            drug(DrugEvent.CHANGED),
            "sertraline : modification",
            "sertraline changed",
        ),
        (
            drug(DrugEvent.ONLY_AS_NEEDED, 300),
            "sertraline seulement si besoin depuis le 17/11",
            "sertraline only as needed since 17 Nov",
        ),
        (
            drug(DrugEvent.STARTED, None, 25, as_needed=True),
            "sertraline 25 mg si besoin depuis le 17/11",
            "sertraline 25 mg as needed started on 17 Nov",
        ),
        (
            drug(DrugEvent.STOPPED, 25, as_needed=True),
            "sertraline si besoin : arrêt le 17/11",
            "sertraline as needed stopped on 17 Nov",
        ),
        (
            SinceReview(DAY, item9=ItemChange(0, 0, 2)),
            "item 9 de 0 à 2, puis 0",
            "item 9 from 0 to 2, then 0",
        ),
        (
            SinceReview(DAY, item9=ItemChange(None, 0, 2)),
            "item 9 à 2, puis 0",
            "item 9 at 2, then 0",
        ),
        (
            SinceReview(DAY, screenings=(cssrs(1, 1, 1, 1, 1, 0),)),
            "C-SSRS du 17/11 (répondu oui : 1, 2, 3, 4, 5 (idéation suicidaire avec plan précis et"
            " intention de passage à l’acte))",
            "C-SSRS of 17 Nov (answered yes: 1, 2, 3, 4, 5 (suicidal ideation with specific plan"
            " and intent))",
        ),
        (
            SinceReview(DAY, screenings=(cssrs(0, 0, 0, 0, 0, None),)),
            "C-SSRS du 17/11 (aucune réponse positive ; sans réponse : 6)",
            "C-SSRS of 17 Nov (no question answered yes; not answered: 6)",
        ),
        (
            SinceReview(DAY, flags=(Spell("safety", LATER),)),
            "signalement (sécurité) du 17/11",
            "flag (safety) of 17 Nov",
        ),
        (
            SinceReview(DAY, flags=(Spell("safety", None, LATER),)),
            "signalement (sécurité) levé le 17/11",
            "flag (safety) cleared on 17 Nov",
        ),
        (
            SinceReview(DAY, flags=(Spell("discussion", LATER, TODAY),)),
            "signalement (discussion) du 17/11, levé le 24/11",
            "flag (discussion) of 17 Nov, cleared on 24 Nov",
        ),
        (
            SinceReview(DAY, conditions=(Spell("Grossesse", LATER),)),
            "Grossesse depuis le 17/11",
            "Grossesse since 17 Nov",
        ),
        (
            SinceReview(DAY, conditions=(Spell("Grossesse", None, LATER),)),
            "Grossesse : fin le 17/11",
            "Grossesse ended on 17 Nov",
        ),
        (
            SinceReview(DAY, care=(Spell("psychologist", LATER, TODAY),)),
            "psychologue du 17/11 au 24/11",
            "psychologist from 17 Nov to 24 Nov",
        ),
        (
            SinceReview(DAY, sequence=Sequence("classique", 2, LATER, TODAY)),
            "séquence classique 2 depuis le 17/11",
            "sequence classic 2 since 17 Nov",
        ),
        (SinceReview(DAY, questions=1), "1 question ouverte", "1 open question"),
        (
            SinceReview(DAY, safety_plan_on=LATER),
            "plan de sécurité du 17/11",
            "safety plan of 17 Nov",
        ),
        (SinceReview(DAY, unscored=("PHQ-9",)), "PHQ-9 sans score", "PHQ-9 without a score"),
        (SinceReview(DAY, contacts=2), "2 contacts honorés", "2 contacts kept"),
        (
            SinceReview(DAY, withdrawn=1),
            "1 recommandation retirée",
            "1 recommendation withdrawn",
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


def test_the_dangerous_comes_first():
    changes = SinceReview(
        DAY,
        screenings=(cssrs(1, 0, 0, 0, 0, 0),),
        item9=ItemChange(0, 2),
        flags=(Spell("safety", LATER),),
        failed_deliveries=1,
        conditions=(Spell("Grossesse", LATER),),
        questions=1,
        scores=(ScoreChange("phq9", 18, 12),),
        answers={"done": 1},
    )
    with speaking("en"):
        assert since_review_in_words(changes, TODAY) == (
            "Since the review of 12 Nov: C-SSRS of 17 Nov (answered yes: 1 (wish to be dead)),"
            " item 9 from 0 to 2, flag (safety) of 17 Nov, 1 letter not delivered,"
            " Grossesse since 17 Nov, 1 open question, PHQ-9 18 → 12 (−6),"
            " 1 answer (1 done)."
        )


def test_a_sequence_and_kept_contacts_are_said_only_if_nothing_else_is():
    sequence = Sequence("classique", 2, LATER, TODAY)
    changes = SinceReview(DAY, sequence=sequence, contacts=2, missed_contacts=1)
    with speaking("en"):
        assert since_review_in_words(changes, TODAY).endswith(": 1 missed contact.")
