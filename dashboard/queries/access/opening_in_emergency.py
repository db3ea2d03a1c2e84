"""Starting and ending an emergency access, which opens a patient's record for one hour."""

from uuid import UUID

from sqlalchemy import Connection, text

from dashboard.clinical.access.emergency import LONGEST_EXPLANATION, Wish, problem_of
from dashboard.database.audit.access_log import log_access


def open_in_emergency(connection: Connection, wish: Wish, key: UUID) -> str:
    """Give the signed-in practitioner emergency access to a patient's record for one hour.

    ``key`` is the id of the new access. The result says whether access was given:

    ``opened`` or ``open_already``: the record is open. ``yours``: the practitioner, or a covered
    colleague, is in the care team of this case. ``no_match``: no patient has this case number,
    family name and birth date together. ``too_many``: the limit of accesses in a day, or of wrong
    attempts in an hour, is reached. ``role``: the practitioner is not an active psychiatrist, nurse
    or GP.

    The result is recorded in the access log. Raise ``ValueError`` if ``problem_of`` finds a problem
    in ``wish``.
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


def end_emergency(connection: Connection, emergency_id: UUID) -> None:
    """End an emergency access of the signed-in practitioner now, before its hour is over."""
    ended = connection.execute(_END, {"id": emergency_id}).one_or_none()
    if ended is not None:
        log_access(connection, "emergency_ended", ended.patient_id, emergency_id=emergency_id)


_BEGIN = text("""
    SELECT outcome, patient_id FROM review.begin_emergency_access(
        :id, :episode, :family_name, :birth_date, :reason, :explanation)
""")

_END = text("""
    UPDATE review.emergency_access SET ended_at = now()
    WHERE id = :id AND practitioner_id = review.acting_practitioner()
      AND ended_at IS NULL AND ends_at > now()
    RETURNING patient_id
""")
