"""The summary of a meeting: patients and tasks as they were typed."""

from dataclasses import replace
from datetime import date

from streamlit.testing.v1 import AppTest

from dashboard.clinical.deidentification import presented_identity
from dashboard.clinical.meeting.meetings import MeetingSummary
from dashboard.components.elements.escaping import plain
from tests.clinical.meeting.test_meetings import FIRST, MEETING, SECOND, agreed, line, review

TYPED = "**call** [here](https://elsewhere.example) :red[now] $x$"


TODAY = date(2026, 11, 30)


def page(summary, today):
    from dashboard.components.meeting.meeting_summary import meeting_summary
    from dashboard.locale import speaking

    with speaking("en"):
        meeting_summary(summary, 1, today)


def test_neither_patient_nor_task_is_read_as_markdown():
    typed = replace(line(1), detail=TYPED)
    one = agreed(FIRST, "reviewed", review(typed))
    named = replace(one, identity=replace(one.identity, family_name="*Un*"))
    tab = AppTest.from_function(page, args=(MeetingSummary(MEETING, (named,)), TODAY)).run()
    assert not tab.exception
    (task,) = [one.value for one in tab.markdown if "call" in one.value]
    assert plain("*Un* Camille") in task
    assert plain(TYPED) in task


def test_patients_with_the_same_initial_are_told_apart_by_their_age_on_a_shared_screen():
    people = [
        presented_identity(replace(agreed(item, None).identity, birth_date=born), TODAY)
        for item, born in ((FIRST, date(1983, 5, 2)), (SECOND, date(2004, 5, 2)))
    ]
    found = tuple(
        replace(agreed(item, None), identity=who)
        for item, who in zip((FIRST, SECOND), people, strict=True)
    )
    tab = AppTest.from_function(page, args=(MeetingSummary(MEETING, found), TODAY)).run()
    assert [one.value for one in tab.text] == ["1. Ms U., 43", "2. Ms U., 22"]


def test_a_case_that_was_on_the_screen_is_not_listed_as_not_reached():
    found = (agreed(replace(FIRST, seconds_spent=120), None), agreed(SECOND, None))
    tab = AppTest.from_function(page, args=(MeetingSummary(MEETING, found), TODAY)).run()
    said = [one.value for one in tab.markdown]
    opened, left = (
        next(place for place, one in enumerate(said) if words in one)
        for words in ("opened, not decided", "not reached")
    )
    assert opened < left
