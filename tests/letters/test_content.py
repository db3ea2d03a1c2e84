"""The content of a letter: all that téléexpertise requires, as it was when it was signed."""

import json
from dataclasses import replace
from datetime import date

import pytest

from dashboard.clinical.advice.lines import DraftReview
from dashboard.letters.content import file_name, from_json, to_json
from tests.support import case_files, chart_cases
from tests.support.letter_samples import GP, NURSE, QUESTION, SIGNED_AT, case, letter, typed

STORIES = [
    chart_cases.improver,
    chart_cases.non_responder,
    chart_cases.relapse,
    chart_cases.crowded,
    chart_cases.odd,
    chart_cases.single,
]


@pytest.mark.parametrize("story", STORIES)
def test_it_comes_back_from_json_as_it_was(story):
    content = letter(case(story()))
    assert from_json(json.loads(json.dumps(to_json(content)))) == content


@pytest.mark.parametrize("text", ["", 'é\n{}[]"\\', "שלום", "🙂", "x" * 4000])
def test_whatever_was_typed_comes_back_from_json(text):
    content = typed(text)
    assert from_json(json.loads(json.dumps(to_json(content)))) == content


def test_it_is_made_of_the_case_as_it_stood():
    told = case()
    content = letter(told)
    assert (content.patient.family_name, content.patient.birth_date) == (
        told.identity.family_name,
        told.identity.birth_date,
    )
    assert content.questions[0].text == QUESTION.text
    assert content.consented_on == told.consented_on
    phq9 = next(one for one in content.scores if one.instrument == "phq9")
    assert [(one.day, one.score) for one in phq9.points] == [
        (form.taken_on, form.score.value) for form in told.scores_of("phq9")
    ]
    assert len(content.drugs) == len(told.treatments)
    assert [one.position for one in content.advice] == [1, 2, 3, 4]


def test_lines_are_trimmed_as_they_are_sent():
    review = DraftReview(summary="  Vu.  ", outcome="no_change")
    assert letter(review=review).summary == "Vu."


def test_an_amendment_says_which_letter_it_replaces():
    earlier = chart_cases.review(date(2026, 11, 17), "done")
    told = case(reviews=(earlier,))
    assert letter(told, amends=earlier.id).replaces == earlier.signed_at
    assert letter(told).replaces is None


def test_a_score_without_a_valid_total_is_no_point():
    told = case(chart_cases.odd())
    for scores in letter(told).scores:
        assert len(scores.points) == len(told.scores_of(scores.instrument))


@pytest.mark.parametrize(("language", "name"), [("fr", "avis"), ("en", "advice")])
def test_the_file_name_says_nothing_of_who_the_patient_is(language, name):
    content = letter(replace(case(), episode_id=2041), language=language)
    assert file_name(content) == f"{name}-2041-2026-11-24.pdf"


def test_the_day_in_the_file_name_is_the_day_in_paris():
    late = SIGNED_AT.replace(hour=23, minute=30)
    assert file_name(letter(signed_at=late)).endswith("-2026-11-25.pdf")


@pytest.mark.parametrize("recipient", [GP, NURSE])
def test_each_letter_knows_its_recipient(recipient):
    assert letter(recipient=recipient).recipient == recipient


@pytest.mark.parametrize("purpose", ["scheduling", "message"])
def test_an_appointment_or_a_message_is_not_the_last_contact(purpose):
    kept = case_files.contact(date(2026, 9, 2))
    later = replace(case_files.contact(date(2026, 11, 22)), purpose=purpose)
    assert letter(case(contacts=(kept, later))).last_contact == kept.day


@pytest.mark.parametrize(("answer", "known"), [(0, 0), (2, 2), (None, None), (-1, None)])
def test_a_negative_answer_on_suicidal_thoughts_is_unknown(answer, known):
    form = case_files.form("phq9", date(2026, 11, 20), 10, (2, 2, 2, 2, 1, 1, 0, 0, answer))
    (scores,) = letter(case(assessments=(form,))).scores
    assert scores.risk_answer == known


@pytest.mark.parametrize(("status", "every"), [("active", 30), ("relapse_prevention", 60)])
def test_the_next_phq9_is_due_by_the_status_of_the_episode(status, every):
    assert letter(case(status=status)).phq9_every_days == every
