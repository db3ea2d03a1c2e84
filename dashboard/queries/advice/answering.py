"""Storing answers to recommendations. They are given in the inbox, in a case, or through a link."""

from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, Row, text

from dashboard.clinical.advice.answer_link import Given, LinkClosed, lacking
from dashboard.clinical.advice.answering import (
    answer_after_undo,
    check_can_answer,
    check_can_undo,
    settled_by_others,
)
from dashboard.clinical.advice.drafts import NotYours
from dashboard.clinical.advice.inbox import (
    NotWanted,
    ReasonNeeded,
)
from dashboard.clinical.case.case_file import Answer
from dashboard.clinical.settlements import LineCourse
from dashboard.database.audit.access_log import log_access
from dashboard.queries.advice.answer_links import open_link
from dashboard.queries.advice.inbox import ANSWERERS, answer_by
from dashboard.queries.case.standing_lines import (
    courses_of,
    lock_advice,
)


def answer(
    connection: Connection,
    recommendation_id: UUID,
    outcome: str,
    reason: str | None,
    key: UUID,
) -> Answer:
    """Store an answer to a recommendation, and return the latest answer to it.

    The signed-in practitioner is the author. ``key`` is the id of the new answer. Nothing is stored
    if this id exists. Nothing is stored either if the latest answer is the same one by the same
    author, unless a review has sent the recommendation again since.

    Raise ``NotYours`` if the practitioner may not see the recommendation. Raise ``ReasonNeeded`` if
    a reason is missing. Raise ``Superseded`` or ``NotWanted`` if the recommendation can no longer
    be answered.
    """
    reason = (reason or "").strip() or None
    lock_advice(connection, _line(connection, recommendation_id).episode_id)
    # The line is read again, because an answer may have come while this call waited for the lock.
    line = _line(connection, recommendation_id)
    course = _course_now(connection, line)
    check_can_answer(course, line.kind, outcome, reason)
    said = (line.last_by_me, line.last_outcome, line.last_reason)
    if said != (True, outcome, reason) or line.last_at < course.sent_at:
        _insert_answer(connection, line, outcome, reason, key)
    return _latest(connection, line)


def undo_answer(connection: Connection, answer: Answer, recommendation_id: UUID) -> None:
    """Undo an answer that the signed-in practitioner has just given.

    The undone answer stays stored. The practitioner's previous answer is stored once more, as the
    latest one. If there was none, ``acknowledged`` is stored. A second call changes nothing.

    Raise ``TooLateToUndo`` if ``answer`` is too old or not the latest. Raise ``NotYours``,
    ``Superseded`` or ``NotWanted`` if the recommendation can no longer be answered.
    """
    line = _line(connection, recommendation_id)
    lock_advice(connection, line.episode_id)
    key = uuid5(answer.id, "undone")
    answers = _answers(connection, line)
    if answers and answers[-1].id == key:
        return
    me, now = connection.execute(text(_NOW)).one()
    check_can_undo(answer.id, answers, me, now)
    outcome, reason = answer_after_undo(answers)
    check_can_answer(
        _course_now(connection, line),
        line.kind,
        outcome,
        reason,
        stays_settled=settled_by_others(answers),
    )
    _insert_answer(connection, line, outcome, reason, key)
    log_access(
        connection,
        "answer_undone",
        line.patient_id,
        recommendation_id=line.id,
        outcome=answer.outcome,
    )


def _line(connection: Connection, recommendation_id: UUID) -> Row[Any]:
    """Return the recommendation with its latest answer.

    Raise ``NotYours`` if the signed-in practitioner may not see it.
    """
    line = connection.execute(text(_LINE), {"line": recommendation_id}).one_or_none()
    if line is None:
        raise NotYours
    return line


def _course_now(connection: Connection, line: Row[Any]) -> LineCourse:
    """Return how reviews have kept, replaced or withdrawn a recommendation up to now.

    Reviews that were signed after the page was shown are included.
    """
    courses = courses_of(connection, {line.episode_id: line.patient_id}, line.today)
    return courses[line.id]


def _insert_answer(
    connection: Connection, line: Row[Any], outcome: str, reason: str | None, key: UUID
) -> None:
    inserted = connection.execute(
        text(_INSERT_ANSWER),
        {
            "patient": line.patient_id,
            "key": key,
            "line": line.id,
            "outcome": outcome,
            "reason": reason,
        },
    )
    if inserted.rowcount:
        log_access(
            connection,
            "recommendation_answered",
            line.patient_id,
            recommendation_id=line.id,
            outcome=outcome,
        )


def _latest(connection: Connection, line: Row[Any]) -> Answer:
    return _answers(connection, line)[-1]


def _answers(connection: Connection, line: Row[Any]) -> list[Answer]:
    wanted = {"patient": line.patient_id, "line": line.id}
    return [answer_by(row) for row in connection.execute(text(_ANSWERS_OF_LINE), wanted)]


_NOW = "SELECT review.acting_practitioner(), clock_timestamp()"

_ANSWERS_OF_LINE = f"""
    {ANSWERERS}
    WHERE a.patient_id = :patient AND a.recommendation_id = :line
    ORDER BY a.answered_at, a.id
"""

_LINE = """
    SELECT c.id, c.patient_id, c.kind, r.episode_id,
           (now() AT TIME ZONE 'Europe/Paris')::date AS today,
           last.practitioner_id = review.acting_practitioner() AS last_by_me,
           last.answered_at AS last_at, last.outcome AS last_outcome, last.reason AS last_reason
    FROM review.recommendation c
    JOIN review.case_review r ON r.patient_id = c.patient_id AND r.id = c.case_review_id
    LEFT JOIN LATERAL (
        SELECT a.practitioner_id, a.outcome, a.reason, a.answered_at FROM review.answer a
        WHERE a.patient_id = c.patient_id AND a.recommendation_id = c.id
        ORDER BY a.answered_at DESC, a.id DESC LIMIT 1
    ) last ON true
    WHERE c.id = :line
"""

_INSERT_ANSWER = """
    INSERT INTO review.answer (patient_id, id, recommendation_id, practitioner_id, outcome, reason)
    VALUES (:patient, :key, :line, review.acting_practitioner(), :outcome, :reason)
    ON CONFLICT (patient_id, id) DO NOTHING
"""


def answer_by_link(connection: Connection, link_id: UUID, given: Given) -> None:
    """Store the answers that were given through a link, and close the link, in one transaction.

    Every recommendation that awaits an answer must have one. Raise ``ReasonNeeded`` if an answer or
    its reason is missing. Raise ``NotWanted`` if a recommendation with an answer was settled,
    replaced or withdrawn meanwhile. Raise ``LinkClosed`` if the link is closed, or if a concurrent
    call has just closed it. Raise ``Superseded`` if the review is amended during the call. No
    answer is stored after an error.
    """
    asked = open_link(connection, link_id)
    if asked.answered_in_vain(given):
        raise NotWanted
    if lacking(asked, given):
        raise ReasonNeeded
    if connection.execute(text(_USE), {"link": link_id}).rowcount == 0:
        raise LinkClosed("used")
    for line in asked.awaited:
        outcome, reason = given[line.id]
        answer(connection, line.id, outcome, reason, uuid5(link_id, str(line.id)))


_USE = """
    UPDATE review.answer_link SET used_at = now()
    WHERE id = :link AND recipient_id = review.acting_practitioner()
      AND used_at IS NULL AND expires_at > now()
"""
