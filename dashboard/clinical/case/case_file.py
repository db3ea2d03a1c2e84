"""The data of one episode that the case page shows, as plain data."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from dashboard.clinical.caseload.rules import Reason
from dashboard.clinical.delivery import Delivery
from dashboard.clinical.instruments import INSTRUMENTS, Score, total_disagrees
from dashboard.clinical.people import Identity, Person
from dashboard.clinical.risk import RiskStatement
from dashboard.clinical.settlements import SETTLING_OUTCOMES, LineCourse, LineEnd
from dashboard.vocabulary import EpisodeStatus, SettlementKind


@dataclass(frozen=True)
class Sequence:
    """A care sequence, n of 4."""

    kind: str
    number: int
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class Assessment:
    """One form as it is stored, and its valid score, if any."""

    id: int
    instrument: str
    taken_on: date
    total: int | None
    items: tuple[int | None, ...] | None
    score: Score | None

    @property
    def label(self) -> str:
        """The questionnaire's name; its code where it is unknown."""
        known = INSTRUMENTS.get(self.instrument)
        return known.label if known else self.instrument

    @property
    def plotted(self) -> int | None:
        """The value on the chart: the valid score, or else the total as it is stored."""
        return self.score.value if self.score else self.total

    @property
    def solid(self) -> bool:
        """Whether the point is drawn full: a valid score with all of its items."""
        return (
            self.score is not None
            and self.score.origin != "prorated"
            and self.items is not None
            and len(self.items) == INSTRUMENTS[self.instrument].items
            and None not in self.items
        )

    @property
    def has_severity(self) -> bool:
        """Whether its questionnaire has a severity, a sum and a trend; an unknown one counts as
        having.
        """
        known = INSTRUMENTS.get(self.instrument)
        return known is None or known.has_severity

    @cached_property
    def oddities(self) -> tuple[str, ...]:
        """The faults of the stored row, as codes; the interface has the words.

        ``unknown_instrument``, ``out_of_range``, ``total_disagrees``, ``bad_items``, ``no_score``.
        """
        known = INSTRUMENTS.get(self.instrument)
        if known is None:
            return ("unknown_instrument",)
        found = []
        if self.total is not None and not known.in_range(self.total):
            found.append("out_of_range")
        if total_disagrees(self.instrument, self.total, self.items):
            found.append("total_disagrees")
        if self.items and (
            len(self.items) != known.items
            or any(item is not None and not 0 <= item <= known.item_maximum for item in self.items)
        ):
            found.append("bad_items")
        if self.score is None and not found and (known.has_severity or not self.has_answer):
            found.append("no_score")
        return tuple(found)

    @property
    def has_answer(self) -> bool:
        """Whether at least one of its questions was answered."""
        return any(item is not None for item in self.items or ())


@dataclass(frozen=True)
class Contact:
    """A contact with the patient, attended or missed."""

    id: int
    happened_at: datetime
    day: date
    kind: str
    attended: bool
    minutes: int | None
    practitioner: Person | None
    note: str | None
    purpose: str | None = None
    """The purpose; None where the registry does not know it."""


@dataclass(frozen=True)
class Treatment:
    """One drug at one dose over one period."""

    id: int
    atc_code: str
    name: str
    daily_dose_mg: Decimal | None
    as_needed: bool
    started_on: date
    stopped_on: date | None
    stop_reason: str | None
    adherence: str | None
    side_effects: str | None


@dataclass(frozen=True)
class PsychosocialCare:
    """A care other than drugs."""

    id: int
    kind: str
    started_on: date
    ended_on: date | None
    sessions: int | None
    note: str | None


@dataclass(frozen=True)
class Condition:
    """A condition of the patient, by its ICD-10 code."""

    id: int
    code: str
    label: str
    onset_on: date | None
    resolved_on: date | None


@dataclass(frozen=True)
class Flag:
    """A flag raised for the team."""

    id: int
    kind: str
    raised_by: Person | None
    raised_at: datetime
    note: str | None
    cleared_by: Person | None
    cleared_at: datetime | None


@dataclass(frozen=True)
class SafetyPlan:
    """A safety plan of the patient, where the registry keeps them."""

    id: int
    made_on: date
    reviewed_on: date | None


@dataclass(frozen=True)
class Question:
    """A question of the nurse to the psychiatrist."""

    id: UUID
    nurse: Person | None
    text: str
    asked_at: datetime
    ready_at: datetime | None


@dataclass(frozen=True)
class Answer:
    """An answer to a recommendation: the outcome, its author, and its instant."""

    id: UUID
    practitioner: Person | None
    outcome: str
    reason: str | None
    answered_at: datetime


