"""The follow-up of advice: the state of each recommendation, the scores since the advice, and
reminders.

The state of a recommendation on a day is the first of these that holds:

1. The outcome of the answer that settles it: ``done``, ``modified``, ``declined`` or
   ``refused_by_patient`` (``Recommendation.decision``). Any answer, even a late one, proves that
   the advice was received.
2. ``replaced`` or ``withdrawn``: a psychiatrist has ended it.
3. ``not_delivered``: it has no answer since it was sent, and the latest mail to its recipient has
   not arrived. The mail has failed and nobody has told the recipient in another way, or it has been
   queued since an earlier day.
4. ``overdue``: its latest due date has passed.
5. ``acknowledged``: the recipient has read it since it was sent, and has not acted yet.
6. ``unanswered``.

A recommendation is sent by the latest review that gave or kept it, and is shown under that review.
Recommendations of a superseded review have no state, because the review that supersedes it replaces
them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from dashboard.clinical.advice.inbox import Superseded
from dashboard.clinical.case.case_file import CaseFile, Recommendation
from dashboard.clinical.episodes import DatedScore
from dashboard.clinical.people import Identity, Person
from dashboard.clinical.risk import RiskStatement
from dashboard.vocabulary import (
    AnswerOutcome,
    Channel,
    DeliveryState,
    InstrumentCode,
    Role,
    SettlementKind,
)

STATES = (
    "not_delivered",
    "overdue",
    "unanswered",
    AnswerOutcome.ACKNOWLEDGED,
    AnswerOutcome.DECLINED,
    AnswerOutcome.REFUSED_BY_PATIENT,
    AnswerOutcome.MODIFIED,
    AnswerOutcome.DONE,
    SettlementKind.REPLACED,
    SettlementKind.WITHDRAWN,
)
"""The states of a recommendation, the most urgent first."""

AWAITED = ("not_delivered", "overdue", "unanswered", AnswerOutcome.ACKNOWLEDGED)
"""The states in which the recipient still has to answer or act."""

QUEUED_TOO_LONG = timedelta(days=1)
"""A delivery that is still queued this many calendar days after its day counts as not delivered
[proposal].
"""

BETWEEN_REMINDERS = timedelta(days=7)
"""Shortest time between two reminders of one review to one recipient. The database enforces it too.
"""

FOLLOWED_INSTRUMENTS = (InstrumentCode.PHQ9, InstrumentCode.GAD7)
"""The questionnaires whose change of score since the advice is shown in the follow-up."""


class TooSoon(Exception):
    """The error raised when the recipient was reminded of the review less than a week ago.
    ``allowed_on`` is the first day on which a reminder is allowed again.
    """

    def __init__(self, allowed_on: date) -> None:
        super().__init__(allowed_on)
        self.allowed_on = allowed_on


class NothingAwaited(Exception):
    """The error raised when the recipient no longer has to answer or carry out any recommendation
    of the review.
    """


class NoLongerInCare(Exception):
    """The error raised when a reminder, or a mail to be sent again, may no longer go to the
    recipient. The recipient has left according to the registry, or is no longer the nurse or the GP
    of the patient.
    """


@dataclass(frozen=True)
class ReminderFacts:
    """The facts that decide whether a recipient can be reminded of a review.

    ``lines`` are the recommendations that the review gave or kept. ``role`` is the role of the
    recipient. ``in_care`` tells whether the recipient is the nurse or the GP of the patient today,
    and has not left. ``reminded_on`` is the day of the last reminder; None if there was none.
    """

    review_id: UUID
    role: str
    lines: tuple[Recommendation, ...]
    superseded: bool
    closed: bool
    in_care: bool
    reminded_on: date | None

    @property
    def awaits_something(self) -> bool:
        """Whether the recipient still has to answer or carry out a line of advice that this review
        sent.
        """
        return not self.closed and any(
            line.owner_role == self.role
            and line.is_open
            and line.course is not None
            and line.course.sent_by == self.review_id
            for line in self.lines
        )


def check_can_remind(facts: ReminderFacts, today: date) -> None:
    """Raise ``Superseded``, ``NothingAwaited``, ``NoLongerInCare`` or ``TooSoon`` if a reminder is
    not allowed on ``today``.
    """
    if facts.superseded:
        raise Superseded
    if not facts.awaits_something:
        raise NothingAwaited
    if not facts.in_care:
        raise NoLongerInCare
    if facts.reminded_on is not None and today < facts.reminded_on + BETWEEN_REMINDERS:
        raise TooSoon(facts.reminded_on + BETWEEN_REMINDERS)


@dataclass(frozen=True)
class DeliveryFact:
    """One mail, or the entry in the inbox, for one recipient of a review. ``reminder`` is 0 for the
    letter, counts the reminders from 1, and is negative for a notice of a withdrawal.

    ``settled`` is true if the delivery failed and somebody has informed the recipient in another
    way.
    """

    id: UUID
    channel: str
    reminder: int
    state: str
    queued_on: date
    sent_at: datetime | None = None
    error: str | None = None
    settled: bool = False

    def has_not_arrived(self, today: date) -> bool:
        """Return whether the delivery has not arrived by ``today``. Either it failed and is not
        settled, or it has been waiting to be sent since an earlier day.
        """
        if self.state == DeliveryState.FAILED:
            return not self.settled
        return self.state == DeliveryState.QUEUED and today - self.queued_on >= QUEUED_TOO_LONG


@dataclass(frozen=True)
class Recipient:
    """A recipient of a review, with every delivery to this recipient, sorted by ``reminder``:
    notices of a withdrawal, the letter, then the reminders.

    ``in_care`` tells whether this person is the nurse or the GP of the patient today, and has not
    left.
    """

    person: Person
    role: str
    deliveries: tuple[DeliveryFact, ...] = ()
    in_care: bool = True

    @property
    def got_letter(self) -> bool:
        """Whether the review itself was sent to this person, and not only a notice that one of its
        recommendations was withdrawn.
        """
        return any(one.reminder >= 0 for one in self.deliveries)

    @property
    def reminders(self) -> tuple[DeliveryFact, ...]:
        """The reminders to this recipient, the latest last."""
        return tuple(one for one in self.deliveries if one.reminder > 0)

    def undelivered(self, today: date) -> DeliveryFact | None:
        """Return the latest reminder by mail, or without reminders the letter, if it has not
        arrived by ``today``. Otherwise return None.
        """
        mails = [
            one for one in self.deliveries if one.channel == Channel.MAIL and one.reminder >= 0
        ]
        return mails[-1] if mails and mails[-1].has_not_arrived(today) else None

    def may_be_reminded_on(self) -> date | None:
        """Return the first day on which the next reminder is allowed. Return None if none was sent
        yet; a reminder is then allowed at once.
        """
        return self.reminders[-1].queued_on + BETWEEN_REMINDERS if self.reminders else None


def addressee(recipients: Iterable[Recipient], role: str | None) -> Recipient | None:
    """Return the recipient with this ``role`` to whom the review itself was sent; None if there is
    none.

    A successor of this person may have received a notice of a withdrawal only.
    """
    return next((one for one in recipients if one.role == role and one.got_letter), None)


@dataclass(frozen=True)
class ScoreSince:
    """The scores of one questionnaire before and after advice. ``before`` is the latest valid score
    up to the day of the advice. ``latest`` is the latest valid score after that day.
    """

    before: DatedScore | None
    latest: DatedScore | None

    @property
    def change(self) -> int | None:
        """The change in points since the advice, negative for an improvement. None unless both
        scores exist.
        """
        if self.before is None or self.latest is None:
            return None
        return self.latest.value - self.before.value


@dataclass(frozen=True)
class FollowedLine:
    """A recommendation, and its state on the day for which the follow-up was read."""

    line: Recommendation
    state: str

    @property
    def is_awaited(self) -> bool:
        """Whether the recipient still has to answer or carry out the recommendation."""
        return self.state in AWAITED


@dataclass(frozen=True)
class FollowedReview:
    """A review in the follow-up, with the lines of advice that it gave or kept. Superseded reviews
    are not in the follow-up.

    ``scores`` has the scores by code of the questionnaire. ``nurse`` and ``psychiatrist_id`` are
    those of the episode. ``signed_by`` is the psychiatrist who signed the review.
    """

    id: UUID
    episode_id: int
    identity: Identity
    nurse: Person | None
    site_id: int
    site: str
    psychiatrist_id: int
    signed_by: Person | None
    signed_at: datetime
    signed_on: date
    lines: tuple[FollowedLine, ...]
    recipients: tuple[Recipient, ...] = ()
    scores: Mapping[str, ScoreSince] = field(default_factory=dict)
    risk: RiskStatement | None = None

    def age_in_days(self, today: date) -> int:
        """Return the number of days from the signing of the review to ``today``."""
        return (today - self.signed_on).days

    def is_of(self, role: str, practitioner_id: int) -> bool:
        """Return whether the practitioner with this id is the psychiatrist or the nurse of the
        patient. ``role`` tells which of the two is compared.
        """
        if role == Role.PSYCHIATRIST:
            return self.psychiatrist_id == practitioner_id
        return self.nurse is not None and self.nurse.id == practitioner_id

    def awaited_of(self, role: str) -> int:
        """Return the number of lines of advice that people of this ``role`` still have to answer or
        carry out.
        """
        return sum(one.is_awaited and one.line.owner_role == role for one in self.lines)


def state_of(line: Recommendation, recipient: Recipient | None, today: date) -> str:
    """Return the state of the recommendation ``line`` on ``today``. ``recipient`` is the person to
    whom the recommendation was sent; None if unknown.
    """
    if not line.is_open:
        return line.state
    if line.state == "unanswered" and recipient is not None and recipient.undelivered(today):
        return "not_delivered"
    if line.current_due_on is not None and line.current_due_on < today:
        return "overdue"
    return line.state


def score_since(scores: Iterable[DatedScore], signed_on: date) -> ScoreSince:
    """Return the last score up to the day ``signed_on`` of the advice, and the last score after
    that day.

    ``scores`` are in order of time. A score of the day ``signed_on`` counts as taken before the
    advice.
    """
    before = after = None
    for score in scores:
        if score.day <= signed_on:
            before = score
        else:
            after = score
    return ScoreSince(before, after)


def scores_since(case: CaseFile, signed_on: date) -> dict[str, ScoreSince]:
    """Return the scores of ``case`` before and after the day ``signed_on``, by questionnaire. The
    questionnaires are ``FOLLOWED_INSTRUMENTS``.
    """
    return {
        instrument: score_since(
            (
                DatedScore(form.taken_on, form.score.value)
                for form in case.scores_of(instrument)
                if form.score is not None
            ),
            signed_on,
        )
        for instrument in FOLLOWED_INSTRUMENTS
    }


def in_order(reviews: Iterable[FollowedReview]) -> list[FollowedReview]:
    """Return the reviews sorted by their most urgent line of advice, then by id."""
    return sorted(reviews, key=lambda review: (min(_places(review)), str(review.id)))


def list_of(
    reviews: Iterable[FollowedReview], role: str, practitioner_id: int
) -> list[FollowedReview]:
    """Return the reviews about the patients of one practitioner. ``role`` is the practitioner's
    role: ``psychiatrist`` or ``nurse``.
    """
    return [review for review in reviews if review.is_of(role, practitioner_id)]


def counts(reviews: Iterable[FollowedReview]) -> dict[str, int]:
    """Return the number of lines of advice in each state. The number is 0 for a state without
    lines.
    """
    found = dict.fromkeys(STATES, 0)
    for review in reviews:
        for one in review.lines:
            found[one.state] += 1
    return found


def with_lines(review: FollowedReview, keep: Sequence[FollowedLine]) -> FollowedReview | None:
    """Return ``review`` with only the lines of advice in ``keep``. Return None if ``keep`` is
    empty.
    """
    return replace(review, lines=tuple(keep)) if keep else None


def _places(review: FollowedReview) -> list[tuple[int, int]]:
    return [_place(review, one) for one in review.lines] or [(len(STATES), 0)]


def _place(review: FollowedReview, one: FollowedLine) -> tuple[int, int]:
    """Return the sort key of the line of advice ``one``. Lines are sorted by state. Within a state,
    lines that still need an answer or an action are sorted by waiting time, the longest first.
    Lines that have ended are sorted by the time of their end, the latest first.
    """
    due_on, place = one.line.current_due_on, STATES.index(one.state)
    if one.state == "overdue" and due_on is not None:
        return place, due_on.toordinal()
    if one.is_awaited:
        return place, review.signed_on.toordinal()
    return place, -int(_ended_at(review, one.line).timestamp())


def _ended_at(review: FollowedReview, line: Recommendation) -> datetime:
    """Return when the recommendation ``line`` ended. If an answer settled it, it is the time of
    this answer. Otherwise it is the time when a psychiatrist replaced or withdrew it.
    """
    if line.decision is not None:
        return line.decision.answered_at
    ended_at = line.course.ended_at if line.course is not None else None
    return ended_at or review.signed_at
