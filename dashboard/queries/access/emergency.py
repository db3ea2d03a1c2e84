"""Emergency access: opening it, what runs, what the patient's team is told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from dashboard.clinical.access.emergency import LONGEST_EXPLANATION, Emergency, Wish, problem_of
from dashboard.clinical.people import Identity, Person
from dashboard.database.audit.access_log import log_access


def open_in_emergency(connection: Connection, wish: Wish, key: UUID) -> str:
    """Open the record of a patient who is not the acting practitioner's, for an hour.

    What came of it: ``opened``, ``open_already``; ``yours``: no emergency is needed;
    ``no_match``: the number, the name and the day do not belong together; ``too_many``;
    ``role``. Each is on the access log. ``key`` names the access. Raises ``ValueError``
    where ``problem_of`` finds something.
    """
    problem = problem_of(wish)
    if problem is not None:
        raise ValueError(problem)
    asked = {
        "id": key,
        "episode": wish.case_number,
        "family_name": wish.family_name.replace("\x00", ""),
        "birth_date": wish.birth_date,
        "reason": wish.reason,
        "explanation": wish.explanation.replace("\x00", "").strip()[:LONGEST_EXPLANATION],
    }
    outcome, patient_id = connection.execute(_BEGIN, asked).one()
    log_access(
        connection,
        "emergency_opened" if outcome in ("opened", "open_already") else "emergency_refused",
        patient_id,
        episode_id=wish.case_number,
        **{"reason": wish.reason} if outcome == "opened" else {"why": outcome},
    )
    return str(outcome)


def running(connection: Connection, patient_id: int) -> Emergency | None:
    """The emergency access by which the acting practitioner reads this patient's record now."""
    row = connection.execute(_RUNNING, {"patient": patient_id}).first()
    return None if row is None else _emergency(row, None)


def end_emergency(connection: Connection, emergency_id: UUID) -> None:
    """End one's own emergency access before its hour is over."""
    ended = connection.execute(_END, {"id": emergency_id}).one_or_none()
    if ended is not None:
        log_access(connection, "emergency_ended", ended.patient_id, emergency_id=emergency_id)


def told(connection: Connection, since: datetime) -> list[Emergency]:
    """Emergency accesses of others to the acting practitioner's patients, the newest first."""
    rows = connection.execute(_TOLD, {"since": since}).all()
    return [
        _emergency(
            row,
            Identity(
                row.patient_id,
                row.patient_family_name,
                row.patient_given_name,
                row.birth_date,
                row.sex,
                None,
                None,
            ),
        )
        for row in rows
    ]


def _emergency(row: Row[Any], patient: Identity | None) -> Emergency:
    return Emergency(
        row.id,
        row.episode_id,
        Person(row.practitioner_id, row.family_name, row.given_name),
        row.role,
        row.reason,
        row.explanation,
        row.begun_at,
        row.until,
        patient,
    )


_BEGIN = text("""
    SELECT outcome, patient_id FROM review.begin_emergency_access(
        :id, :episode, :family_name, :birth_date, :reason, :explanation)
""")

_ACCESS = """
    SELECT a.id, a.patient_id, a.episode_id, a.reason, a.explanation, a.begun_at,
           coalesce(a.ended_at, a.ends_at) AS until,
           a.practitioner_id, who.family_name, who.given_name, who.role
"""

_RUNNING = text(f"""
    {_ACCESS}
    FROM review.emergency_access a
    JOIN registry.practitioner who ON who.id = a.practitioner_id
    WHERE a.patient_id = :patient AND a.practitioner_id = review.acting_practitioner()
      AND a.ended_at IS NULL AND a.ends_at > now()
""")

_TOLD = text(f"""
    {_ACCESS}, p.family_name AS patient_family_name, p.given_name AS patient_given_name,
           p.birth_date, p.sex
    FROM review.emergency_access a
    JOIN registry.practitioner who ON who.id = a.practitioner_id
    JOIN registry.patient p ON p.id = a.patient_id
    WHERE a.begun_at >= :since AND a.practitioner_id <> review.acting_practitioner()
      AND NOT a.patient_id = ANY ((SELECT review.opened_in_emergency())::bigint[])
    ORDER BY a.begun_at DESC, a.id
""")

_END = text("""
    UPDATE review.emergency_access SET ended_at = now()
    WHERE id = :id AND practitioner_id = review.acting_practitioner()
      AND ended_at IS NULL AND ends_at > now()
    RETURNING patient_id
""")
