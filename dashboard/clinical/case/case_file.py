"""The data of one episode that the case page shows, as plain data."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID, uuid5

from dashboard.clinical.case.fingerprint import fingerprint
from dashboard.clinical.caseload.need import Needed
from dashboard.clinical.caseload.rules import Reason
from dashboard.clinical.delivery import Delivery
from dashboard.clinical.episodes import NOT_A_CONTACT
from dashboard.clinical.instruments import INSTRUMENTS, Score, has_answer, total_disagrees
from dashboard.clinical.people import Identity, Person
from dashboard.clinical.risk import RiskStatement
from dashboard.clinical.settlements import SETTLING_OUTCOMES, LineCourse, LineEnd
from dashboard.vocabulary import EpisodeStatus, SettlementKind


@dataclass(frozen=True)
class Sequence:
    """A care sequence of the episode, from ``starts_on`` to ``ends_on``. ``number`` is 1 to 4."""

    kind: str
    number: int
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class Assessment:
    """One filled-in questionnaire as it is stored. ``score`` is its valid score; None without
    one.
    """

    id: int
    instrument: str
    taken_on: date
    total: int | None
    items: tuple[int | None, ...] | None
    score: Score | None

    @property
    def label(self) -> str:
        """The questionnaire's name; its code if the questionnaire is unknown."""
        known = INSTRUMENTS.get(self.instrument)
        return known.label if known else self.instrument

    @property
    def version(self) -> str:
        """The fingerprint of the stored values. A corrected assessment has another version."""
        return fingerprint(self.instrument, self.taken_on, self.total, self.items)

    @property
    def plotted(self) -> int | None:
        """The value that the chart shows: the valid score, or the stored total if there is no valid
        score.
        """
        return self.score.value if self.score else self.total

    @property
    def solid(self) -> bool:
        """Whether the chart draws the score as a filled point. It does so if the score is valid and
        not prorated, and all items are known.
        """
        return (
            self.score is not None
            and self.score.origin != "prorated"
            and self.items is not None
            and len(self.items) == INSTRUMENTS[self.instrument].items
            and None not in self.items
        )

    @property
    def has_severity(self) -> bool:
        """Whether the score of the questionnaire measures severity. If it does not, the page shows
        neither a sum nor a trend. True for an unknown questionnaire.
        """
        known = INSTRUMENTS.get(self.instrument)
        return known is None or known.has_severity

    @cached_property
    def oddities(self) -> tuple[str, ...]:
        """The codes of the faults of the stored assessment.

        The codes are ``unknown_instrument``, ``out_of_range``, ``total_disagrees``, ``bad_items``
        and ``no_score``. ``dashboard.words`` has a sentence for each code.
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
        """Whether at least one question was answered."""
        return has_answer(self.instrument, self.items)


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
    """The purpose of the contact; None if the registry does not record it."""

    @property
    def counts(self) -> bool:
        """Whether the contact counts as one with the patient (docs/review_list.md, "Exact words").
        A contact to make an appointment or to send a message does not count.
        """
        return self.purpose not in NOT_A_CONTACT


@dataclass(frozen=True)
class Treatment:
    """One drug at one dose over one period. ``atc_code`` is empty if the registry has none."""

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
    """A treatment other than drugs, such as problem solving or a support group."""

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
    """A mark that a practitioner has set on the patient for the team. ``cleared_at`` is None until
    somebody clears the mark.
    """

    id: int
    kind: str
    raised_by: Person | None
    raised_at: datetime
    note: str | None
    cleared_by: Person | None
    cleared_at: datetime | None

    @property
    def version(self) -> str:
        """The fingerprint of the kind, and of whether the flag is cleared. It stays the same when
        the note is de-identified.
        """
        return flag_version(self.kind, self.cleared_at)


def flag_version(kind: str, cleared_at: datetime | None) -> str:
    """Return the version of a flag with these values (see ``Flag.version``)."""
    return fingerprint(kind, cleared_at is None)


@dataclass(frozen=True)
class SafetyPlan:
    """A safety plan of the patient. Not every registry has safety plans."""

    id: int
    made_on: date
    reviewed_on: date | None


@dataclass(frozen=True)
class Question:
    """A question of the nurse to the psychiatrist. ``ready_at`` is None until the nurse has made
    the question ready. ``version`` is the result of ``question_version``. It stays the same when
    the text is de-identified.
    """

    id: UUID
    nurse: Person | None
    text: str
    asked_at: datetime
    ready_at: datetime | None
    version: UUID


def question_version(question_id: UUID, text: str) -> UUID:
    """Return an id of the question with this text. The nurse can change the text of a question, and
    the question then has another version.
    """
    return uuid5(question_id, text)


@dataclass(frozen=True)
class Answer:
    """An answer of the nurse or the GP to a recommendation."""

    id: UUID
    practitioner: Person | None
    outcome: str
    reason: str | None
    answered_at: datetime


@dataclass(frozen=True)
class Recommendation:
    """One recommendation of a review, also called a line of advice.

    ``answers`` are in order of time. For a switch, ``replaced_drug_name`` is the drug that is
    replaced.
    """

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
    """The history of the recommendation through later reviews. None if the query did not read it;
    the recommendation then counts as standing.
    """
    replacement: "Recommendation | None" = None
    """The recommendation that a later review named as the replacement of this one; None if there is
    none.
    """
    read_since_sent: bool = True
    """Whether an answer came on the day on which a review last sent the recommendation, or later.
    True if the query did not read the history.
    """

    @property
    def stands(self) -> bool:
        """Whether the recommendation stands: nothing has ended it (see ``LineEnd``)."""
        return self.course is None or self.course.stands

    @property
    def current_due_on(self) -> date | None:
        """The latest due date of the recommendation, set by its own review or by a later review."""
        return self.due_on if self.course is None else self.course.due_on

    @property
    def is_settled(self) -> bool:
        """Whether an answer settles the recommendation (see ``decision``)."""
        return self.decision is not None

    @property
    def current_answer(self) -> Answer | None:
        """The answer that says what became of the recommendation: the decision, or the latest
        answer if there is no decision. None without an answer.
        """
        return self.decision or (self.answers[-1] if self.answers else None)

    @property
    def decision(self) -> Answer | None:
        """The latest answer that settles the recommendation; None if there is none.

        A decision does not count if its author has only acknowledged the recommendation since, or
        has undone the decision. It still counts if somebody else has acknowledged it. In SQL: the
        latest answer of one of the authors settles it.
        """
        last_by = {answer.practitioner: answer for answer in self.answers}
        taken_back = {
            author for author, last in last_by.items() if last.outcome not in SETTLING_OUTCOMES
        }
        settling = [
            answer
            for answer in self.answers
            if answer.outcome in SETTLING_OUTCOMES and answer.practitioner not in taken_back
        ]
        return settling[-1] if settling else None

    @property
    def is_open(self) -> bool:
        """Whether the recommendation stands and still has to be answered or carried out."""
        return self.stands and not self.is_settled

    @property
    def state(self) -> str:
        """The state of the recommendation: the first of these that applies.

        - the outcome of the decision, if there is one;
        - ``superseded``, ``replaced`` or ``withdrawn``;
        - ``acknowledged``, if the recommendation was read since it was last sent;
        - ``unanswered``.

        A recommendation that a review no longer had to settle, because it was answered, is
        ``replaced`` if that answer is undone later.
        """
        answer = self.current_answer
        if answer is not None and self.is_settled:
            return answer.outcome
        if self.course is not None and self.course.end is not None:
            end = self.course.end
            return (LineEnd.REPLACED if end is LineEnd.SETTLED else end).value
        return answer.outcome if answer is not None and self.read_since_sent else "unanswered"


@dataclass(frozen=True)
class Settlement:
    """A decision to keep, replace or withdraw a line of advice of an earlier review.

    ``review_id`` is the review that made the decision; None if a psychiatrist withdrew the line
    without a new review. ``due_on`` is the due date if the line is kept. ``replaced_by`` is the new
    line if the line is replaced.
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
    """A signed case review with its recommendations.

    ``superseded_by`` is the later review that amends this one; None if there is none.
    """

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
    """The colleague whom the signatory covered; None if the signatory covered nobody."""
    deliveries: tuple[Delivery, ...] = ()
    """The deliveries of the review, one for each recipient."""
    risk: RiskStatement | None = None
    """The statement about the risk of suicide; None if the form did not ask for one."""
    settlements: tuple[Settlement, ...] = ()
    """The decisions of this review about the lines of advice of earlier reviews, in the order of
    those lines.
    """
    kept: tuple[Recommendation, ...] = ()
    """The lines of advice of earlier reviews that this review kept. Lines that were kept again,
    replaced or withdrawn later are left out.
    """
    ended: tuple[Recommendation, ...] = ()
    """The lines of advice of earlier reviews that this review withdrew, or replaced by a line that
    it names.
    """


