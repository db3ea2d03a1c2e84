"""Decisions of a meeting, and what came in, in words."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from uuid import UUID

import pytest

from dashboard.clinical.advice.drafts import ChangedMeanwhile, DraftInTheWay, NotReady, NotYours
from dashboard.clinical.advice.lines import Problem
from dashboard.clinical.case.case_file import Answer, Flag
from dashboard.clinical.meeting.meetings import AlreadyDecided, Arrived, MeetingItem, NotRunning
from dashboard.clinical.people import Person
from dashboard.words.meeting.meetings import (
    arrivals_in_words,
    cases_in_words,
    decided_in_words,
    decision_in_words,
    last_meeting_in_words,
    minutes,
    not_signed_in_words,
    outcome_name,
    refusal_in_words,
    with_whom,
)
from tests.support.case_files import SERTRALINE, contact, form
from tests.support.export_records import line

ON = date(2026, 11, 18)
MOREAU, ROUX = Person(1, "Moreau", "Anne"), Person(2, "Roux", "Nadia")


def item(outcome=None, **values):
    return MeetingItem(UUID(int=1), 7, 1, "rule", outcome, decided_by=ROUX, **values)


@pytest.mark.parametrize(
    ("outcome", "said"),
    [("reviewed", "reviewed"), ("no_change", "no change"), ("deferred", "deferred")],
)
def test_an_outcome_has_a_name(outcome, said):
    assert outcome_name(outcome) == said


@pytest.mark.parametrize(
    ("outcome", "reason", "said"),
    [
        ("reviewed", None, "Reviewed by Roux"),
        ("no_change", None, "Seen without change by Roux"),
        ("deferred", "bilan attendu", "Deferred by Roux: bilan attendu"),
    ],
)
def test_a_decision_says_what_by_whom_and_why(outcome, reason, said):
    assert decision_in_words(item(outcome, reason=reason)) == said


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (AlreadyDecided(item("reviewed")), "Reviewed by Roux. Nothing was changed"),
        (ChangedMeanwhile(()), "Something has come in on this case"),
        (DraftInTheWay(), "A review is being written for this case"),
        (NotReady((Problem("risk", "alert_stands"),)), "An alert stands"),
        (NotReady((Problem("answer", "missing"),)), "The nurse’s question has no answer"),
        (NotReady((Problem("risk", "no_summary"),)), "This case asks for a review"),
        (NotRunning(), "The meeting has ended."),
        (NotYours(), "This case is no longer one of yours."),
        (RuntimeError(), "That was not recorded. Try again."),
    ],
)
def test_a_refusal_says_why_nothing_was_decided(refusal, said):
    assert refusal_in_words(refusal).startswith(said)


def test_a_review_that_was_not_signed_leaves_out_the_reason_of_another():
    said = not_signed_in_words(item("deferred", reason="bilan attendu"))
    assert said.startswith("Deferred by Roux in the meeting. Nothing was signed")
    assert "bilan" not in said


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 min"), (29, "0 min"), (30, "1 min"), (3_600, "1 h")]
)
def test_a_minute_counts_once_half_of_it_is_over(seconds, said):
    assert minutes(seconds) == said


@pytest.mark.parametrize(
    ("me", "said"),
    [
        (1, "Meeting with Roux Nadia"),
        (2, "Meeting with Dr Moreau Anne"),
        (9, "Meeting with Dr Moreau Anne – Roux Nadia (cover)"),
    ],
)
def test_a_meeting_is_with_the_other_of_the_pair(me, said):
    assert with_whom(SimpleNamespace(psychiatrist=MOREAU, nurse=ROUX), me) == said


def test_the_button_of_a_past_meeting_says_that_it_is_over():
    past = SimpleNamespace(psychiatrist=MOREAU, nurse=ROUX, held_on=ON)
    assert last_meeting_in_words(past, 2) == "Last meeting with Dr Moreau Anne, 18 Nov"


def test_each_arrival_is_a_phrase():
    at = datetime(2026, 11, 18, 9, tzinfo=UTC)
    arrived = Arrived(
        assessments=(form("phq9", ON, 12), form("phq9", ON, 99)),
        contacts=(contact(ON), contact(ON, attended=False)),
        treatments=(SERTRALINE,),
        flags=(Flag(1, "safety", ROUX, at, None, None, None),),
        questions=(SimpleNamespace(),),
        answers=((line(2), Answer(UUID(int=3), ROUX, "done", None, at)),),
    )
    assert arrivals_in_words(arrived) == [
        "PHQ-9 12 of 18 Nov 2026",
        "PHQ-9 99 of 18 Nov 2026",
        "contact of 18 Nov 2026",
        "missed contact of 18 Nov 2026",
        "treatment: sertraline from 10 Sep 2026",
        "flag (safety) of 18 Nov",
        "a question of the nurse",
        "answer of Roux to recommendation 2: done",
    ]


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        (("reviewed", "deferred"), "2 cases"),
        (("reviewed", None, None), "1 of 3 cases decided"),
        ((None, None), "0 of 2 cases decided"),
    ],
)
def test_the_cases_without_a_decision_are_not_counted_as_discussed(outcomes, said):
    items = tuple(item(outcome) for outcome in outcomes)
    assert decided_in_words(SimpleNamespace(items=items)) == said


def test_cases_are_counted():
    assert [cases_in_words(count) for count in (1, 12)] == ["1 case", "12 cases"]
