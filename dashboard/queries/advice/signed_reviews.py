"""Signed reviews: their content, and the reviews that amend them."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from dashboard.clinical.advice.drafts import NewReview, SignedReview
from dashboard.clinical.advice.lines import DraftLine, DraftReview, DraftSettlement
from dashboard.clinical.people import Person
from dashboard.queries.case.case_rows import risk_of
from dashboard.vocabulary import SettlementKind


def signed_under(connection: Connection, episode_id: int, key: UUID) -> SignedReview | None:
    """Return the review that was signed with the idempotency key ``key``.

    Return None if the episode has no such review.
    """
    wanted = {"episode": episode_id, "key": key}
    review = connection.execute(text(_SIGNED_REVIEW), wanted).one_or_none()
    if review is None:
        return None
    return SignedReview(
        id=review.id,
        episode_id=review.episode_id,
        signed_at=review.signed_at,
        content=content_of(connection, review),
        supersedes=review.supersedes,
    )


def amended_by(
    connection: Connection, patient_id: int, case_review_id: UUID | None
) -> NewReview | None:
    """Return the review that supersedes ``case_review_id``; None if there is none."""
    row = connection.execute(
        text(_AMENDED_BY), {"patient": patient_id, "review": case_review_id}
    ).one_or_none()
    return None if row is None else new_review_of(row)


def content_of(connection: Connection, review: Row[Any]) -> DraftReview:
    """Return the content of a signed review as the content of a draft."""
    wanted = {"patient": review.patient_id, "review": review.id}
    lines = connection.execute(text(_LINES), wanted).all()
    places = {row.id: str(row.position) for row in lines}
    settlements = connection.execute(text(_SETTLEMENTS), wanted)
    return DraftReview(
        summary=review.summary,
        lines=tuple(draft_line_of(row) for row in lines),
        next_review_on=review.next_review_on,
        outcome=review.outcome,
        risk=risk_of(review),
        settlements=tuple(_draft_settlement(row, places) for row in settlements),
    )


def new_review_of(row: Row[Any]) -> NewReview:
    """Return the id, the signer and the time of the review in ``row``."""
    by = Person(row.psychiatrist_id, row.family_name, row.given_name) if row.family_name else None
    return NewReview(row.id, by, row.signed_at)


def _draft_settlement(row: Row[Any], places: dict[UUID, str]) -> DraftSettlement:
    return DraftSettlement(
        id=str(row.recommendation_id),
        kind=SettlementKind(row.kind),
        due_on=row.due_on,
        replaced_by=places.get(row.replaced_by),
        reason=row.reason or "",
    )


def draft_line_of(row: Row[Any]) -> DraftLine:
    """Return a recommendation of a signed review as a recommendation of a draft."""
    return DraftLine(
        id=str(row.position),
        kind=row.kind,
        action=row.action,
        atc_code=row.atc_code,
        drug_name=row.drug_name or "",
        dose="" if row.daily_dose_mg is None else f"{row.daily_dose_mg.normalize():f}",
        titration=row.titration or "",
        detail=row.detail,
        alternative=row.alternative or "",
        owner_role=row.owner_role,
        due_on=row.due_on,
        replaced_atc_code=row.replaced_atc_code,
        replaced_drug_name=row.replaced_drug_name or "",
    )


_SIGNED_REVIEW = """
    SELECT patient_id, id, episode_id, signed_at, supersedes, summary, outcome, next_review_on,
           risk_level, risk_reassess_on, risk_reason
    FROM review.case_review
    WHERE patient_id = (SELECT patient_id FROM registry.episode WHERE id = :episode)
      AND episode_id = :episode AND idempotency_key = :key
"""

_LINES = """
    SELECT id, position, kind, action, atc_code, drug_name, daily_dose_mg, titration, detail,
           alternative, owner_role, due_on, replaced_atc_code, replaced_drug_name
    FROM review.recommendation
    WHERE patient_id = :patient AND case_review_id = :review ORDER BY position
"""

_SETTLEMENTS = """
    SELECT s.recommendation_id, s.kind, s.replaced_by, s.due_on, s.reason
    FROM review.settlement s
    JOIN review.recommendation c ON c.patient_id = s.patient_id AND c.id = s.recommendation_id
    JOIN review.case_review r ON r.patient_id = c.patient_id AND r.id = c.case_review_id
    WHERE s.patient_id = :patient AND s.case_review_id = :review
    ORDER BY r.signed_at, r.id, c.position
"""

REVIEWERS = """
    SELECT r.id, r.psychiatrist_id, r.signed_at, p.family_name, p.given_name
    FROM review.case_review r LEFT JOIN registry.practitioner p ON p.id = r.psychiatrist_id
    WHERE r.patient_id = :patient
"""

_AMENDED_BY = f"{REVIEWERS} AND r.supersedes = :review"
