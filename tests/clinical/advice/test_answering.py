"""Which answers to a recommendation are taken."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from dashboard.clinical.advice.answering import (
    UNDO_ACCEPTED_FOR,
    TooLateToUndo,
    answer_after_undo,
    check_can_answer,
    check_can_undo,
    needs_reason,
    settled_by_others,
)
from dashboard.clinical.advice.inbox import NotWanted, ReasonNeeded, Superseded
from dashboard.clinical.case.case_file import Answer
from dashboard.clinical.people import Person
from dashboard.clinical.settlements import LineCourse, LineEnd, LineFact

SIGNED_AT = datetime(2026, 11, 10, 12, tzinfo=UTC)
REVIEW = UUID(int=1)

CASES = [
    # how the line ended, the answer, its reason, why it is not taken
    (None, "done", None, None),
    (None, "acknowledged", None, None),
    (None, "declined", "no", None),
    (None, "declined", None, ReasonNeeded),
    (None, "perhaps", None, ValueError),
    (LineEnd.SETTLED, "modified", None, None),
    (LineEnd.SETTLED, "acknowledged", None, NotWanted),
    (LineEnd.REPLACED, "done", None, NotWanted),
    (LineEnd.WITHDRAWN, "done", None, NotWanted),
    (LineEnd.SUPERSEDED, "done", None, Superseded),
]


@pytest.mark.parametrize(("end", "outcome", "reason", "why_not"), CASES)
def test_an_answer_is_taken_or_it_is_said_why_not(end, outcome, reason, why_not):
    line = LineFact(UUID(int=2), REVIEW, None, None)
    course = LineCourse(line, SIGNED_AT, REVIEW, SIGNED_AT, None, end)
    if why_not is None:
        check_can_answer(course, "other", outcome, reason)
    else:
        with pytest.raises(why_not):
            check_can_answer(course, "other", outcome, reason)


@pytest.mark.parametrize(
    ("kind", "outcome", "needed"),
    [
        ("other", "declined", True),
        ("other", "done", False),
        ("safety", "done", True),
        ("safety", "declined", True),
        ("safety", "acknowledged", False),
        ("safety", "modified", False),
    ],
)
def test_an_answer_needs_a_text_for_a_refusal_and_for_what_was_found(kind, outcome, needed):
    assert needs_reason(kind, outcome) is needed


ME, COLLEAGUE = 7, 8


def answered(number, outcome="done", reason=None, by=ME, after=timedelta(0)):
    who = Person(by, "Roux", "Anne")
    return Answer(UUID(int=number), who, outcome, reason, SIGNED_AT + after)


UNDOING = [
    # the answers of the line, the one to undo, the seconds since, whether it can be undone
    ([answered(1)], 1, timedelta(0), True),
    ([answered(1)], 1, UNDO_ACCEPTED_FOR, True),
    ([answered(1)], 1, UNDO_ACCEPTED_FOR + timedelta(seconds=1), False),
    ([answered(1, by=COLLEAGUE)], 1, timedelta(0), False),
    ([answered(1), answered(2)], 1, timedelta(0), False),
    ([], 1, timedelta(0), False),
]


@pytest.mark.parametrize(("answers", "number", "since", "possible"), UNDOING)
def test_only_the_latest_answer_of_the_same_person_is_undone_and_soon(
    answers, number, since, possible
):
    if possible:
        check_can_undo(UUID(int=number), answers, ME, SIGNED_AT + since)
    else:
        with pytest.raises(TooLateToUndo):
            check_can_undo(UUID(int=number), answers, ME, SIGNED_AT + since)


DECLINED = answered(1, "declined", "no")
DECLINED_BY_COLLEAGUE = answered(2, "declined", "no", by=COLLEAGUE)


@pytest.mark.parametrize(
    ("answers", "stored"),
    [
        ([answered(3)], ("acknowledged", None)),
        ([DECLINED, answered(3)], ("declined", "no")),
        ([DECLINED_BY_COLLEAGUE, answered(3)], ("acknowledged", None)),
        ([DECLINED, DECLINED_BY_COLLEAGUE, answered(3)], ("declined", "no")),
    ],
)
def test_after_an_undo_the_own_answer_before_counts_again_or_that_the_line_was_read(
    answers, stored
):
    assert answer_after_undo(answers) == stored


@pytest.mark.parametrize(
    ("answers", "settled"),
    [
        ([DECLINED, answered(3)], False),
        ([DECLINED_BY_COLLEAGUE, answered(3)], True),
        ([DECLINED_BY_COLLEAGUE, answered(4, "acknowledged", by=COLLEAGUE), answered(5)], False),
    ],
)
def test_a_line_stays_settled_by_the_last_answer_of_somebody_else(answers, settled):
    assert settled_by_others(answers) is settled
