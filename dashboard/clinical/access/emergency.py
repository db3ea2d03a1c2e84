"""Emergency access: a practitioner opens the record of a patient outside their own list, for an
hour.

It is called « bris de glace » in French. The patient's care team and the medical lead are told at
once, with the reason. Emergency access allows reading and answering. It does not allow drafting or
signing, because only the team that knows the patient gives advice.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from dashboard.clinical.case.case_file import CaseFile
from dashboard.clinical.people import Identity, Person
from dashboard.vocabulary import CARE_TEAM, EmergencyReason

ROLES = CARE_TEAM
"""The roles that may use emergency access: the roles that treat patients."""

LASTS = timedelta(hours=1)
"""Time from opening a record until its emergency access ends. The database table also limits it to
one hour.
"""

SHORTEST_EXPLANATION = 10
LONGEST_EXPLANATION = 1_000
"""Shortest and longest explanation of an emergency access, in characters."""

TOLD_FOR = timedelta(days=14)
"""The patient's team sees a notice of an emergency access for this time after the record was
opened. The time is long enough to include the next meeting.
"""

WRONG_AN_HOUR = 5
"""Further attempts are refused after this many attempts within one hour that matched no patient.
The limit prevents a search over all patients.
"""

OPENED_A_DAY = 10
"""Largest number of records that one person can open by emergency access within 24 hours
[proposal].
"""


@dataclass(frozen=True)
class Wish:
    """A request for emergency access: the reason, and the patient's details. The family name must
    match apart from capitals, accents, spaces and punctuation, the other details exactly. A value
    that was not typed yet is None or empty.
    """

    case_number: int | None
    family_name: str
    birth_date: date | None
    reason: str | None
    explanation: str


@dataclass(frozen=True)
class Emergency:
    """One emergency access to the record of a patient."""

    id: UUID
    episode_id: int
    practitioner: Person
    role: str
    reason: str
    explanation: str
    begun_at: datetime
    ends_at: datetime
    """The end of the access. It is earlier than planned if somebody ended the access."""
    patient: Identity | None = None
    """The patient's identity. It is set only if the reader belongs to the patient's own team, or
    covers a member of it.
    """


def problem_of(wish: Wish) -> str | None:
    """Return the first missing part of a request: ``patient``, ``reason`` or ``explanation``. An
    explanation that is too short counts as missing. Return None if the request is complete.
    """
    if wish.case_number is None or not wish.family_name.strip() or wish.birth_date is None:
        return "patient"
    if wish.reason not in tuple(EmergencyReason):
        return "reason"
    if len(wish.explanation.strip()) < SHORTEST_EXPLANATION:
        return "explanation"
    return None


def is_outside(case: CaseFile, practitioner_id: int) -> bool:
    """Return whether the practitioner is outside the care team of ``case``: neither a member of the
    team nor covering a member.
    """
    team = {one.id for one in (case.gp, case.nurse, case.psychiatrist) if one is not None}
    return case.covered is None and practitioner_id not in team
