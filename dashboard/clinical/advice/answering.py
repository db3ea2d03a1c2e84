"""Policies of answering: which answers a recommendation accepts, who is asked for an answer, and
how long an answer can be undone.
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
"""The time from an answer during which it can be undone. The interface offers to undo for half of
this time (``UNDO_FOR``), so that a click at the last moment still counts.
"""


class TooLateToUndo(Exception):
    """The error raised if an answer cannot be undone: it is too old, it is not the latest answer to
    its recommendation, or somebody else gave it.
    """


def needs_reason(kind: str, outcome: str) -> bool:
    """Return whether the answer ``outcome`` to a recommendation of this ``kind`` must have a text.

    A person who declines a recommendation says why. A person who has done a recommendation about
    safety says what was found.
    """
    if outcome == AnswerOutcome.DECLINED:
        return True
    return kind == RecommendationKind.SAFETY and outcome == AnswerOutcome.DONE


def check_can_answer(course: LineCourse, kind: str, outcome: str, reason: str | None) -> None:
    """Raise an error if a recommendation of this ``kind`` and ``course`` does not accept the answer
    ``outcome``.

    The errors are ``ValueError`` for an unknown answer, ``ReasonNeeded``, ``Superseded`` and
    ``NotWanted``. If an answer settled the recommendation before a later review, that answer can be
    corrected. It cannot be taken back, because the later review did not have to settle the
    recommendation.
    """
    if outcome not in ANSWERS:
        raise ValueError(f"no such answer: {outcome}")
    if needs_reason(kind, outcome) and reason is None:
        raise ReasonNeeded
    if course.end is LineEnd.SUPERSEDED:
        raise Superseded
    taken_back = course.end is LineEnd.SETTLED and outcome not in SETTLING_OUTCOMES
    if not course.is_wanted or taken_back:
        raise NotWanted


def is_asked(role: str, review: CaseReview, line: Recommendation, *, closed: bool) -> bool:
    """Return whether people of this ``role`` are asked to answer ``line``. They are asked if the
    owner of the line has this role and the line is open.
    """
    return line.owner_role == role and is_open(review, line, closed=closed)


def check_can_undo(answer_id: UUID, answers: list[Answer], me: int, now: datetime) -> None:
    """Raise ``TooLateToUndo`` unless the answer ``answer_id`` is recent, is the latest of its
    recommendation, and was given by the practitioner ``me``.

    ``answers`` are the answers to one recommendation, the latest last.
    """
    last = answers[-1] if answers else None
    if last is None or last.id != answer_id or now - last.answered_at > UNDO_ACCEPTED_FOR:
        raise TooLateToUndo
    if last.practitioner is None or last.practitioner.id != me:
        raise TooLateToUndo


def answer_after_undo(answers: list[Answer]) -> tuple[str, str | None]:
    """Return the outcome and the reason that count again after the latest answer is undone.

    They are those of the answer before the latest. Answers are never deleted, so undoing adds the
    earlier answer once more. If there was no earlier answer, the recommendation counts as
    acknowledged, because the person has read it.
    """
    if len(answers) < 2:
        return AnswerOutcome.ACKNOWLEDGED, None
    return answers[-2].outcome, answers[-2].reason
