"""Readings of the access log and of emergency accesses, for leads and for reports to patients.

Each reading of the log is itself recorded in the log. The functions for leads return at most
``MOST_LISTED`` rows.
"""

from datetime import datetime

from sqlalchemy import Connection, text

from dashboard.clinical.access.accesses import Access, Unusual
from dashboard.clinical.access.emergency import Emergency
from dashboard.clinical.people import Person
from dashboard.database.audit.access_log import log_access


def accesses_of_case(
    connection: Connection, case_number: int, since: datetime, *, exported: bool = False
) -> list[Access]:
    """Return the accesses to a patient's record since ``since``, the latest first.

    ``case_number`` is the number of one of the patient's cases. Accesses to the other cases are
    included, and so are refused attempts to open the case with this number. The list is empty if
    the user is not a medical lead, or if the lead does not watch the site of the case. ``exported``
    is true if the list is written to a file.
    """
    action = "accesses_exported" if exported else "accesses_read"
    log_access(connection, action, episode_id=case_number, since=since)
    rows = connection.execute(
        text("SELECT * FROM review.accesses_of_case(:episode, :since)"),
        {"episode": case_number, "since": since},
    )
    return [Access(*row) for row in rows]


def accesses_for_patient(connection: Connection, case_number: int) -> list[Access] | None:
    """Return all accesses to a patient's record; None if no case has this number.

    Refused attempts whose log row names no patient are left out. ``case_number`` is the number of
    one of the patient's cases. Call this function from the command line, as the owner of the
    database, who sees every row. The access log records the reading without the id of a
    practitioner.
    """
    wanted = {"episode": case_number}
    patient = connection.execute(text(_PATIENT), wanted).scalar_one_or_none()
    if patient is None:
        return None
    log_access(connection, "accesses_reported", patient, episode_id=case_number)
    return [Access(*row) for row in connection.execute(text(_OF_PATIENT), {"patient": patient})]


def unusual_accesses(connection: Connection, since: datetime) -> list[Unusual]:
    """Return the unusual accesses at the sites of the medical lead who is signed in, the latest
    first.
    """
    log_access(connection, "unusual_accesses_read", since=since)
    rows = connection.execute(
        text("SELECT * FROM review.unusual_accesses(:since)"), {"since": since}
    )
    return [
        Unusual(
            row.kind,
            row.practitioner_id,
            row.family_name,
            row.given_name,
            row.role,
            row.first_at,
            row.last_at,
            row.number,
            tuple(row.cases),
        )
        for row in rows
    ]


def emergencies_of_my_sites(connection: Connection, since: datetime) -> list[Emergency]:
    """Return the emergency accesses at the sites of the medical lead who is signed in, the latest
    first.

    The result does not name the patients.
    """
    rows = connection.execute(
        text("SELECT * FROM review.emergencies_of_my_sites(:since)"), {"since": since}
    )
    return [
        Emergency(
            row.id,
            row.episode_id,
            Person(row.practitioner_id, row.family_name, row.given_name),
            row.role,
            row.reason,
            row.explanation,
            row.begun_at,
            row.until,
        )
        for row in rows
    ]


_PATIENT = "SELECT patient_id FROM registry.episode WHERE id = :episode"

_OF_PATIENT = """
    SELECT l.at, l.practitioner_id, coalesce(p.family_name, ''), coalesce(p.given_name, ''),
           l.role, l.action, l.why, l.address
    FROM review.access_log l LEFT JOIN registry.practitioner p ON p.id = l.practitioner_id
    WHERE l.patient_id = :patient
    ORDER BY l.at DESC, l.id
"""
