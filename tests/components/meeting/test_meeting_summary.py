"""The summary of a meeting: patients and tasks as they were typed."""

from dataclasses import replace

from streamlit.testing.v1 import AppTest

from dashboard.clinical.meeting.meetings import MeetingSummary
from dashboard.components.elements.escaping import plain
from tests.clinical.meeting.test_meetings import FIRST, MEETING, agreed, line, review

TYPED = "**call** [here](https://elsewhere.example) :red[now] $x$"


def page(summary):
    from dashboard.components.meeting.meeting_summary import meeting_summary
    from dashboard.locale import speaking

    with speaking("en"):
        meeting_summary(summary, 1)


def test_neither_patient_nor_task_is_read_as_markdown():
    typed = replace(line(1), detail=TYPED)
    one = agreed(FIRST, "reviewed", review(typed))
    named = replace(one, identity=replace(one.identity, family_name="*Un*"))
    tab = AppTest.from_function(page, args=(MeetingSummary(MEETING, (named,)),)).run()
    assert not tab.exception
    (task,) = [one.value for one in tab.markdown if "call" in one.value]
    assert plain("*Un* Camille") in task
    assert plain(TYPED) in task
