"""A complete case without oddities, so that a test can change one thing."""

from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from dashboard.calendar import PARIS
from dashboard.clinical.case.case_file import (
    Assessment,
    CaseFile,
    Condition,
    Contact,
    PsychosocialCare,
    Sequence,
    Treatment,
)
from dashboard.clinical.instruments import valid_score
from dashboard.clinical.people import Identity, Person

TODAY = date(2026, 11, 24)
ENROLLED_ON = date(2026, 9, 1)


def form(
    instrument: str,
    taken_on: date,
    total: int | None = None,
    items: tuple[int | None, ...] | None = None,
    number: int = 1,
) -> Assessment:
    """Return a form as it is stored, with the valid score that follows from it."""
    score = valid_score(instrument, total, items)
    return Assessment(number, instrument, taken_on, total, items, score)


def contact(on: date, *, attended: bool = True) -> Contact:
    """Return a contact at noon."""
    at = datetime.combine(on, time(12), tzinfo=PARIS)
    return Contact(1, at, on, "phone", attended, 15, None, None)


SERTRALINE = Treatment(
    id=1,
    atc_code="N06AB06",
    name="sertraline",
    daily_dose_mg=Decimal(50),
    as_needed=False,
    started_on=date(2026, 9, 10),
    stopped_on=None,
    stop_reason=None,
    adherence="good",
    side_effects=None,
)

COMPLETE = CaseFile(
    as_of=TODAY,
    episode_id=1,
    identity=Identity(
        patient_id=1,
        family_name="Lefèvre",
        given_name="Camille",
        birth_date=date(1983, 5, 2),
        sex="female",
        ins=None,
        phone=None,
    ),
    site="MSP du Parc",
    gp=Person(1, "Petit", "Claude"),
    nurse=Person(2, "Roux", "Claude"),
    psychiatrist=Person(3, "Moreau", "Claude"),
    referred_on=date(2026, 8, 25),
    consented_on=ENROLLED_ON,
    enrolled_on=ENROLLED_ON,
    status="active",
    closed_on=None,
    problem="Épisode dépressif",
    diagnosis_code="F32.1",
    diagnosis_label="Épisode dépressif moyen",
    sequences=(Sequence("classique", 1, ENROLLED_ON, date(2026, 11, 30)),),
    assessments=(
        form("gad7", date(2026, 9, 1), 8),
        form("phq9", date(2026, 11, 18), items=(1, 1, 1, 1, 1, 1, 1, 1, 0)),
    ),
    contacts=(contact(date(2026, 11, 18)),),
    treatments=(SERTRALINE,),
    psychosocial=(PsychosocialCare(1, "problem_solving", ENROLLED_ON, None, 4, None),),
    conditions=(Condition(1, "I10", "Hypertension", None, None),),
    flags=(),
    questions=(),
    reviews=(),
    reasons=(),
)


def case(**changed: Any) -> CaseFile:
    """Return the complete case, with these changes."""
    return replace(COMPLETE, **changed)
