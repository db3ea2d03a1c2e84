"""Reminders to a nurse or a GP who has not answered the recommendations of a review."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row, text
from sqlalchemy.exc import IntegrityError

from dashboard.clinical.advice.drafts import NotYours
from dashboard.clinical.advice.follow_up import (
    BETWEEN_REMINDERS,
    ReminderFacts,
    TooSoon,
    check_can_remind,
)
from dashboard.database.audit.access_log import log_access
from dashboard.queries.advice.delivering import message_id
from dashboard.queries.advice.inbox import lines_by_review
from dashboard.vocabulary import Channel


def remind(connection: Connection, case_review_id: UUID, recipient_id: int) -> int:
    """Queue a reminder of a review to one of its recipients; return the number of the reminder,
    from 1.

    Raise ``NotYours`` if the letter of the review was not sent to this recipient. Raise
    ``NotYours`` too if the signed-in practitioner is neither the psychiatrist nor the nurse of the
    episode, and covers neither of them. Raise ``Superseded`` if the review was amended. Raise
    ``NothingAwaited`` if the recipient has nothing left to answer, or the episode is closed. Raise
    ``NoLongerInCare`` if the recipient is no longer the nurse or the GP of the patient, or has
    left. Raise ``TooSoon`` if the last reminder is less than a week old.
    """
    wanted = {"review": case_review_id, "recipient": recipient_id}
    found = connection.execute(text(_TO_REMIND), wanted).one_or_none()
    if found is None:
        raise NotYours
    lines = lines_by_review(connection, [case_review_id], found.today)[case_review_id]
    facts = ReminderFacts(
        case_review_id,
        found.role,
        (*lines.own, *lines.kept),
        superseded=found.superseded,
        closed=found.closed,
        in_care=found.in_care,
        reminded_on=found.reminded_on,
    )
    check_can_remind(facts, found.today)
    return _queue_reminder(connection, found, case_review_id, recipient_id)


def _queue_reminder(
    connection: Connection, found: Row[Any], case_review_id: UUID, recipient_id: int
) -> int:
    number: int = found.sent + 1
    values = {
        "patient": found.patient_id,
        "id": uuid4(),
        "review": case_review_id,
        "recipient": recipient_id,
        "number": number,
        "message_id": message_id(case_review_id, Channel.MAIL, recipient_id, number),
    }
    try:
        with connection.begin_nested():
            connection.execute(text(_INSERT_REMINDER), values)
    except IntegrityError as refusal:
        # A concurrent call has just queued a reminder. A constraint of the database allows one a
        # week.
        raise TooSoon(found.today + BETWEEN_REMINDERS) from refusal
    log_access(
        connection,
        "recipient_reminded",
        found.patient_id,
        case_review_id=case_review_id,
        recipient_id=recipient_id,
        reminder=number,
    )
    return number


_TO_REMIND = """
    SELECT r.patient_id, r.episode_id, (now() AT TIME ZONE 'Europe/Paris')::date AS today,
           sent.last AS sent, sent.reminded_on,
           e.status = 'closed'
               AND coalesce(e.closed_on, '-infinity') <= (now() AT TIME ZONE 'Europe/Paris')::date
               AS closed,
           EXISTS (SELECT FROM review.case_review later
                   WHERE later.patient_id = r.patient_id AND later.supersedes = r.id) AS superseded,
           to_.role, coalesce(to_.active AND to_.id IN (e.nurse_id, e.gp_id), false) AS in_care
    FROM review.case_review r
    JOIN registry.episode e ON e.id = r.episode_id AND e.patient_id = r.patient_id
    LEFT JOIN registry.practitioner to_ ON to_.id = :recipient
    JOIN LATERAL (
        SELECT max(d.reminder) AS last,
               max((d.queued_at AT TIME ZONE 'Europe/Paris')::date)
                   FILTER (WHERE d.reminder > 0) AS reminded_on
        FROM review.delivery d
        WHERE d.patient_id = r.patient_id AND d.case_review_id = r.id
          AND d.recipient_id = :recipient AND d.reminder >= 0
    ) sent ON sent.last IS NOT NULL
    WHERE r.id = :review
      AND (e.psychiatrist_id = ANY ((SELECT review.acting_for())::bigint[])
           OR e.nurse_id = ANY ((SELECT review.acting_for())::bigint[]))
"""

_INSERT_REMINDER = """
    INSERT INTO review.delivery (patient_id, id, case_review_id, recipient_id, channel, reminder,
                                 state, message_id, next_attempt_at)
    VALUES (:patient, :id, :review, :recipient, 'mail', :number, 'queued', :message_id, now())
"""
