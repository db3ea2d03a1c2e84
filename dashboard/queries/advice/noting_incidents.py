"""Storing technical incidents that happened during a tele-expertise (a review from afar)."""

from uuid import UUID

from sqlalchemy import Connection, text

from dashboard.clinical.advice.drafts import NotYours
from dashboard.clinical.advice.tele_expertise import (
    LONGEST_INCIDENT,
    NothingDescribed,
)
from dashboard.database.audit.access_log import log_access
from dashboard.queries.advice.tele_expertise import REVIEWS


def note_incident(
    connection: Connection, case_review_id: UUID, description: str, key: UUID
) -> None:
    """Store a technical incident of a signed review.

    ``key`` is the id of the incident. A second call with the same ``key`` stores nothing. Raise
    ``NothingDescribed`` if the description is empty. Raise ``NotYours`` if the review is not about
    an episode of the signed-in psychiatrist or nurse, or of a colleague whom they cover.
    """
    description = description.replace("\x00", "").strip()[:LONGEST_INCIDENT]
    if not description:
        raise NothingDescribed
    wanted = {"review": case_review_id, "from": None, "until": None}
    review = connection.execute(text(REVIEWS), wanted).one_or_none()
    if review is None:
        raise NotYours
    noted = connection.execute(
        text(_INSERT_INCIDENT),
        {
            "patient": review.patient_id,
            "id": key,
            "review": case_review_id,
            "description": description,
        },
    )
    if noted.rowcount:
        log_access(connection, "incident_noted", review.patient_id, case_review_id=case_review_id)


_INSERT_INCIDENT = """
    INSERT INTO review.incident (patient_id, id, case_review_id, practitioner_id, description)
    VALUES (:patient, :id, :review, review.acting_practitioner(), :description)
    ON CONFLICT DO NOTHING
"""
