"""Which answers to a recommendation are taken."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from dashboard.clinical.advice.answering import check_can_answer
from dashboard.clinical.advice.inbox import NotWanted, ReasonNeeded, Superseded
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
        check_can_answer(course, outcome, reason)
    else:
        with pytest.raises(why_not):
            check_can_answer(course, outcome, reason)
