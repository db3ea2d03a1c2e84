"""Queueing letters for delivery, and handling letters that could not be delivered."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid4, uuid5

from sqlalchemy import Connection, text

from dashboard.clinical.advice.drafts import NotYours
from dashboard.clinical.advice.follow_up import NoLongerInCare
from dashboard.database.audit.access_log import log_access
from dashboard.vocabulary import Channel, ToldBy

_MESSAGES = UUID("5e0c7c2b-5d0a-4f0e-8d0e-9a3f6c1d2b47")


def deliver(
    connection: Connection, patient_id: int, case_review_id: UUID, recipients: Iterable[int]
) -> None:
    """Put a signed review into the inboxes of its recipients, and its letters into the outbox.

    Call this in the transaction that signs the review. If a recipient has no mail address, or has
    left according to the registry, the letter is stored as failed, so that somebody deals with it.
    """
    for recipient in sorted(set(recipients)):
        for channel in (Channel.INBOX, Channel.MAIL):
            _insert(connection, patient_id, case_review_id, recipient, channel)


def announce_withdrawal(
    connection: Connection,
    patient_id: int,
    case_review_id: UUID,
    settlement_id: UUID,
    notices: Mapping[int, str],
) -> None:
    """Put the notices about a withdrawn recommendation into the outbox.

    Call this in the transaction that withdraws the recommendation. ``notices`` maps the id of each
    recipient to the text of the notice. ``case_review_id`` is the review that gave the
    recommendation. If a recipient has no mail address, or has left according to the registry, the
    notice is stored as failed.
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
                "message_id": message_id(case_review_id, Channel.MAIL, recipient, number),
            },
        )


def message_id(case_review_id: UUID, channel: str, recipient_id: int, reminder: int = 0) -> str:
    """Return the Message-ID header of a mail.

    It contains no name. The same arguments always give the same Message-ID.
    """
    thing = f"{case_review_id} {channel} {recipient_id}" + (f" {reminder}" if reminder else "")
    return f"<{uuid5(_MESSAGES, thing)}@case-review.invalid>"


def send_again(connection: Connection, delivery_id: UUID) -> None:
    """Put a failed letter into the outbox again, with the same Message-ID.

    Nothing changes if the letter is already in the outbox, or if the recipient was told in another
    way. Raise ``NotYours`` if the letter is not about an episode of the signed-in psychiatrist or
    nurse, or of a colleague whom they cover. Raise ``NoLongerInCare`` if the recipient has left
    according to the registry, or is no longer the nurse or the GP of the patient. A notice of a
    withdrawal is only refused in the first case.
    """
    may_get_it = connection.execute(text(_MAY_GET_IT), {"id": delivery_id}).scalar_one_or_none()
    if may_get_it is False:
        raise NoLongerInCare
    _change(connection, delivery_id, _SEND_AGAIN, "delivery_sent_again")


def settle(connection: Connection, delivery_id: UUID, how: str) -> None:
    """Record how the signed-in practitioner told a recipient whose letter failed (``how``).

    A second call does not change the first record. Raise ``NotYours`` as ``send_again`` does.
    """
    _change(connection, delivery_id, _SETTLE, "delivery_settled", how=ToldBy(how))


def _insert(
    connection: Connection,
    patient_id: int,
    case_review_id: UUID,
    recipient_id: int,
    channel: str,
) -> None:
    connection.execute(
        text(_INSERT_INBOX if channel == Channel.INBOX else _INSERT_MAIL),
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


_INSERT_INBOX = """
    INSERT INTO review.delivery (patient_id, id, case_review_id, recipient_id, channel, state,
                                 message_id, attempts, sent_at)
    VALUES (:patient, :id, :review, :recipient, 'inbox', 'sent', :message_id, 1, now())
"""

# The reason why a mail cannot be sent to a recipient; NULL if it can.
_OBSTACLE = """
    SELECT CASE WHEN NOT p.active THEN 'inactive'
                WHEN coalesce(trim(p.secure_email), '') = '' THEN 'no_address' END AS obstacle
    FROM (SELECT) one LEFT JOIN registry.practitioner p ON p.id = :recipient
"""

_NEXT_NOTICE = """
    SELECT least(min(reminder), 0) - 1 FROM review.delivery
    WHERE patient_id = :patient AND case_review_id = :review AND recipient_id = :recipient
      AND channel = 'mail'
"""

_INSERT_NOTICE = f"""
    INSERT INTO review.delivery (patient_id, id, case_review_id, recipient_id, channel, reminder,
                                 state, message_id, next_attempt_at, error, settlement_id, notice)
    SELECT CAST(:patient AS bigint), :id, :review, :recipient, 'mail', :reminder,
           CASE WHEN obstacle IS NULL THEN 'queued' ELSE 'failed' END, :message_id,
           CASE WHEN obstacle IS NULL THEN now() END, obstacle,
           :settlement, :notice
    FROM ({_OBSTACLE}) recipient
"""

_INSERT_MAIL = f"""
    INSERT INTO review.delivery (patient_id, id, case_review_id, recipient_id, channel, state,
                                 message_id, next_attempt_at, error)
    SELECT CAST(:patient AS bigint), :id, :review, :recipient, 'mail',
           CASE WHEN obstacle IS NULL THEN 'queued' ELSE 'failed' END, :message_id,
           CASE WHEN obstacle IS NULL THEN now() END, obstacle
    FROM ({_OBSTACLE}) recipient
"""

_OF_MY_EPISODES = """
    FROM review.delivery d
    JOIN review.case_review r ON r.patient_id = d.patient_id AND r.id = d.case_review_id
    JOIN registry.episode e ON e.id = r.episode_id AND e.patient_id = r.patient_id
    LEFT JOIN registry.practitioner p ON p.id = d.recipient_id
    WHERE d.id = :id AND d.channel = 'mail'
      AND (e.psychiatrist_id = ANY ((SELECT review.acting_for())::bigint[])
           OR e.nurse_id = ANY ((SELECT review.acting_for())::bigint[]))
"""

_PATIENT_OF = f"SELECT d.patient_id {_OF_MY_EPISODES}"

_WAITING = "patient_id = :patient AND id = :id AND state = 'failed' AND settled_at IS NULL"

# A notice of a withdrawal also reaches those who got the letter and no longer have the case.
# Without it, they would believe that the recommendation is still in force.
_MAY_GET_IT = f"""
    SELECT coalesce(p.active AND (d.reminder < 0 OR d.recipient_id IN (e.nurse_id, e.gp_id)), false)
    {_OF_MY_EPISODES}
"""

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
