"""The rows of the synthetic registry.

Each table has one class. The fields of the class have the names of the columns.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple


class Site(NamedTuple):
    id: int
    name: str
    department: str
    kind: str
    opened_on: date


class Practitioner(NamedTuple):
    id: int
    role: str
    family_name: str
    given_name: str
    rpps: str | None
    secure_email: str | None
    active: bool


class PractitionerSite(NamedTuple):
    practitioner_id: int
    site_id: int


class Patient(NamedTuple):
    id: int
    family_name: str
    given_name: str
    birth_date: date
    sex: str
    ins: str | None
    phone: str | None


class Episode(NamedTuple):
    id: int
    patient_id: int
    site_id: int
    gp_id: int
    nurse_id: int
    psychiatrist_id: int
    referred_on: date
    consented_on: date | None
    enrolled_on: date
    status: str
    closed_on: date | None
    closed_reason: str | None
    problem: str
    diagnosis_code: str | None
    diagnosis_label: str | None


class CareSequence(NamedTuple):
    id: int
    episode_id: int
    kind: str
    number: int
    starts_on: date
    ends_on: date


class Assessment(NamedTuple):
    id: int
    patient_id: int
    instrument: str
    taken_on: date
    total: int | None
    items: Sequence[int | None] | None
    recorded_by: int | None


class Contact(NamedTuple):
    id: int
    patient_id: int
    happened_at: datetime
    kind: str
    attended: bool
    minutes: int | None
    practitioner_id: int
    note: str | None


class Medication(NamedTuple):
    id: int
    patient_id: int
    atc_code: str
    name: str
    daily_dose_mg: float | None
    as_needed: bool
    started_on: date
    stopped_on: date | None = None
    stop_reason: str | None = None
    adherence: str | None = None
    side_effects: str | None = None


class PsychosocialCare(NamedTuple):
    id: int
    patient_id: int
    kind: str
    started_on: date
    ended_on: date | None
    sessions: int | None
    note: str | None


class Condition(NamedTuple):
    id: int
    patient_id: int
    code: str
    label: str
    onset_on: date | None
    resolved_on: date | None


class Flag(NamedTuple):
    id: int
    patient_id: int
    kind: str
    raised_by: int
    raised_at: datetime
    note: str | None
    cleared_by: int | None = None
    cleared_at: datetime | None = None


class Preparation(NamedTuple):
    id: str
    episode_id: int
    patient_id: int
    nurse_id: int
    question: str
    asked_at: datetime
    ready_at: datetime | None
    withdrawn_at: datetime | None = None
    tried: str = ""
    wants_discussion: bool = False


class Meeting(NamedTuple):
    id: str
    psychiatrist_id: int
    nurse_id: int
    held_on: date
    sent_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None


class AgendaItem(NamedTuple):
    id: str
    patient_id: int
    meeting_id: str
    episode_id: int
    position: int
    chosen_by: str
    removed_at: datetime | None = None
    removed_reason: str | None = None
    outcome: str | None = None
    reason: str | None = None
    case_review_id: str | None = None
    decided_at: datetime | None = None
    seconds_spent: int = 0


class CaseReview(NamedTuple):
    id: str
    episode_id: int
    patient_id: int
    psychiatrist_id: int
    outcome: str
    summary: str
    next_review_on: date | None
    seen: str
    signed_at: datetime
    supersedes: str | None
    idempotency_key: str
    risk_level: str | None = None
    risk_reassess_on: date | None = None
    risk_reason: str | None = None


class Recommendation(NamedTuple):
    id: str
    case_review_id: str
    patient_id: int
    position: int
    kind: str
    action: str | None
    atc_code: str | None
    drug_name: str | None
    daily_dose_mg: float | None
    titration: str | None
    detail: str
    alternative: str | None
    owner_role: str
    due_on: date | None
    replaced_atc_code: str | None
    replaced_drug_name: str | None


class Answer(NamedTuple):
    id: str
    recommendation_id: str
    patient_id: int
    practitioner_id: int
    outcome: str
    reason: str | None
    answered_at: datetime


class Settlement(NamedTuple):
    id: str
    patient_id: int
    case_review_id: str | None
    settled_by: int
    settled_at: datetime
    recommendation_id: str
    kind: str
    replaced_by: str | None
    due_on: date | None
    reason: str | None


class Delivery(NamedTuple):
    id: str
    case_review_id: str
    patient_id: int
    recipient_id: int
    channel: str
    state: str
    message_id: str
    attempts: int
    queued_at: datetime
    sent_at: datetime | None
    reminder: int = 0
    error: str | None = None


class Incident(NamedTuple):
    id: str
    case_review_id: str
    patient_id: int
    practitioner_id: int
    description: str
    noted_at: datetime


TABLES: dict[type[NamedTuple], str] = {
    Site: "registry.site",
    Practitioner: "registry.practitioner",
    PractitionerSite: "registry.practitioner_site",
    Patient: "registry.patient",
    Episode: "registry.episode",
    CareSequence: "registry.care_sequence",
    Assessment: "registry.assessment",
    Contact: "registry.contact",
    Medication: "registry.medication",
    PsychosocialCare: "registry.psychosocial_care",
    Condition: "registry.condition",
    Flag: "registry.flag",
    Preparation: "review.preparation",
    Meeting: "review.meeting",
    AgendaItem: "review.agenda_item",
    CaseReview: "review.case_review",
    Recommendation: "review.recommendation",
    Answer: "review.answer",
    Settlement: "review.settlement",
    Delivery: "review.delivery",
    Incident: "review.incident",
}
"""The table of each kind of row. Each table is listed after the tables that it references."""
