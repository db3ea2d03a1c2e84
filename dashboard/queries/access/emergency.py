"""Emergency accesses to records: the one that is open now, and those that the care team is
told of.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from dashboard.clinical.access.emergency import Emergency
from dashboard.clinical.people import Identity, Person
from dashboard.database.security.emergency import ONLY_IN_AN_EMERGENCY
from dashboard.queries.people import identity_without_numbers


def running(connection: Connection, patient_id: int) -> Emergency | None:
    """Return the open emergency access of the signed-in practitioner to this patient's record.

    Return None if there is none.
    """
    row = connection.execute(_RUNNING, {"patient": patient_id}).first()
    return None if row is None else _emergency(row, None)


def told(connection: Connection, since: datetime) -> list[Emergency]:
    """Return the emergency accesses of other people to records of the signed-in practitioner's
    patients, begun at ``since`` or later.

    Patients whom the practitioner sees only by an emergency access are left out. The newest access
    comes first.
    """
    rows = connection.execute(_TOLD, {"since": since}).all()
    return [_emergency(row, identity_without_numbers(row)) for row in rows]


def _emergency(row: Row[Any], patient: Identity | None) -> Emergency:
    return Emergency(
        row.id,
        row.episode_id,
        Person(row.practitioner_id, row.opener_family_name, row.opener_given_name),
        row.role,
        row.reason,
        row.explanation,
        row.begun_at,
        row.until,
        patient,
    )


_ACCESS = """
    SELECT a.id, a.patient_id, a.episode_id, a.reason, a.explanation, a.begun_at,
           coalesce(a.ended_at, a.ends_at) AS until,
           a.practitioner_id, who.family_name AS opener_family_name,
           who.given_name AS opener_given_name, who.role
"""

_RUNNING = text(f"""
    {_ACCESS}
    FROM review.emergency_access a
    JOIN registry.practitioner who ON who.id = a.practitioner_id
    WHERE a.patient_id = :patient AND a.practitioner_id = review.acting_practitioner()
      AND a.ended_at IS NULL AND a.ends_at > now()
""")

_TOLD = text(f"""
    {_ACCESS}, p.family_name, p.given_name,
           p.birth_date, p.sex
    FROM review.emergency_access a
    JOIN registry.practitioner who ON who.id = a.practitioner_id
    JOIN registry.patient p ON p.id = a.patient_id
    WHERE a.begun_at >= :since AND a.practitioner_id <> review.acting_practitioner()
      AND EXISTS (SELECT FROM registry.episode e
                  WHERE e.patient_id = a.patient_id AND NOT {ONLY_IN_AN_EMERGENCY})
    ORDER BY a.begun_at DESC, a.id
""")
