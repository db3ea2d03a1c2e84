"""The answers that a recommendation takes, and the people who are asked for one."""

from dashboard.clinical.advice.inbox import NotWanted, ReasonNeeded, Superseded, is_open
from dashboard.clinical.advice.lines import ANSWERS, ANSWERS_WITH_REASON
from dashboard.clinical.case.case_file import CaseReview, Recommendation
from dashboard.clinical.settlements import SETTLING_OUTCOMES, LineCourse, LineEnd


def check_can_answer(course: LineCourse, outcome: str, reason: str | None) -> None:
    """Raise the reason why a line with this course does not take this answer.

    ``ValueError`` for an unknown answer, ``ReasonNeeded``, ``Superseded`` or ``NotWanted``. A line
    that was settled before a later review can still be corrected. Its answer cannot be taken back,
    since that review did not have to settle it.
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
    """Return whether an answer to this line is awaited of a person of this role."""
    return line.owner_role == role and is_open(review, line, closed=closed)