@dataclass(frozen=True)
class CaseFile:
    """The data of one episode on the day ``as_of``. Lists are in order of time, the latest last.

    Assessments and contacts are those from 14 days before enrolment to the end of the episode.
    Psychosocial care and conditions that ended before these days are left out, and so are flags
    that were cleared before enrolment. Treatments that ended before these days are in
    ``earlier_treatments``. ``questions`` are the open ones.
    """

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
    """The colleague whom the reader covers for this case; None if the reader covers nobody."""
    withdrawals: tuple[Settlement, ...] = ()
    """The decisions of psychiatrists to withdraw a line of advice without a new review."""
    safety_plans: tuple[SafetyPlan, ...] = ()
    need: Needed | None = None
    """The patient's need (how ill the patient is) on ``as_of``; None if it was not computed."""
    earlier_treatments: tuple[Treatment, ...] = ()
    """The treatments that ended before the episode. The page does not show them, but the rules and
    the cautions use them.
    """
    meeting_weekday: int | None = None
    """The weekday on which the psychiatrist and the nurse of the episode usually meet; Monday is 0.
    None if they have not met yet.
    """

    @property
    def is_open(self) -> bool:
        """Whether the episode is not closed, or was closed after ``as_of``."""
        return self.status != EpisodeStatus.CLOSED or (
            self.closed_on is not None and self.closed_on > self.as_of
        )

    @property
    def weeks_in_care(self) -> int:
        """Completed weeks from enrolment to ``as_of``, or to the closing of a closed episode."""
        until = self.as_of if self.is_open else self.closed_on or self.as_of
        return (until - self.enrolled_on).days // 7

    @property
    def current_sequence(self) -> Sequence | None:
        """The latest care sequence that started on or before ``as_of``; None if there is none. If
        two sequences started on the same day, it is the one that was entered later.
        """
        started = [one for one in self.sequences if one.starts_on <= self.as_of]
        return sorted(started, key=lambda one: one.starts_on)[-1] if started else None

    def scores_of(self, instrument: str) -> tuple[Assessment, ...]:
        """Return the assessments of ``instrument`` that have a valid score, the latest last."""
        return tuple(
            form
            for form in self.assessments
            if form.instrument == instrument and form.score is not None
        )
