"""Letters on their way: put into the outbox, followed, and seen to when they do not arrive."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid4, uuid5

from sqlalchemy import Connection, text

from dashboard.clinical.delivery import SETTLEMENTS, Delivery, FailedDelivery, Failure
from dashboard.clinical.drafts import NotYours
from dashboard.clinical.people import Identity, Person
from dashboard.database.access_log import log_access

_MESSAGES = UUID("5e0c7c2b-5d0a-4f0e-8d0e-9a3f6c1d2b47")


def deliver(
    connection: Connection, patient_id: int, case_review_id: UUID, recipients: Iterable[int]
) -> None:
    """Put a signed review into the inboxes and the outbox, in the transaction that signs it.

    A letter to somebody whose address is not on record has failed already: that is work
    for a person at once.
    """
    for recipient in sorted(set(recipients)):
        for channel in ("inbox", "mail"):
            _insert(connection, patient_id, case_review_id, recipient, channel)


def announce_withdrawal(
    connection: Connection,
    patient_id: int,
    case_review_id: UUID,
    settlement_id: UUID,
    notices: Mapping[int, str],
) -> None:
    """Put the notice that a line was withdrawn into the outbox, in the transaction that does it.

    ``notices`` are the texts by recipient; the review is the one that gave the line. A notice to
    somebody whose address is not on record has failed already, as a letter has.
    """
    for recipient, notice in sorted(notices.items()):
        wanted = {"patient": patient_id, "review": case_review_id, "recipient": recipient}
        number = connection.execute(text(_NEXT_NOTICE), wanted).scalar_one()
        connection.execute(
            text(_INSERT_NOTICE),
            wanted
            | {
                "id": uuid4(),
                "reminder": number,
                "settlement": settlement_id,
                "notice": notice,
                "message_id": message_id(case_review_id, "mail", recipient, number),
            },
        )


def message_id(case_review_id: UUID, channel: str, recipient_id: int, reminder: int = 0) -> str:
    """The Message-ID of a delivery: the same for the same, and without a name in it."""
    thing = f"{case_review_id} {channel} {recipient_id}" + (f" {reminder}" if reminder else "")
    return f"<{uuid5(_MESSAGES, thing)}@case-review.invalid>"


def deliveries_by_review(rows: Iterable[Any]) -> dict[UUID, tuple[Delivery, ...]]:
    """What became of each review, from the rows of ``DELIVERIES_OF_PATIENT``."""
    found: dict[UUID, list[Delivery]] = defaultdict(list)
    for row in rows:
        found[row.case_review_id].append(_delivery(row))
    return {review: tuple(deliveries) for review, deliveries in found.items()}


def failed_deliveries(connection: Connection) -> list[FailedDelivery]:
    """What did not leave and waits for the acting psychiatrist or nurse, the oldest first.

    Not of a review that has been amended: the later one has letters of its own.
    """
    log_access(connection, "failed_deliveries_opened")
    return [
        FailedDelivery(
            delivery=_delivery(row),
            identity=Identity(
                row.patient_id,
                row.family_name,
                row.given_name,
                row.birth_date,
                row.sex,
                row.ins,
                row.phone,
            ),
            episode_id=row.episode_id,
            case_review_id=row.case_review_id,
            signed_at=row.signed_at,
            lacks_letter=row.lacks_letter,
            can_be_sent=row.has_address and not row.lacks_letter,
        )
        for row in connection.execute(text(_FAILED))
    ]


def send_again(connection: Connection, delivery_id: UUID) -> None:
    """Put a failed letter into the outbox once more, with the same Message-ID.

    One that is on its way already, or has been settled, stays as it is. Raises ``NotYours``.
    """
    _change(connection, delivery_id, _SEND_AGAIN, "delivery_sent_again")


def settle(connection: Connection, delivery_id: UUID, how: str) -> None:
    """Note that the acting practitioner has told the recipient otherwise.

    ``how`` is one of ``SETTLEMENTS``. The first note stands. Raises ``NotYours``.
    """
    if how not in SETTLEMENTS:
        raise ValueError(f"no such way: {how}")
    _change(connection, delivery_id, _SETTLE, "delivery_settled", how=how)


def _insert(
    connection: Connection,
    patient_id: int,
    case_review_id: UUID,
    recipient_id: int,
    channel: str,
) -> None:
    connection.execute(
        text(_INSERT_INBOX if channel == "inbox" else _INSERT_MAIL),
        {
            "patient": patient_id,
            "id": uuid4(),
            "review": case_review_id,
            "recipient": recipient_id,
            "message_id": message_id(case_review_id, channel, recipient_id),
        },
    )


def _change(
    connection: Connection, delivery_id: UUID, statement: str, action: str, **values: Any
) -> None:
    wanted = {"id": delivery_id}
    patient = connection.execute(text(_PATIENT_OF), wanted).scalar_one_or_none()
    if patient is None:
        raise NotYours
    changed = connection.execute(text(statement), wanted | {"patient": patient} | values)
    if changed.rowcount:
        log_access(connection, action, patient, delivery_id=delivery_id, **values)


def _delivery(row: Any) -> Delivery:
    return Delivery(
        id=row.id,
        recipient=_person(row.recipient_id, row.to_family_name, row.to_given_name),
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
        settled_by=_person(row.settled_by, row.by_family_name, row.by_given_name),
        settled_how=row.settled_how,
        settled_at=row.settled_at,
        answered_at=row.answered_at,
    )


def _person(number: int | None, family_name: str | None, given_name: str | None) -> Person | None:
    if number is None or family_name is None:
        return None
    return Person(number, family_name, given_name or "")


_INSERT_INBOX = """
    INSERT INTO review.delivery (patient_id, id, case_review_id, recipient_id, channel, state,
                                 message_id, attempts, sent_at)
    VALUES (:patient, :id, :review, :recipient, 'inbox', 'sent', :message_id, 1, now())
