"""The letter for a GP's own software: plain lines, and everything that the PDF says."""

from dataclasses import replace

import pytest

from dashboard.clinical.advice.lines import DraftLine, DraftReview
from dashboard.letters.plain_text import WIDTH, plain_text
from tests.support import chart_cases
from tests.support.letter_reading import flat
from tests.support.letter_samples import NURSE, REVIEW, case, letter, typed


def said(**changed) -> str:
    return flat(plain_text(letter(language="en", **changed)))


def test_it_says_what_tele_expertise_asks():
    text = said()
    for expected in (
        *("LEFÈVRE Camille", "born 2 May 1983", "43 years"),
        "Tuesday 24 November 2026 at 14:32",
        *("Dr Moreau Anne, psychiatrist, RPPS 10001234567", "Dr Petit Claude", "Roux Léa, nurse"),
        *("given on 7 Apr 2026", "Augmenter ou changer ?", "Réponse partielle"),
        *("1. Increase sertraline to 100 mg/day", "Steps: 50 mg de plus, palier unique"),
        *("If it does not work: venlafaxine LP 75 mg", "GP (you) · by 8 Dec 2026"),
        *("PHQ-9", "19 (31 Mar 2026)", "mirtazapine 7.5 mg/day", "Last contact kept"),
        *("call 15", "3114", "Safety plan: see recommendation 4"),
        "Next review on Tuesday 22 December 2026",
        "without examining the patient; the decision to prescribe is the GP's",
        "Signed electronically by Dr Moreau Anne on 24 Nov 2026 14:32",
    ):
        assert expected.lower() in text.lower(), expected


def test_recommendations_come_before_what_they_rest_on():
    text = plain_text(letter(language="en"))
    places = [text.index(one) for one in ("RECOMMENDATIONS", "SUMMARY", "WHAT WAS SEEN")]
    assert places == sorted(places)


def test_a_switch_names_the_drug_that_is_replaced_and_watches_it_no_more():
    switch = replace(
        REVIEW.lines[0],
        action="switch",
        replaced_atc_code="N06AX11",
        replaced_drug_name="mirtazapine",
    )
    text = said(review=replace(REVIEW, lines=(switch,)))
    assert "1. Switch from mirtazapine to sertraline 100 mg/day" in text
    assert "mirtazapine: weight" in said()
    assert "mirtazapine: weight" not in text


def test_what_was_missing_is_said():
    text = said(of=case(chart_cases.single(), consented_on=None, diagnosis_code=None))
    assert "Consent: not recorded" in text
    for missing in ("Consent not recorded", "No diagnosis", "No GAD-7 in this episode"):
        assert missing in text


CSSRS = "C-SSRS of 8 Sep 2026: answered yes: 4 (suicidal ideation with some intent to act"


@pytest.mark.parametrize("items", [(0, 0, 0, 1, 0, 0), (0, 0, 0, 1, None, None)])
def test_a_cssrs_is_its_questions_answered_yes_without_severity_sum_or_trend(items):
    forms = [
        chart_cases.form("cssrs", chart_cases.week(place), sum(filter(None, items)), items)
        for place in (0, 3)
    ]
    text = said(of=case(chart_cases.case(assessments=forms)))
    assert CSSRS in text
    assert text.count("C-SSRS") == 1
    assert "no questionnaire has asked about them" not in text


@pytest.mark.parametrize("items", [None, (None,) * 6, (-1,) * 6])
def test_a_cssrs_without_an_answer_does_not_hide_the_one_before(items):
    forms = [
        chart_cases.form("cssrs", chart_cases.week(3), 1, (0, 0, 0, 1, 0, 0)),
        chart_cases.form("cssrs", chart_cases.week(5), None, items),
    ]
    assert CSSRS in said(of=case(chart_cases.case(assessments=forms)))


def test_graver_answers_before_the_latest_that_no_decision_followed_are_said():
    forms = [
        chart_cases.whole("phq9", chart_cases.week(3), 16, 3),
        chart_cases.whole("phq9", chart_cases.week(5), 9, 0),
        chart_cases.form("cssrs", chart_cases.week(3), 2, (0, 1, 0, 1, 0, 0)),
        chart_cases.form("cssrs", chart_cases.week(5), 0, (0,) * 6),
    ]
    text = said(of=case(chart_cases.case(assessments=forms)))
    assert "PHQ-9 of 22 Sep 2026: none reported" in text
    assert "C-SSRS of 22 Sep 2026: no question answered yes." in text
    assert (
        "No risk decision before this review: PHQ-9 of 8 Sep 2026, suicidal thoughts present"
        " (answer 3); C-SSRS of 8 Sep 2026, answered yes: 2, 4 (suicidal ideation with some intent"
        " to act, without specific plan)."
    ) in text


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (2, "present (answer 2)"),
        (0, "none reported, which does not exclude a risk"),
        (None, "not known, which does not exclude a risk"),
    ],
)
def test_suicidal_thoughts_have_three_states(answer, expected):
    form = (
        chart_cases.form("phq9", chart_cases.week(10), 14)
        if answer is None
        else chart_cases.whole("phq9", chart_cases.week(10), 14, answer)
    )
    assert expected in said(of=case(assessments=(form,)))


def test_no_questionnaire_at_all_leaves_the_risk_unknown():
    assert "the risk is unknown" in said(of=case(assessments=()))


def test_lines_fit_old_software_unless_they_are_addresses():
    url = f"https://example.org/answer/{'x' * 200}"
    lines = plain_text(letter(answer_url=url)).splitlines()
    assert [line for line in lines if len(line) > WIDTH] == [
        line for line in lines if line.endswith(url)
    ]
    assert any(line.endswith(url) for line in lines)


def test_nothing_typed_is_cut():
    words = [f"mot{number}" for number in range(600)]
    review = replace(REVIEW, summary=" ".join(words))
    assert " ".join(words) in flat(plain_text(letter(review=review)))


def test_control_and_direction_signs_are_not_handed_on():
    text = plain_text(typed("a\x00\x07\x1b[31mb\u202ec\u2066d"))
    assert not [sign for sign in text if ord(sign) < 32 and sign != "\n"]
    assert not set(text) & set("\u202e\u2066")


def test_a_preview_says_that_it_is_not_signed():
    text = said(signed_at=None)
    assert "Preview: not signed, not sent." in text
    assert "Signed electronically" not in text


def test_nothing_to_change_is_said():
    review = DraftReview(summary="Va bien.", outcome="no_change")
    text = said(review=review)
    assert "Seen, without change." in text
    assert "No next review is set." in text


def test_what_the_nurse_does_is_marked_in_the_nurses_letter():
    text = said(recipient=NURSE)
    assert "nurse (you)" in text
    assert "GP (you)" not in text


def test_a_drug_that_asks_to_be_watched_is_watched_unless_it_is_stopped():
    line = DraftLine("a", "medication", "start", "N06AX16", "venlafaxine LP", "75", owner_role="gp")
    watched = said(review=replace(REVIEW, lines=(line,)))
    assert "venlafaxine LP: blood pressure" in watched
    stopped = said(review=replace(REVIEW, lines=(replace(line, action="stop"),)))
    assert "blood pressure" not in stopped
