"""The letter's words on the risk, and on the advice of earlier letters."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from dashboard.clinical.advice.lines import DraftReview, DraftSettlement
from dashboard.clinical.case.case_file import Recommendation
from dashboard.clinical.risk import RiskStatement
from dashboard.letters.content import from_json, to_json
from dashboard.letters.pdf import letter_pdf
from dashboard.letters.plain_text import plain_text
from dashboard.letters.sheet import sheet_of
from dashboard.vocabulary import RiskLevel, SettlementKind
from tests.support import chart_cases
from tests.support.letter_reading import flat, tags, words
from tests.support.letter_samples import NURSE, REVIEW, case, letter

SERTRALINE, SLEEP, PLAN, TSH = (str(UUID(int=number)) for number in (11, 12, 13, 14))
EARLIER = date(2026, 11, 12)


def line(number, kind, detail, owner, **values):
    return Recommendation(
        id=UUID(int=10 + number),
        position=number,
        kind=kind,
        detail=detail,
        owner_role=owner,
        **dict.fromkeys(("action", "atc_code", "drug_name", "daily_dose_mg", "titration"))
        | {"alternative": None, "due_on": date(2026, 11, 26)}
        | values,
    )


def followed_case():
    """Return a case whose last review gave four lines that have no answer."""
    given = replace(
        chart_cases.review(EARLIER),
        recommendations=(
            line(
                1,
                "medication",
                "",
                "gp",
                action="start",
                drug_name="sertraline",
                daily_dose_mg=Decimal(50),
            ),
            line(2, "psychotherapy", "Hygiène du sommeil", "nurse"),
            line(3, "safety", "Appel à 48 heures", "nurse"),
            line(4, "investigation", "Dosage de la TSH", "gp"),
        ),
    )
    return replace(case(), reviews=(given,))


SETTLING = replace(
    REVIEW,
    lines=REVIEW.lines[:3],
    risk=RiskStatement(RiskLevel.MODERATE, date(2026, 12, 8)),
    settlements=(
        DraftSettlement(SERTRALINE, SettlementKind.REPLACED, replaced_by="a"),
        DraftSettlement(SLEEP, SettlementKind.KEPT),
        DraftSettlement(PLAN, SettlementKind.KEPT, date(2026, 11, 27)),
        DraftSettlement(TSH, SettlementKind.WITHDRAWN, reason="Déjà fait"),
    ),
)


def said(review=SETTLING, **changed):
    return flat(plain_text(letter(followed_case(), review, **changed)))


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en",
            (
                "Moderate risk of suicide. What is done: see no. 3 of the review of 12 Nov 2026,"
                " which is kept. Risk to be reassessed by Tuesday 8 December 2026.",
                "KEPT FROM EARLIER REVIEWS",
                "- Psychotherapy Hygiène du sommeil No. 2 of the review of 12 Nov 2026 > nurse"
                " · by 26 Nov 2026",
                "Appel à 48 heures No. 3 of the review of 12 Nov 2026 > nurse · by 27 Nov 2026",
                "NOT WANTED ANY MORE",
                "- Start sertraline 50 mg/day (no. 1 of the review of 12 Nov 2026): replaced by"
                " recommendation 1",
                "- Investigation: Dosage de la TSH (no. 4 of the review of 12 Nov 2026):"
                " withdrawn: Déjà fait",
            ),
        ),
        (
            "fr",
            (
                "Risque suicidaire modéré. Conduite à tenir : voir nº 3 de la revue du 12/11/2026,"
                " maintenue. Risque à réévaluer au plus tard le mardi 8 décembre 2026.",
                "MAINTENU DES REVUES PRÉCÉDENTES",
                "Appel à 48 heures Nº 3 de la revue du 12/11/2026 > IDE · pour le 27/11/2026",
                "À NE PLUS FAIRE",
                "Débuter sertraline 50 mg/j (nº 1 de la revue du 12/11/2026) : remplacée par la"
                " recommandation 1",
                "(nº 4 de la revue du 12/11/2026) : retirée : Déjà fait",
            ),
        ),
    ],
)
def test_a_letter_says_the_decision_and_what_became_of_earlier_advice(language, expected):
    text = said(language=language)
    for words_ in expected:
        assert flat(words_) in text, words_


def test_the_pdf_says_what_the_plain_text_says():
    content = letter(followed_case(), SETTLING, language="en")
    text = words(letter_pdf(content))
    for expected in (
        *("Moderate risk of suicide.", "Risk to be reassessed by Tuesday 8 December 2026."),
        *("Kept from earlier reviews", "Appel à 48 heures", "by 27 Nov 2026"),
        *("Not wanted any more", "replaced by recommendation 1", "withdrawn: Déjà fait"),
    ):
        assert expected in text, expected
    assert text.index("Moderate risk") < text.index("Recommendations")
    assert text.index("Not wanted any more") < text.index("Summary")
    assert tags(letter_pdf(content)).count("/Table") == 3


def test_a_decision_that_was_left_open_is_said_to_be():
    review = replace(SETTLING, risk=RiskStatement(RiskLevel.NOT_ASSESSED))
    assert "Risk not assessed in this review." in said(review, language="en")
    assert "Risque non évalué lors de cette revue." in said(review, language="fr")


def test_a_decision_without_a_safety_line_says_why_none_is_needed():
    risk = RiskStatement(RiskLevel.LOW, reason="Idées passives anciennes")
    review = DraftReview("Stable", (), None, risk=risk)
    text = flat(plain_text(letter(case(), review, language="en")))
    assert (
        "Low risk of suicide. What is done: Idées passives anciennes."
        " No day of reassessment is set." in text
    )


def test_a_new_safety_line_is_what_is_done():
    review = replace(REVIEW, risk=RiskStatement(RiskLevel.HIGH, date(2026, 12, 1)))
    text = flat(plain_text(letter(review=review, language="en")))
    assert "High risk of suicide. What is done: see recommendation 4." in text


def test_a_review_that_changes_nothing_says_what_it_keeps():
    review = DraftReview(
        "Stable",
        (),
        date(2026, 12, 22),
        "no_change",
        settlements=(DraftSettlement(SLEEP, SettlementKind.KEPT),),
    )
    text = said(review, language="en")
    assert "Seen, without change." in text
    assert "Hygiène du sommeil" in text


def test_a_drug_that_a_kept_line_stops_is_not_to_be_monitored():
    stop = line(
        5, "medication", "", "gp", action="stop", atc_code="N06AX16", drug_name="venlafaxine"
    )
    told = followed_case()
    (given,) = told.reviews
    told = replace(told, reviews=(replace(given, recommendations=(stop,)),))
    keeping = replace(REVIEW, settlements=(DraftSettlement(str(stop.id), SettlementKind.KEPT),))
    content = letter(told, keeping, language="en")
    assert [one.advice.action for one in content.settled] == ["stop"]
    assert not [one for one in sheet_of(content).monitoring.lines if "blood pressure" in one]


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (REVIEW.lines, "see recommendation 3; see no. 4 of the review of 12 Nov 2026,"),
        (REVIEW.lines[:1], "see no. 4 of the review of 12 Nov 2026,"),
    ],
    ids=["with a new one", "alone"],
)
def test_a_kept_investigation_is_named_under_monitoring(new, said):
    kept = DraftSettlement(TSH, SettlementKind.KEPT)
    content = letter(
        followed_case(), replace(REVIEW, lines=new, settlements=(kept,)), language="en"
    )
    assert sheet_of(content).monitoring.lines[-1] == f"Investigations: {said} which is kept."


def test_a_kept_line_is_marked_for_whoever_does_it():
    for_nurse = sheet_of(letter(followed_case(), SETTLING, recipient=NURSE))
    assert [(one.number, one.mine) for one in for_nurse.kept] == [(None, True), (None, True)]
    assert not any(one.mine for one in sheet_of(letter(followed_case(), SETTLING)).kept)


def test_a_letter_of_before_says_nothing_of_risk_or_earlier_advice():
    held = to_json(letter())
    del held["risk"], held["settled"]
    old = from_json(held)
    assert old == letter()
    sheet = sheet_of(old)
    assert (sheet.risk, sheet.kept, sheet.ended.lines) == ((), (), ())
    assert "RISQUE SUICIDAIRE" not in plain_text(old).upper()


def test_it_comes_back_from_json_as_it_was():
    content = letter(followed_case(), SETTLING)
    assert from_json(to_json(content)) == content
