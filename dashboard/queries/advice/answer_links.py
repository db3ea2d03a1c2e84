"""The link in a letter with which a GP without an account answers a review. It can be used once."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from dashboard.clinical.advice.answer_link import AskedByLink, LinkClosed
from dashboard.clinical.deidentification import initials, mask_of, masked
from dashboard.clinical.medication import age_on
from dashboard.clinical.people import Person
from dashboard.database.audit.access_log import log_access
from dashboard.queries.advice.inbox import lines_by_review
from dashboard.queries.case.case_rows import risk_of
from dashboard.queries.people import identity_of


def open_link(connection: Connection, link_id: UUID) -> AskedByLink:
    """Return the content of the page that this link opens. Its ``awaited`` are the recommendations
    that the GP can answer.

    Raise ``LinkClosed`` if the link is unknown, used or expired, or if its review was amended.
    Raise ``LinkClosed`` too if no recommendation awaits an answer from the GP. The opening or the
    refusal is recorded in the access log.
    """
    row = connection.execute(text(_LINK), {"link": link_id}).one_or_none()
    why = _why_closed(row)
    if row is None or why is not None:
        log_access(connection, "answer_link_refused", row.patient_id if row else None, why=why)
        raise LinkClosed(why or "unknown")
    asked = _asked(connection, row)
    if not asked.awaited:
        log_access(connection, "answer_link_refused", row.patient_id, why="not_wanted")
        raise LinkClosed("not_wanted")
    log_access(connection, "answer_link_opened", row.patient_id, link_id=link_id)
    return asked


def _why_closed(row: Row[Any] | None) -> str | None:
    if row is None:
        return "unknown"
    if row.used_at is not None:
        return "used"
    if row.superseded:
        return "superseded"
    return "expired" if row.expired else None


def _asked(connection: Connection, row: Row[Any]) -> AskedByLink:
    found = lines_by_review(connection, [row.case_review_id], row.today)[row.case_review_id]
    mask = mask_of(identity_of(row))
    by = Person(row.psychiatrist_id, row.by_family_name, row.by_given_name)
    return AskedByLink(
        case_review_id=row.case_review_id,
        language=row.language or "fr",
        patient=f"{initials(row.given_name)} {initials(row.family_name)}",
        age=age_on(row.birth_date, row.today),
        psychiatrist=by if row.by_family_name else None,
        signed_on=row.signed_on,
        lines=tuple(masked(line, mask) for line in (*found.own, *found.kept)),
        risk=masked(risk_of(row), mask),
    )


_LINK = """
    SELECT l.patient_id, l.case_review_id, l.used_at, l.expires_at <= now() AS expired,
           (now() AT TIME ZONE 'Europe/Paris')::date AS today,
           r.risk_level, r.risk_reassess_on, r.risk_reason,
           r.psychiatrist_id, (r.signed_at AT TIME ZONE 'Europe/Paris')::date AS signed_on,
           EXISTS (SELECT FROM review.case_review later
                   WHERE later.patient_id = r.patient_id AND later.supersedes = r.id
           ) AS superseded,
           p.family_name, p.given_name, p.birth_date, p.sex, p.ins, p.phone,
           by.family_name AS by_family_name, by.given_name AS by_given_name, t.language
    FROM review.answer_link l
    JOIN review.case_review r ON r.patient_id = l.patient_id AND r.id = l.case_review_id
    JOIN registry.patient p ON p.id = l.patient_id
    LEFT JOIN registry.practitioner by ON by.id = r.psychiatrist_id
    LEFT JOIN review.letter t ON t.patient_id = l.patient_id
         AND t.case_review_id = l.case_review_id AND t.recipient_id = l.recipient_id
    WHERE l.id = :link AND l.recipient_id = review.acting_practitioner()
"""
