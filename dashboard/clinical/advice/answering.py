"""Policies of answering: which answers a recommendation accepts, and who is asked for one."""

from dashboard.clinical.advice.inbox import NotWanted, ReasonNeeded, Superseded, is_open
from dashboard.clinical.advice.lines import ANSWERS, ANSWERS_WITH_REASON
from dashboard.clinical.case.case_file import CaseReview, Recommendation
from dashboard.clinical.settlements import SETTLING_OUTCOMES, LineCourse, LineEnd


def check_can_answer(course: LineCourse, outcome: str, reason: str | None) -> None:
    """Raise an error if a line with this course does not accept this answer.

    The errors are ``ValueError`` for an unknown answer, ``ReasonNeeded``, ``Superseded`` and
    ``NotWanted``. The answer to a line that was settled before a later review can be corrected. It
    cannot be taken back, because that review did not have to settle the line.
    """
    if outcome not in ANSWERS:
        raise ValueError(f"no such answer: {outcome}")
    if outcome in ANSWERS_WITH_REASON and reason is None:
        raise ReasonNeeded
    if course.end is LineEnd.SUPERSEDED:
        raise Superseded
    taken_back = course.end is LineEnd.SETTLED and outcome not in SETTLING_OUTCOMES
    if not course.is_wanted or taken_back:
        raise NotWanted


def is_asked(role: str, review: CaseReview, line: Recommendation, *, closed: bool) -> bool:
    """Return whether people of this role are asked to answer this line: they own it and
    it is open.
    """
    return line.owner_role == role and is_open(review, line, closed=closed)
