"""Emergency access: opening the record of a patient outside one's own, for an hour.

In French « bris de glace ». The team and the medical lead are told at once, with the reason;
it gives reading and answering, and neither drafts nor signatures: advice comes from those who
know the patient.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from dashboard.clinical.case.case_file import CaseFile
from dashboard.clinical.people import Identity, Person
from dashboard.vocabulary import CARE_TEAM, EmergencyReason

ROLES = CARE_TEAM
"""Who may: those who treat patients."""

LASTS = timedelta(hours=1)
"""How long a record stays open; the table holds it to at most an hour."""

SHORTEST_EXPLANATION = 10
LONGEST_EXPLANATION = 1_000

TOLD_FOR = timedelta(days=14)
"""For how long the team sees that a record was opened: until after the next meeting."""

WRONG_AN_HOUR = 5
"""Attempts that name no patient, after which an hour goes by: no search engine over everybody."""

OPENED_A_DAY = 10
"""Records that one person opens in an emergency within a day, at most [proposal]."""


@dataclass(frozen=True)
class Wish:
    """Which patient, typed exactly, and why; what is not typed yet is none."""

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
    """When it ends, or was ended."""
    patient: Identity | None = None
    """For the patient's own team alone."""


def problem_of(wish: Wish) -> str | None:
    """What is lacking: ``patient``, ``reason``, ``explanation``; none if it can be asked."""
    if wish.case_number is None or not wish.family_name.strip() or wish.birth_date is None:
        return "patient"
    if wish.reason not in tuple(EmergencyReason):
        return "reason"
    if len(wish.explanation.strip()) < SHORTEST_EXPLANATION:
        return "explanation"
    return None


def is_outside(case: CaseFile, practitioner_id: int) -> bool:
    """Whether a case that can be read is neither one's own nor that of whom one covers."""
    team = {one.id for one in (case.gp, case.nurse, case.psychiatrist) if one is not None}
    return case.covered is None and practitioner_id not in team