@dataclass(frozen=True)
class Recommendation:
    """One line of advice, with its answers, the latest last; for a switch, the drug replaced."""

    id: UUID
    position: int
    kind: str
    action: str | None
    atc_code: str | None
    drug_name: str | None
    daily_dose_mg: Decimal | None
    titration: str | None
    detail: str
    alternative: str | None
    owner_role: str
    due_on: date | None
    answers: tuple[Answer, ...] = ()
    replaced_drug_name: str | None = None
    course: LineCourse | None = None
    """The effect of later reviews on it; None where it is not read, and the line then stands."""
    replacement: "Recommendation | None" = None
    """The line that takes its place, where a review has named one."""
    read_since_sent: bool = True
    """Whether an answer, if there is one, was given on the day it was last sent or later."""

    @property
    def stands(self) -> bool:
        """Whether it is a standing recommendation."""
        return self.course is None or self.course.stands

    @property
    def current_due_on(self) -> date | None:
        """The due date last given."""
        return self.due_on if self.course is None else self.course.due_on

    @property
    def is_settled(self) -> bool:
        """Whether its latest answer leaves nothing to await."""
        return bool(self.answers) and self.answers[-1].outcome in SETTLING_OUTCOMES

    @property
    def is_open(self) -> bool:
        """Whether it still awaits an answer or an action."""
        return self.stands and not self.is_settled

    @property
    def state(self) -> str:
        """Its state: exactly one of these, the first that holds.

        The outcome of the latest answer where that settles it; ``superseded``, ``replaced`` or
        ``withdrawn``; ``acknowledged`` since it was last sent; ``unanswered``. A line whose
        settling answer was taken back after a later review counts as replaced by that review.
        """
        if self.is_settled:
            return self.answers[-1].outcome
        if self.course is not None and self.course.end is not None:
            end = self.course.end
            return (LineEnd.REPLACED if end is LineEnd.SETTLED else end).value
        return self.answers[-1].outcome if self.answers and self.read_since_sent else "unanswered"


@dataclass(frozen=True)
class Settlement:
    """The settlement of a line of earlier advice.

    It is made by the review ``review_id``; where that is None, by a psychiatrist between reviews.
    ``due_on`` is the due date of a line that is kept, ``replaced_by`` the line that replaces it.
    """

    id: UUID
    recommendation_id: UUID
    review_id: UUID | None
    kind: SettlementKind
    settled_by: Person | None
    settled_at: datetime
    due_on: date | None = None
    replaced_by: UUID | None = None
    reason: str | None = None


@dataclass(frozen=True)
class CaseReview:
    """A signed case review with its recommendations. ``superseded_by`` is a later review."""

    id: UUID
    psychiatrist: Person | None
    outcome: str
    summary: str
    next_review_on: date | None
    signed_at: datetime
    signed_on: date
    supersedes: UUID | None
    superseded_by: UUID | None
    recommendations: tuple[Recommendation, ...]
    seen: dict[str, Any]
    covered: Person | None = None
    """The colleague in whose place the psychiatrist signed; None where it was in their own."""
    deliveries: tuple[Delivery, ...] = ()
    """Its delivery to each recipient."""
    risk: RiskStatement | None = None
    """The statement about the risk of suicide; None where the form asked for none."""
    settlements: tuple[Settlement, ...] = ()
    """Its settlements of the lines of earlier reviews, in the order of those lines."""
    kept: tuple[Recommendation, ...] = ()
    """The lines of earlier reviews of which it is the last review to keep them."""
    ended: tuple[Recommendation, ...] = ()
    """The lines of earlier reviews that it states to have replaced or withdrawn."""


@dataclass(frozen=True)
class CaseFile:
    """One episode as it stands on ``as_of``. Lists are in order of time, the latest last."""

    as_of: date
    episode_id: int
    identity: Identity
    site: str
    gp: Person | None
    nurse: Person | None
    psychiatrist: Person | None
    referred_on: date
    consented_on: date | None
    enrolled_on: date
    status: str
    closed_on: date | None
    problem: str
    diagnosis_code: str | None
    diagnosis_label: str | None
    sequences: tuple[Sequence, ...]
    assessments: tuple[Assessment, ...]
    contacts: tuple[Contact, ...]
    treatments: tuple[Treatment, ...]
    psychosocial: tuple[PsychosocialCare, ...]
    conditions: tuple[Condition, ...]
    flags: tuple[Flag, ...]
    questions: tuple[Question, ...]
    reviews: tuple[CaseReview, ...]
    reasons: tuple[Reason, ...]
    covered: Person | None = None
    """The colleague in whose place the reader sees it; None for the patient's own care team."""
    withdrawals: tuple[Settlement, ...] = ()
    """The lines that a psychiatrist has withdrawn between reviews."""
    safety_plans: tuple[SafetyPlan, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether the episode is not closed, or was closed after ``as_of``."""
        return self.status != EpisodeStatus.CLOSED or (
            self.closed_on is not None and self.closed_on > self.as_of
        )

    @property
    def weeks_in_care(self) -> int:
        """Completed weeks since enrolment."""
        return (self.as_of - self.enrolled_on).days // 7

    @property
    def current_sequence(self) -> Sequence | None:
        """The sequence with the latest start on or before ``as_of``; of two, the later entry."""
        started = [one for one in self.sequences if one.starts_on <= self.as_of]
        return sorted(started, key=lambda one: one.starts_on)[-1] if started else None

    def scores_of(self, instrument: str) -> tuple[Assessment, ...]:
        """Return the forms of one questionnaire that have a valid score, the latest last."""
        return tuple(
            form
            for form in self.assessments
            if form.instrument == instrument and form.score is not None
        )
