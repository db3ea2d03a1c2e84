"""The stories of generated patients contradict themselves nowhere."""

from datetime import UTC, date, datetime
from itertools import groupby

import pytest

from dashboard.demo import rows, texts
from dashboard.demo.fitting import TAKES_FOR_GRANTED, Circumstances, fitting
from dashboard.demo.patients import Registry, rows_of
from tests.demo.conftest import AS_OF, PATIENTS
from tests.demo.contradictions import CONTRADICTIONS, Story

CASES = 500


@pytest.fixture(scope="module")
def stories():
    """Return the first 500 patients of the demonstration, and the last."""
    chosen = (range(1, CASES // 2 + 1), range(PATIENTS - CASES // 2 + 1, PATIENTS + 1))
    registry = Registry(PATIENTS, 1, AS_OF)
    made = [one for numbers in chosen for one in rows_of(registry, numbers)]
    return [Story(list(found)) for _id, found in groupby(made, _patient_of(made))]


def _patient_of(made):
    """Return a function that gives the number of the patient whose row comes next."""
    number = 0

    def patient(row):
        nonlocal number
        number += isinstance(row, rows.Patient)
        return number

    return patient


def test_five_hundred_cases_are_read(stories):
    assert len(stories) == CASES
    assert all(len(one.of(rows.Patient)) == 1 for one in stories)


@pytest.mark.parametrize("contradiction", CONTRADICTIONS, ids=lambda one: one.__name__)
def test_no_story_has_this_contradiction(stories, contradiction):
    assert [said for story in stories for said in contradiction(story)] == []


AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAY, BEFORE = AT.date(), date(2026, 6, 1)
NURSE, GP, DOCTOR = 2, 3, 4
PATIENT = rows.Patient(1, "Roux", "Anne", date(1955, 1, 1), "female", None, None)
EPISODE = rows.Episode(
    *(1, 1, 1, GP, NURSE, DOCTOR, BEFORE, BEFORE, BEFORE),
    *("active", None, None, "Dépression", None, None),
)
SERTRALINE = rows.Medication(1, 1, "N06AB06", "sertraline", 50, False, BEFORE)


def asked(question):
    return rows.Preparation("q", 1, 1, NURSE, question, AT, AT)


def review(summary=""):
    values = {**dict.fromkeys(rows.CaseReview._fields), "id": "r", "signed_at": AT}
    return rows.CaseReview(**values | {"summary": summary})


def line(**values):
    known = dict.fromkeys(rows.Recommendation._fields) | {"id": "l", "case_review_id": "r"}
    return rows.Recommendation(**known | {"kind": "medication", "detail": ""} | values)


def answer(outcome, reason, by=NURSE):
    return rows.Answer("a", "l", 1, by, outcome, reason, AT)


def form(instrument, total, taken_on=DAY):
    return rows.Assessment(1, 1, instrument, taken_on, total, None, NURSE)


PLANTED = {
    "a_safety_line_is_not_due_in_two_days": [review(), line(kind="safety")],
    "a_safety_line_that_is_not_done_for_weeks": [
        review()._replace(signed_at=AT.replace(month=9)),
        line(kind="safety"),
        asked("Peut-on espacer les appels ?"),
    ],
    "an_alternative_that_is_taken_or_has_failed": [
        review(),
        line(alternative="sertraline 50 mg/j"),
        SERTRALINE._replace(stopped_on=date(2026, 9, 1), stop_reason="inefficacité"),
    ],
    "a_short_treatment_is_told_that_is_long": [
        SERTRALINE,
        review("Durée de traitement encore courte."),
    ],
    "an_old_score_is_told_as_the_present_one": [
        form("phq9", 14),
        form("gad7", 12, BEFORE),
        review("PHQ-9 20 → 14 en 3 semaines, GAD-7 12."),
    ],
    "a_next_review_later_than_the_need_asks": [
        form("phq9", 20),
        review()._replace(next_review_on=date(2026, 11, 17)),
    ],
    "a_drug_well_taken_that_is_taken_in_part": [
        SERTRALINE._replace(adherence="partial"),
        asked("Pas d’amélioration malgré le traitement bien pris. Que changer ?"),
    ],
    "a_straight_apostrophe": [review("Pas d'antidépresseur.")],
    "a_line_of_advice_with_two_colons": [
        review(),
        line(action="stop", drug_name="hydroxyzine", titration="d’emblée", detail="Inefficacité"),
    ],
    "drugs_are_refused_by_somebody_who_takes_some": [SERTRALINE, asked("Refuse les médicaments")],
    "a_question_about_an_antidepressant_that_is_not_taken": [asked("Changer de molécule ?")],
    "a_question_about_starting_an_antidepressant_that_is_taken": [
        SERTRALINE,
        asked("Faut-il proposer un antidépresseur ?"),
    ],
    "a_question_about_a_benzodiazepine_that_is_not_taken": [asked("Benzodiazépine au long cours")],
    "a_question_about_an_increase_that_was_not_made": [
        SERTRALINE,
        asked("Nausées depuis l’augmentation"),
    ],
    "a_stop_is_told_that_did_not_happen": [review("Traitement interrompu")],
    "adherence_is_doubted_where_no_drug_is_taken": [review("Observance à vérifier")],
    "ideation_is_told_that_no_form_shows": [asked("Idées noires exprimées")],
    "a_pensioner_is_said_to_work": [asked("Reprise du travail")],
    "a_flag_from_outside_every_episode": [
        rows.Flag(1, 1, "safety", NURSE, AT.replace(month=5), "avant")
    ],
    "a_prescription_made_by_somebody_else_than_the_gp": [
        line(),
        answer("done", "Ordonnance faite."),
    ],
    "a_refusal_of_the_gp_told_by_the_nurse": [
        line(owner_role="gp"),
        answer("declined", "Trop tôt."),
    ],
    "an_answer_about_something_else": [
        line(kind="sequence"),
        answer("refused_by_patient", "Ne souhaite pas de prise de sang."),
    ],
    "a_slower_increase_of_something_that_is_not_increased": [
        line(action="stop"),
        answer("modified", "Augmentation plus lente."),
    ],
    "a_safety_line_done_without_a_finding": [line(kind="safety"), answer("done", None)],
    "a_detail_that_repeats_the_action": [
        line(action="stop", drug_name="hydroxyzine", detail="Arrêter l’hydroxyzine.")
    ],
    "advice_that_does_not_fit_the_drugs_taken": [
        review(),
        line(action="increase", atc_code="N06AB06", drug_name="sertraline"),
    ],
    "an_alternative_that_is_a_sentence_about_itself": [line(alternative="Si échec : autre")],
    "a_nurse_is_called_infirmier": [review("Vu avec l’infirmier")],
    "activation_is_continued_that_was_not_begun": [
        review(),
        line(kind="other", detail="Poursuivre l’activation, un objectif."),
    ],
}
"""For each contradiction, rows that contain it."""


@pytest.mark.parametrize("contradiction", CONTRADICTIONS, ids=lambda one: one.__name__)
def test_each_contradiction_is_found_where_it_is(contradiction):
    story = Story([PATIENT, EPISODE, *PLANTED[contradiction.__name__]])
    assert list(contradiction(story))


CHOICES = {
    **{f"question, {state}": found for state, found in texts.QUESTIONS.items()},
    **{f"closing words, {state}": found for state, found in texts.CLOSING_WORDS.items()},
    **{f"contact, {trend}": found for trend, found in texts.CONTACT_NOTES.items()},
    **{
        f"answer, {topic} {outcome}": found
        for topic, by_outcome in texts.ANSWER_TEXTS.items()
        for outcome, found in by_outcome.items()
    },
    "discussion": texts.DISCUSSION_NOTES,
}


@pytest.mark.parametrize("what", CHOICES)
def test_something_can_be_said_of_everybody(what):
    nothing = Circumstances(works=False, any_drug=True, antidepressant=True)
    assert fitting(CHOICES[what], nothing)
    assert fitting(CHOICES[what], Circumstances(works=False))


def test_every_text_with_a_condition_is_one_of_the_texts():
    said = {text for found in CHOICES.values() for text in found} | {*texts.SAFETY_NOTES}
    assert TAKES_FOR_GRANTED.keys() <= said