"""

_NEXT_NOTICE = """
    SELECT least(min(reminder), 0) - 1 FROM review.delivery
    WHERE patient_id = :patient AND case_review_id = :review AND recipient_id = :recipient
      AND channel = 'mail'
"""

_INSERT_NOTICE = """
    INSERT INTO review.delivery (patient_id, id, case_review_id, recipient_id, channel, reminder,
                                 state, message_id, next_attempt_at, error, settlement_id, notice)
    SELECT CAST(:patient AS bigint), :id, :review, :recipient, 'mail', :reminder,
           CASE WHEN known THEN 'queued' ELSE 'failed' END, :message_id,
           CASE WHEN known THEN now() END, CASE WHEN NOT known THEN 'no_address' END,
           :settlement, :notice
    FROM (SELECT EXISTS (SELECT FROM registry.practitioner
                         WHERE id = :recipient AND trim(secure_email) <> '') AS known) address
"""

_INSERT_MAIL = """
    INSERT INTO review.delivery (patient_id, id, case_review_id, recipient_id, channel, state,
                                 message_id, next_attempt_at, error)
    SELECT CAST(:patient AS bigint), :id, :review, :recipient, 'mail',
           CASE WHEN known THEN 'queued' ELSE 'failed' END, :message_id,
           CASE WHEN known THEN now() END, CASE WHEN NOT known THEN 'no_address' END
    FROM (SELECT EXISTS (SELECT FROM registry.practitioner
                         WHERE id = :recipient AND trim(secure_email) <> '') AS known) address
"""

_DELIVERIES = """
    SELECT d.id, d.patient_id, d.case_review_id, d.recipient_id, d.channel, d.reminder, d.state,
           d.attempts, d.queued_at, d.next_attempt_at, d.sent_at, d.transport, d.error,
           d.settled_by, d.settled_how, d.settled_at,
           to_.family_name AS to_family_name, to_.given_name AS to_given_name, to_.role AS to_role,
           to_.secure_email, by.family_name AS by_family_name, by.given_name AS by_given_name,
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
"""By review of a patient and recipient, nurse first: the last mail, else the inbox."""

_FAILED = f"""
    SELECT d.*, r.episode_id, r.signed_at, p.family_name, p.given_name, p.birth_date, p.sex,
           p.ins, p.phone,
           coalesce(trim(d.secure_email), '') <> '' AS has_address,
           d.reminder = 0
               AND NOT EXISTS (SELECT FROM review.letter l
                               WHERE l.patient_id = d.patient_id
                                 AND l.case_review_id = d.case_review_id
                                 AND l.recipient_id = d.recipient_id) AS lacks_letter
    FROM ({_DELIVERIES} WHERE d.state = 'failed' AND d.settled_at IS NULL) d
    JOIN review.case_review r ON r.patient_id = d.patient_id AND r.id = d.case_review_id
    JOIN registry.episode e ON e.id = r.episode_id AND e.patient_id = r.patient_id
    JOIN registry.patient p ON p.id = d.patient_id
    WHERE (e.psychiatrist_id = ANY ((SELECT review.acting_for())::bigint[])
           OR e.nurse_id = ANY ((SELECT review.acting_for())::bigint[]))
      AND NOT EXISTS (SELECT FROM review.case_review later
                      WHERE later.patient_id = r.patient_id AND later.supersedes = r.id)
    ORDER BY r.signed_at, d.id
"""

_PATIENT_OF = """
    SELECT d.patient_id FROM review.delivery d
    JOIN review.case_review r ON r.patient_id = d.patient_id AND r.id = d.case_review_id
    JOIN registry.episode e ON e.id = r.episode_id AND e.patient_id = r.patient_id
    WHERE d.id = :id AND d.channel = 'mail'
      AND (e.psychiatrist_id = ANY ((SELECT review.acting_for())::bigint[])
           OR e.nurse_id = ANY ((SELECT review.acting_for())::bigint[]))
"""

_WAITING = "patient_id = :patient AND id = :id AND state = 'failed' AND settled_at IS NULL"

_SEND_AGAIN = f"""
    UPDATE review.delivery
    SET state = 'queued', attempts = 0, next_attempt_at = now(), error = NULL
    WHERE {_WAITING}
"""

_SETTLE = f"""
    UPDATE review.delivery
    SET settled_at = now(), settled_by = review.acting_practitioner(), settled_how = :how
    WHERE {_WAITING}
"""
