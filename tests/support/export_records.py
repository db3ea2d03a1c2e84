"""A record to export, made by hand."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from dashboard.clinical.advice.tele_expertise import (
    EarlierAdvice,
    Professional,
    Record,
    Report,
    Signing,
)
from dashboard.clinical.case.case_file import (
    Answer,
    Assessment,
    CaseReview,
    Recommendation,
    Treatment,
)
from dashboard.clinical.instruments import valid_score
from dashboard.clinical.people import Identity, Person
from dashboard.vocabulary import SettlementKind

PARIS = ZoneInfo("Europe/Paris")
SIGNED = datetime(2026, 11, 2, 14, tzinfo=PARIS)
TEAM = (
    Professional(1, "psychiatrist", "Moreau", "Anne", "99000000007"),
    Professional(2, "nurse", "Roux", "Nadia", None),
    Professional(3, "gp", "Petit", "Claude", "99000000063"),
)


def identity(**values):
    known = {
        "patient_id": 41,
        "family_name": "Lefèvre",
        "given_name": "Camille",
        "birth_date": date(1983, 5, 2),
        "sex": "female",
        "ins": "283057812345678",
        "phone": None,
    }
    return Identity(**known | values)


def line(number=1, **values):
    known = {
        "id": UUID(int=100 + number),
        "position": number,
        "kind": "medication",
        "action": "increase",
        "atc_code": "N06AB06",
        "drug_name": "sertraline",
        "daily_dose_mg": Decimal(100),
        "titration": None,
        "detail": "",
        "alternative": None,
        "owner_role": "gp",
        "due_on": date(2026, 11, 16),
        "answers": (
            Answer(UUID(int=7), Person(3, "Petit", "Claude"), "done", None, SIGNED.replace(day=4)),
        ),
    }
    return Recommendation(**known | values)


def record(*, signed_at=SIGNED, summary="Réponse partielle", lines=(), who=None, **values):
    number = UUID(int=9)
    known = {
        "review": CaseReview(
            id=number,
            psychiatrist=Person(1, "Moreau", "Anne"),
            outcome="reviewed",
            summary=summary,
            next_review_on=None,
            signed_at=signed_at,
            signed_on=signed_at.date(),
            supersedes=values.pop("supersedes", None),
            superseded_by=None,
            recommendations=tuple(lines),
            seen={},
            risk=values.pop("risk", None),
        ),
        "episode_id": 4101,
        "identity": who or identity(),
        "site": "MSP du Parc",
        "consented_on": date(2026, 9, 1),
        "professionals": TEAM,
        "first_signing": Signing(number, signed_at, signed_at.date()),
    }
    return Record(**known | values)


def earlier(number, kind, *, due_on=None, replaced_by=None, reason=""):
    """Return a line of an earlier review, with the settlement by this one."""
    return EarlierAdvice(
        line(number, answers=()),
        SettlementKind(kind),
        date(2026, 10, 12),
        due_on,
        replaced_by,
        reason,
    )


def form(number, instrument, taken_on, total, items=None):
    return Assessment(
        number, instrument, taken_on, total, items, valid_score(instrument, total, items)
    )


def treatment(**values):
    known = {
        "id": 5,
        "atc_code": "N06AB06",
        "name": "sertraline",
        "daily_dose_mg": Decimal("37.5"),
        "as_needed": False,
        "started_on": date(2026, 9, 1),
        "stopped_on": None,
        "stop_reason": None,
        "adherence": "good",
        "side_effects": None,
    }
    return Treatment(**known | values)


def report(one=None, assessments=(), treatments=()):
    return Report(one or record(), tuple(assessments), tuple(treatments))
