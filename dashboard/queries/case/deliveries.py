"""Queries for the letters to the nurse and the GP: all deliveries of a patient, and those that
failed.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from dashboard.clinical.delivery import Delivery, FailedDelivery, Failure
from dashboard.database.audit.access_log import log_access
from dashboard.queries.people import identity_of, person_of


def deliveries_by_review(rows: Iterable[Any]) -> dict[UUID, tuple[Delivery, ...]]:
    """Return the deliveries by the id of their review, from the rows of
    ``DELIVERIES_OF_PATIENT``.
    """
    found: dict[UUID, list[Delivery]] = defaultdict(list)
    for row in rows:
        found[row.case_review_id].append(_delivery(row))
    return {review: tuple(deliveries) for review, deliveries in found.items()}


def failed_deliveries(connection: Connection) -> list[FailedDelivery]:
    """Return the failed letters that the signed-in psychiatrist or nurse must deal with. Those of
    the oldest review come first.

    Reminders and notices of withdrawals are included, and so are the letters about the episodes of
    covered colleagues. Letters of an amended review are left out, because the later review has its
    own letters. The reading is recorded in the access log.
    """
    log_access(connection, "failed_deliveries_opened")
    return [
        FailedDelivery(
            delivery=_delivery(row),
            identity=identity_of(row),
            episode_id=row.episode_id,
            case_review_id=row.case_review_id,
            signed_at=row.signed_at,
            lacks_letter=row.lacks_letter,
            recipient_left=row.recipient_left,
            can_be_sent=row.has_address and not row.lacks_letter and not row.recipient_left,
            covered=person_of(row.covered_id, row.covered_family_name, row.covered_given_name),
        )
        for row in connection.execute(text(_FAILED))
    ]


def _delivery(row: Any) -> Delivery:
    return Delivery(
        id=row.id,
        recipient=person_of(row.recipient_id, row.to_family_name, row.to_given_name),
        role=row.to_role or "",
        channel=row.channel,
        reminder=row.reminder,
        state=row.state,
        attempts=row.attempts,
        queued_at=row.queued_at,
        next_attempt_at=row.next_attempt_at,
        sent_at=row.sent_at,
        transport=row.transport,
        failure=Failure.read(row.error),
        settled_by=person_of(row.settled_by, row.by_family_name, row.by_given_name),
        settled_how=row.settled_how,
        settled_at=row.settled_at,
        answered_at=row.answered_at,
    )


_DELIVERIES = """
    SELECT d.id, d.patient_id, d.case_review_id, d.recipient_id, d.channel, d.reminder, d.state,
           d.attempts, d.queued_at, d.next_attempt_at, d.sent_at, d.transport, d.error,
           d.settled_by, d.settled_how, d.settled_at,
           to_.family_name AS to_family_name, to_.given_name AS to_given_name, to_.role AS to_role,
           to_.secure_email, to_.active,
           by.family_name AS by_family_name, by.given_name AS by_given_name,
           (SELECT min(a.answered_at) FROM review.answer a
            JOIN review.recommendation c
              ON c.patient_id = a.patient_id AND c.id = a.recommendation_id
            WHERE a.patient_id = d.patient_id AND a.practitioner_id = d.recipient_id
              AND c.case_review_id = d.case_review_id) AS answered_at
    FROM review.delivery d
    LEFT JOIN registry.practitioner to_ ON to_.id = d.recipient_id
    LEFT JOIN registry.practitioner by ON by.id = d.settled_by
"""

DELIVERIES_OF_PATIENT = text(f"""
    SELECT DISTINCT ON (d.case_review_id, d.to_role = 'gp', d.recipient_id) d.*
    FROM ({_DELIVERIES} WHERE d.patient_id = :patient) d
    ORDER BY d.case_review_id, d.to_role = 'gp', d.recipient_id, d.channel = 'inbox',
             d.reminder DESC
""")
"""Query for the state of the deliveries of a patient's reviews.

It returns one row for each review and recipient: the last reminder or, without one, the letter.
Without these, it is a notice of a withdrawal or the entry in the inbox. The nurse comes before the
GP.
"""

_FAILED = f"""
    SELECT d.*, r.episode_id, r.signed_at, p.family_name, p.given_name, p.birth_date, p.sex,
           p.ins, p.phone,
           coalesce(trim(d.secure_email), '') <> '' AS has_address, covered.id AS covered_id,
           covered.family_name AS covered_family_name, covered.given_name AS covered_given_name,
           NOT coalesce(d.active AND (d.reminder < 0 OR d.recipient_id IN (e.nurse_id, e.gp_id)),
                        false) AS recipient_left,
           d.reminder = 0
               AND NOT EXISTS (SELECT FROM review.letter l
                               WHERE l.patient_id = d.patient_id
                                 AND l.case_review_id = d.case_review_id
                                 AND l.recipient_id = d.recipient_id) AS lacks_letter
    FROM ({_DELIVERIES} WHERE d.state = 'failed' AND d.settled_at IS NULL) d
    JOIN review.case_review r ON r.patient_id = d.patient_id AND r.id = d.case_review_id
    JOIN registry.episode e ON e.id = r.episode_id AND e.patient_id = r.patient_id
    JOIN registry.patient p ON p.id = d.patient_id
    LEFT JOIN registry.practitioner covered
      ON covered.id = CASE WHEN ((SELECT review.acting_practitioner())
                                 IN (e.psychiatrist_id, e.nurse_id)) IS NOT TRUE
                           THEN CASE WHEN e.psychiatrist_id
                                          = ANY ((SELECT review.acting_for())::bigint[])
                                     THEN e.psychiatrist_id ELSE e.nurse_id END END
    WHERE (e.psychiatrist_id = ANY ((SELECT review.acting_for())::bigint[])
           OR e.nurse_id = ANY ((SELECT review.acting_for())::bigint[]))
      AND NOT EXISTS (SELECT FROM review.case_review later
                      WHERE later.patient_id = r.patient_id AND later.supersedes = r.id)
    ORDER BY r.signed_at, d.id
"""
