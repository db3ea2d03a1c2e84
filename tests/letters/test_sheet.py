"""The letter in words, from top to bottom."""

from dataclasses import replace
from datetime import date

import pytest

from dashboard.clinical.case.case_file import SafetyPlan
from dashboard.clinical.people import Person
from dashboard.letters.content import Scores, Undecided
from dashboard.letters.sheet import sheet_of
from tests.support.letter_samples import GP, NURSE, QUESTION, REVIEW, case, letter


def sheet(**values):
    return sheet_of(letter(language="en", **values))


def test_each_line_says_what_who_and_by_when():
    first = sheet().advice[0]
    assert (first.number, first.what) == (1, "Increase sertraline to 100 mg/day")
    assert first.due == "by 8 Dec 2026"
    assert first.how == (
        "Steps: 50 mg de plus, palier unique",
        "If it does not work: venlafaxine LP 75 mg",
    )


def test_equal_steps_are_not_to_be_taken_for_a_dose():
    steps = replace(REVIEW.lines[0], dose="150", titration="50 mg / 7 j")
    (line,) = sheet(review=replace(REVIEW, lines=(steps,))).advice
    assert line.how[0] == "In steps of 50 mg every 7 days"


def test_the_answer_to_the_nurse_is_named():
    answered = replace(REVIEW, answer="Augmenter.", summary="Stable.")
    assert sheet(review=answered).summary.lines == (
        "Answer to the nurse's question: Augmenter.",
        "Stable.",
    )


def test_a_question_is_that_of_the_nurse_who_asked():
    question = replace(QUESTION, nurse=Person(9, "Faure", "Inès"))
    title = sheet(of=case(questions=(question,))).question.title
    assert title.startswith("Question of Faure Inès, ")


def test_a_letter_stored_without_who_asked_names_the_nurse_of_the_patient():
    content = letter(language="en")
    content = replace(content, questions=tuple(replace(one, by="") for one in content.questions))
    assert sheet_of(content).question.title.startswith("Question of Roux Léa, ")


def test_the_role_of_a_reader_is_named_once():
    assert ("Copy", "Roux Léa, nurse") in sheet(recipient=GP).people


@pytest.mark.parametrize(
    ("recipient", "mine"), [(GP, [True, False, True, False]), (NURSE, [False, True, False, True])]
)
def test_the_lines_of_the_recipient_are_marked(recipient, mine):
    assert [line.mine for line in sheet(recipient=recipient).advice] == mine


def test_every_text_is_in_the_language_of_the_letter():
    french = sheet_of(letter(language="fr"))
    assert french.advice[0].what == "Augmenter sertraline à 100 mg/j"
    assert french.language == "fr"


def test_the_patients_record_is_not_called_the_record_of_the_tele_expertise():
    titles = [section.title for section in sheet_of(letter(language="fr")).seen]
    assert "Dossier" in titles
    assert "Traçabilité" not in titles


def test_a_review_without_change_has_no_lines():
    none = replace(REVIEW, lines=(), outcome="no_change")
    assert sheet(review=none).advice == ()


def test_what_is_typed_stands_as_it_was_typed():
    said = str(sheet())
    for text in ("insomnie persistante", "Augmenter ou changer ?", "Plan de sécurité écrit"):
        assert text in said


@pytest.mark.parametrize(
    ("answer", "said"), [(0, "none reported"), (1, "present (answer 1)"), (-1, "not known")]
)
def test_only_the_answer_0_is_none_reported(answer, said):
    content = letter(language="en")
    (phq9,) = (one for one in content.scores if one.instrument == "phq9")
    content = replace(content, scores=(replace(phq9, risk_answer=answer),))
    (line,) = (one for one in sheet_of(content).safety.lines if "PHQ-9" in one)
    assert said in line


BELOW_FLEETING = "answer 1, below fleeting thoughts"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (0, "none reported"),
        (1, f"{BELOW_FLEETING}, which does not exclude a risk."),
        (2, "present (answer 2)"),
    ],
)
def test_the_madrs_reports_suicidal_thoughts_from_the_answer_2_on(answer, said):
    assert said in madrs_line(risk_answer=answer)


@pytest.mark.parametrize(
    ("answer", "said"),
    [(1, f"suicidal thoughts: {BELOW_FLEETING}"), (2, "suicidal thoughts present (answer 2)")],
)
def test_so_does_an_earlier_madrs_that_no_decision_has_followed(answer, said):
    earlier = Undecided(date(2026, 11, 1), answer)
    assert said in madrs_line("No risk decision", risk_answer=0, undecided=(earlier,))


def madrs_line(beginning="Suicidal thoughts, MADRS", **values):
    """Return the line about safety with this beginning, of a letter that has only a MADRS."""
    scores = Scores("madrs", (), date(2026, 11, 18), **values)
    content = replace(letter(language="en"), scores=(scores,))
    (line,) = (one for one in sheet_of(content).safety.lines if one.startswith(beginning))
    return line


def test_the_patients_safety_plan_is_named_with_its_latest_day():
    plans = (
        SafetyPlan(1, date(2026, 9, 1), None),
        SafetyPlan(2, date(2026, 10, 1), date(2026, 11, 3)),
    )
    assert (
        "Safety plan on the record, of 3 Nov 2026."
        in sheet(of=case(safety_plans=plans)).safety.lines
    )
    assert not any("on the record" in one for one in sheet().safety.lines)


def test_the_letter_asks_for_a_phq9_as_often_as_the_status_requires():
    content = replace(letter(language="en"), phq9_every_days=60)
    assert sheet_of(content).monitoring.lines[0].endswith("every 60 days.")
