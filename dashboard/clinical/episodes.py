"""The facts of an episode on a given day. Rules and charts read these plain data.

Facts dated after the given day are left out. For example, a flag that was cleared later still
counts as uncleared (docs/review_list.md, "Exact words").
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from dashboard.vocabulary import EpisodeStatus, RiskLevel

PREGNANCY_CODES = ("Z33", "Z34", "Z35")
LONG_QT_CODE = "I45.8"
NOT_A_CONTACT = ("scheduling", "message")
"""A contact in the registry that has one of these purposes does not count as a contact with the
patient.
"""
SEVERE_QUESTIONS = (4, 5, 6)
"""The questions of the C-SSRS, counted from 1, that make it positive if answered yes (C-SSRS
triage).
"""


def counted_status(stored: str | None) -> str:
    """Return the status that the rules read: ``relapse_prevention`` or ``active``.

    A closed episode and an episode with an unknown status count as active.
    """
    return (
        EpisodeStatus.RELAPSE_PREVENTION
        if stored == EpisodeStatus.RELAPSE_PREVENTION
        else EpisodeStatus.ACTIVE
    )


class DatedScore(NamedTuple):
    """A valid score, and the day on which it was taken."""

    day: date
    value: int


class DatedAnswer(NamedTuple):
    """The answer to one item of a questionnaire, and the day on which it was given."""

    day: date
    value: int


class ScreenerFact(NamedTuple):
    """A C-SSRS with an answer to at least one of its six questions."""

    day: date
    answers: tuple[int | None, ...]

    @property
    def severe_questions(self) -> tuple[int, ...]:
        """The numbers of the severe questions (4, 5 and 6) that were answered yes (C-SSRS
        triage).
        """
        return tuple(
            number
            for number in SEVERE_QUESTIONS
            if len(self.answers) >= number and (self.answers[number - 1] or 0) > 0
        )


class ContactFact(NamedTuple):
    """A contact with the patient, attended or missed. Contacts for scheduling or for a message are
    left out.
    """

    day: date
    attended: bool


@dataclass(frozen=True, slots=True)
class Medication:
    """One row of the patient's treatment: one drug at one dose. A change of dose makes another
    row.
    """

    id: int
    atc_code: str
    name: str
    daily_dose_mg: Decimal | None
    as_needed: bool
    started_on: date
    stopped_on: date | None

    def current_on(self, day: date) -> bool:
        """Return whether the drug was started on ``day`` or earlier, and not stopped by the end of
        ``day``.
        """
        return self.started_on <= day and (self.stopped_on is None or self.stopped_on > day)


@dataclass(frozen=True, slots=True)
class ConditionFact:
    """A current condition, and the day on which it began. If that day is unknown, it is the day of
    enrolment.
    """

    code: str
    label: str
    onset_on: date

    @property
    def is_pregnancy(self) -> bool:
        """Whether the ICD-10 code is Z33, Z34, Z35 or a subcode of one of these codes."""
        return self.code.startswith(PREGNANCY_CODES)

    @property
    def is_long_qt(self) -> bool:
        """Whether the ICD-10 code is I45.8 or a subcode of it."""
        return self.code.startswith(LONG_QT_CODE)


@dataclass(frozen=True, slots=True)
class FlagFact:
    """An uncleared flag. ``raised_at`` is compared with the times of reviews, because a review may
    be signed on the same day.
    """

    kind: str
    raised_on: date
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class SequenceFact:
    """The current care sequence. ``number`` is its number in the registry, from 1 to 4."""

    kind: str
    number: int
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class ReviewFact:
    """A signed case review of the episode."""

    signed_on: date
    signed_at: datetime
    next_review_on: date | None = None


@dataclass(frozen=True, slots=True)
class RiskFact:
    """A risk decision: the level of risk that a signed review stated, and the day of
    reassessment.
    """

    level: RiskLevel
    signed_on: date
    signed_at: datetime
    reassess_on: date | None = None


@dataclass(frozen=True, slots=True)
class AdviceFact:
    """A standing recommendation: when it was sent, when it is due, and its answers.

    ``outcome`` is the latest answer other than ``acknowledged``, and ``decided_on`` is the day of
    that answer. The answers of a person whose own latest answer is ``acknowledged`` are left out.
    ``answered_on`` is the day of the latest answer of any kind. ``kept`` says that a later review
    kept the recommendation; ``sent_on`` is then the day of that review. ``is_safety`` says that the
    recommendation has the kind ``safety``.
    """

    sent_on: date
    due_on: date | None = None
    answered_on: date | None = None
    outcome: str | None = None
    decided_on: date | None = None
    kept: bool = False
    is_safety: bool = False

    @property
    def is_answered_since_sent(self) -> bool:
        """Whether an answer of any kind came on the day on which a review last sent the
        recommendation, or later.
        """
        return self.answered_on is not None and self.answered_on >= self.sent_on


@dataclass(frozen=True, slots=True)
class EpisodeFacts:
    """An open episode as it stands on a given day.

    ``status`` is ``active`` or ``relapse_prevention``. Scores, answers, screeners, contacts and
    reviews are in order of time, the latest last. ``reviews`` holds at least the latest review.
    ``contacts`` holds at least the last two and the last attended one. ``medications`` holds at
    least the current drugs, and the stopped ones of the ATC class N05. ``item9`` holds the answers
    to item 9 of the PHQ-9 forms on which it was answered. ``risk_decision`` comes from the latest
    review that has one and is not superseded. ``open_questions`` holds the days on which open
    questions were made ready.
    """

    episode_id: int
    patient_id: int
    enrolled_on: date
    status: str
    birth_date: date
    phq9: tuple[DatedScore, ...] = ()
    gad7: tuple[DatedScore, ...] = ()
    item9: tuple[DatedAnswer, ...] = ()
    screeners: tuple[ScreenerFact, ...] = ()
    contacts: tuple[ContactFact, ...] = ()
    sequence: SequenceFact | None = None
    medications: tuple[Medication, ...] = ()
    conditions: tuple[ConditionFact, ...] = ()
    flags: tuple[FlagFact, ...] = ()
    reviews: tuple[ReviewFact, ...] = ()
    risk_decision: RiskFact | None = None
    open_questions: tuple[date, ...] = ()
    standing_advice: tuple[AdviceFact, ...] = ()

    @property
    def baseline(self) -> DatedScore | None:
        """The first valid PHQ-9 of the episode."""
        return self.phq9[0] if self.phq9 else None

    @property
    def latest(self) -> DatedScore | None:
        """The latest valid PHQ-9 of the episode."""
        return self.phq9[-1] if self.phq9 else None

    @property
    def item9_state(self) -> str | None:
        """The state of item 9 on the latest PHQ-9: ``positive``, ``negative`` or ``unknown``. None
        if there is neither a valid PHQ-9 nor an answer to item 9.

        If the latest valid PHQ-9 has a total but no answer to item 9, the state is ``unknown``,
        because the total does not exclude a risk.
        """
        if self.latest is None and not self.item9:
            return None
        answered = self.item9[-1] if self.item9 else None
        if answered is None or (self.latest is not None and answered.day < self.latest.day):
            return "unknown"
        return "positive" if answered.value > 0 else "negative"

    @property
    def last_review(self) -> ReviewFact | None:
        """The latest signed review of the episode."""
        return self.reviews[-1] if self.reviews else None

    def reviewed_since(self, day: date) -> bool:
        """Return whether a review was signed on ``day`` or later."""
        return self.last_review is not None and self.last_review.signed_on >= day

    def risk_decided_since(self, day: date) -> bool:
        """Return whether a review with a risk decision was signed on ``day`` or later."""
        return self.risk_decision is not None and self.risk_decision.signed_on >= day


def unbroken_run_start(medications: Iterable[Medication], current: Medication) -> date:
    """Return the day since which the drug of ``current`` has been taken without a gap, at any dose.

    Rows with another ATC code or taken as needed are ignored. There is a gap if a row starts more
    than one day after the latest stop before it. ``medications`` must be in order of start.
    """
    start: date | None = None
    until: date | None = None
    for row in medications:
        if row.atc_code != current.atc_code or row.as_needed or row.started_on > current.started_on:
            continue
        if start is None or (until is not None and (row.started_on - until).days > 1):
            start, until = row.started_on, row.stopped_on
        elif until is not None:
            until = None if row.stopped_on is None else max(until, row.stopped_on)
    return current.started_on if start is None else start
