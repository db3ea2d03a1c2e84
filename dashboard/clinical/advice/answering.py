"""Authorization to answer recommendations: which answers a recommendation accepts, who is asked for
an answer, and how long an answer can be undone.
"""

from datetime import datetime
from uuid import UUID

from dashboard.clinical.advice.inbox import NotWanted, ReasonNeeded, Superseded, is_open
from dashboard.clinical.advice.lines import ANSWERS
from dashboard.clinical.advice.undoing import UNDO_FOR
from dashboard.clinical.case.case_file import Answer, CaseReview, Recommendation
from dashboard.clinical.settlements import SETTLING_OUTCOMES, LineCourse, LineEnd
from dashboard.vocabulary import AnswerOutcome, RecommendationKind

UNDO_ACCEPTED_FOR = 2 * UNDO_FOR
"""The time from an answer during which the server accepts its undoing. The interface offers to undo
only for half of this time (``UNDO_FOR``), so that a click at the last moment is still accepted.
"""


class TooLateToUndo(Exception):
    """The error raised if an answer cannot be undone: it is too old, it is not the latest answer to
    its recommendation, or somebody else gave it.
    """


def needs_reason(kind: str, outcome: str) -> bool:
    """Return whether the answer ``outcome`` to a recommendation of this ``kind`` needs a reason.

    A person who declines a recommendation writes why. A person who has done a recommendation about
    safety writes what was found.
    """
    if outcome == AnswerOutcome.DECLINED:
        return True
    return kind == RecommendationKind.SAFETY and outcome == AnswerOutcome.DONE


def check_can_answer(
    course: LineCourse,
    kind: str,
    outcome: str,
    reason: str | None,
    *,
    stays_settled: bool = False,
) -> None:
    """Check that a recommendation of this ``kind``, with the history ``course``, accepts the answer
    ``outcome``.

    Raise ``ValueError`` for an unknown outcome. Raise ``ReasonNeeded`` if a reason is missing.
    Raise ``Superseded`` or ``NotWanted`` if the recommendation has ended.

    There is one exception. If an answer settled the recommendation before a later review, another
    settling answer can still correct that answer. An answer that does not settle it is refused,
    because the later review relied on the settled state, unless ``stays_settled`` says that an
    answer of somebody else keeps it settled.
    """
    if outcome not in ANSWERS:
        raise ValueError(f"no such answer: {outcome}")
    if needs_reason(kind, outcome) and reason is None:
        raise ReasonNeeded
    if course.end is LineEnd.SUPERSEDED:
        raise Superseded
    settles = outcome in SETTLING_OUTCOMES or stays_settled
    taken_back = course.end is LineEnd.SETTLED and not settles
    if not course.is_wanted or taken_back:
        raise NotWanted


def is_asked(role: str, review: CaseReview, line: Recommendation, *, closed: bool) -> bool:
    """Return whether the recommendation ``line`` is open and its owner has this ``role``. People of
    this role are then asked to answer it.
    """
    return line.owner_role == role and is_open(review, line, closed=closed)


def check_can_undo(answer_id: UUID, answers: list[Answer], me: int, now: datetime) -> None:
    """Raise ``TooLateToUndo`` unless three conditions hold: the answer ``answer_id`` is recent, it
    is the latest answer to its recommendation, and the practitioner ``me`` gave it.

    ``answers`` are the answers to one recommendation, the latest last.
    """
    last = answers[-1] if answers else None
    if last is None or last.id != answer_id or now - last.answered_at > UNDO_ACCEPTED_FOR:
        raise TooLateToUndo
    if last.practitioner is None or last.practitioner.id != me:
        raise TooLateToUndo


def answer_after_undo(answers: list[Answer]) -> tuple[str, str | None]:
    """Return the outcome and the reason to store when the latest answer is undone.

    Answers are never deleted, so undoing stores the earlier answer of the same author once more. If
    there was none, the outcome is ``acknowledged``, because the person has read the recommendation.
    The answers of other people count on their own, so they are not repeated.
    """
    own = [one for one in answers if one.practitioner == answers[-1].practitioner]
    if len(own) < 2:
        return AnswerOutcome.ACKNOWLEDGED, None
    return own[-2].outcome, own[-2].reason


def settled_by_others(answers: list[Answer]) -> bool:
    """Return whether the recommendation stays settled without the answers of the author of the
    latest one.
    """
    last_of_others = {
        one.practitioner: one.outcome
        for one in answers
        if one.practitioner != answers[-1].practitioner
    }
    return any(outcome in SETTLING_OUTCOMES for outcome in last_of_others.values())
