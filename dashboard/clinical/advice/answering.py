"""Which answers to a recommendation are taken, and who is asked for one."""

from dashboard.clinical.advice.inbox import NotWanted, ReasonNeeded, Superseded, is_open
from dashboard.clinical.advice.lines import ANSWERS, ANSWERS_WITH_REASON
from dashboard.clinical.case.case_file import CaseReview, Recommendation
from dashboard.clinical.settlements import SETTLING_OUTCOMES, LineCourse, LineEnd


def check_can_answer(course: LineCourse, outcome: str, reason: str | None) -> None:
    """Raise why a line with this course does not take this answer.

    ``ValueError`` for an unknown answer, ``ReasonNeeded``, ``Superseded`` or ``NotWanted``. A
    line that was settled before a later review can still be corrected, but not taken back: that
    review did not have to say what becomes of it.
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
    """Return whether an answer to this line is awaited of somebody of this role."""
    return line.owner_role == role and is_open(review, line, closed=closed)
