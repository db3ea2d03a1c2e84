"""The deliveries of a review: sent and failed letters, reminders, and technical incidents.

The failures, reminders and incidents are made with random generators of their own for each review,
so that they do not change the rest of the patient's data.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

from dashboard.demo import texts
from dashboard.demo.days import morning, working_day
from dashboard.demo.record import chance_of, uuid_of
from dashboard.demo.reviewing import Reviewing
from dashboard.demo.rows import CaseReview, Delivery, Incident
from dashboard.vocabulary import Channel, DeliveryState, Role

LATELY = timedelta(days=14)
"""The maximum age of a failed delivery in the demonstration.

In practice, somebody would have dealt with an older failure.
"""

FAILURES = ("unreachable", "refused 550 5.1.1 mailbox unavailable", "timeout")


def put_into_inboxes(reviewing: Reviewing, review: CaseReview) -> None:
    """Write the deliveries to the inboxes of the nurse and the GP.

    For about one review in a hundred, also write a technical incident.
    """
    record = reviewing.record
    for recipient in (record.team.nurse, record.team.gp):
        id_ = record.uuid()
        sent_at = review.signed_at + timedelta(seconds=1 + int(record.rng.random() * 20))
        record.rows.append(_delivery(review, recipient, Channel.INBOX, id_, sent_at=sent_at))
    chance = _chance(review, "incident")
    if chance.random() < 0.012:
        _note_incident(reviewing, review, chance)


def fails_by_mail(reviewing: Reviewing, review: CaseReview) -> bool:
    """Return whether the mail to the GP fails, and write the failed delivery if it does."""
    lately = reviewing.horizon - review.signed_at.date() <= LATELY
    chance = _chance(review, Channel.MAIL)
    if not lately or not reviewing.episode.stay.is_open or chance.random() > 0.2:
        return False
    record = reviewing.record
    record.rows.append(
        _delivery(
            review, record.team.gp, Channel.MAIL, uuid_of(chance), error=chance.choice(FAILURES)
        )
    )
    return True


def remind(reviewing: Reviewing, review: CaseReview, owners: Iterable[str]) -> None:
    """Write up to two reminders to the nurse and to the GP, if their role is in ``owners``.

    ``owners`` are the roles whose answers are awaited. A reminder is sent one to three weeks after
    the review or after the previous reminder.
    """
    record = reviewing.record
    recipients: dict[str, int] = {Role.NURSE: record.team.nurse, Role.GP: record.team.gp}
    for owner in dict.fromkeys(owners):
        chance = _chance(review, f"reminders {owner}")
        day = review.signed_at.date()
        for number in range(1, 1 + chance.choice((0, 1, 1, 2)) * (owner in recipients)):
            day = working_day(day + timedelta(days=9 + int(chance.random() * 12)))
            if day > reviewing.horizon:
                break
            record.rows.append(
                _delivery(
                    review,
                    recipients[owner],
                    Channel.MAIL,
                    uuid_of(chance),
                    sent_at=morning(chance, day),
                    reminder=number,
                )
            )


def _note_incident(reviewing: Reviewing, review: CaseReview, chance: Random) -> None:
    reviewing.record.rows.append(
        Incident(
            id=uuid_of(chance),
            case_review_id=review.id,
            patient_id=review.patient_id,
            practitioner_id=review.psychiatrist_id,
            description=chance.choice(texts.INCIDENTS),
            noted_at=review.signed_at + timedelta(minutes=2),
        )
    )


def _delivery(
    review: CaseReview,
    recipient: int,
    channel: str,
    id_: str,
    *,
    sent_at: datetime | None = None,
    reminder: int = 0,
    error: str | None = None,
) -> Delivery:
    """Return a delivery that was sent at ``sent_at``, or that failed if ``sent_at`` is None."""
    return Delivery(
        id=id_,
        case_review_id=review.id,
        patient_id=review.patient_id,
        recipient_id=recipient,
        channel=channel,
        state=DeliveryState.SENT if sent_at else DeliveryState.FAILED,
        message_id=f"<{id_}@case-review.example>",
        attempts=1 if sent_at else 16,
        queued_at=sent_at if sent_at and reminder else review.signed_at,
        sent_at=sent_at,
        reminder=reminder,
        error=error,
    )


def _chance(review: CaseReview, what: str) -> Random:
    return chance_of(0, f"{what} {review.id}")
