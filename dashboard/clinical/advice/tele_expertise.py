"""The record of a téléexpertise that French law requires (docs/domain.md, section 5).

The patient's record must hold the report, the acts and prescriptions, and the identity of the
professionals. It must also hold the date and hour, the technical incidents and the consent (CSP
R6316-2 to R6316-4). The psychiatrist has to answer a request within seven days.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from dashboard.clinical.case.case_file import Assessment, CaseReview, Recommendation, Treatment
from dashboard.clinical.people import Identity, Person
from dashboard.vocabulary import PAIR, Channel, SettlementKind

ANSWER_WITHIN = timedelta(days=7)
"""The time from the request within which the psychiatrist has to answer it (vidal.fr,
téléexpertise).
"""

LONGEST_INCIDENT = 1000
"""Longest description of a technical incident, in characters."""


class NothingDescribed(ValueError):
    """The error raised for a technical incident without a description."""


@dataclass(frozen=True)
class Professional:
    """A professional who took part, with the details that the law requires. ``rpps`` is the
    professional's number in the national register RPPS.
    """

    id: int
    role: str
    family_name: str
    given_name: str
    rpps: str | None


@dataclass(frozen=True)
class Request:
    """The nurse's question to the psychiatrist. ``ready_on`` is the day on which the nurse
    submitted it. The days until the answer are counted from that day.
    """

    id: UUID
    nurse_id: int
    question: str
    ready_at: datetime
    ready_on: date
    withdrawn_at: datetime | None = None


@dataclass(frozen=True)
class Signing:
    """A signed review of the episode, with the facts needed to find the request that it answers."""

    id: UUID
    signed_at: datetime
    signed_on: date
    supersedes: UUID | None = None


@dataclass(frozen=True)
class Sending:
    """One mail to one recipient, or the entry in the recipient's inbox. ``reminder`` is 0 for the
    letter, counts the reminders from 1, and is negative for a notice of a withdrawal. ``sent_at``
    is None as long as it was not sent.
    """

    recipient_id: int
    channel: str
    reminder: int
    state: str
    queued_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True)
class Incident:
    """A technical incident that a practitioner has noted."""

    id: UUID
    practitioner: Person | None
    description: str
    noted_at: datetime


@dataclass(frozen=True)
class EarlierAdvice:
    """A recommendation of an earlier review, and what the review of this record decided about it.
    ``given_on`` is the day of the earlier review. ``due_on`` is the due date after the decision.
    """

    line: Recommendation
    kind: SettlementKind
    given_on: date
    due_on: date | None
    replaced_by: Recommendation | None = None
    reason: str = ""


@dataclass(frozen=True)
class Record:
    """The record of one téléexpertise.

    ``first_signing`` is the first review in the chain of amendments that leads to ``review``. It is
    ``review`` itself if that review amends none.
    """

    review: CaseReview
    episode_id: int
    identity: Identity
    site: str
    consented_on: date | None
    professionals: tuple[Professional, ...]
    first_signing: Signing
    request: Request | None = None
    sendings: tuple[Sending, ...] = ()
    incidents: tuple[Incident, ...] = ()
    earlier: tuple[EarlierAdvice, ...] = ()

    def settled(self, *kinds: SettlementKind) -> list[EarlierAdvice]:
        """Return the recommendations of earlier reviews whose settlement is one of ``kinds``."""
        return [one for one in self.earlier if one.kind in kinds]

    def professional(self, role: str) -> Professional | None:
        """Return the professional with this ``role``, or None. For the role ``psychiatrist``, it is
        the psychiatrist who signed the review.
        """
        return next((one for one in self.professionals if one.role == role), None)

    @property
    def sent_at(self) -> datetime | None:
        """The time when the letter was first sent by mail. If it was never sent by mail, the time
        when it was first put into an inbox. None if neither has happened.
        """
        letters = [one for one in self.sendings if one.reminder == 0 and one.sent_at is not None]
        mails = [one for one in letters if one.channel == Channel.MAIL] or letters
        return min((one.sent_at for one in mails if one.sent_at is not None), default=None)

    @property
    def answered_at(self) -> datetime | None:
        """The time of the first answer to a recommendation of the review; None without an
        answer.
        """
        return min(
            (one.answered_at for line in self.review.recommendations for one in line.answers),
            default=None,
        )

    @property
    def answer_days(self) -> int | None:
        """Calendar days from the request to the signing of the first review that answers it; None
        without a request.
        """
        if self.request is None:
            return None
        return (self.first_signing.signed_on - self.request.ready_on).days

    @property
    def answer_time(self) -> str:
        """Whether the answer came in time: ``met`` if within seven days, ``not_met`` if later,
        ``no_request`` without a request.
        """
        if self.answer_days is None:
            return "no_request"
        return "met" if self.answer_days <= ANSWER_WITHIN.days else "not_met"


@dataclass(frozen=True)
class Report:
    """A record, with the scores and the current treatment that were known when the review was
    signed.
    """

    record: Record
    assessments: tuple[Assessment, ...]
    treatments: tuple[Treatment, ...]


def can_read_record(role: str, *, is_outside: bool) -> bool:
    """Return whether a person of this ``role`` may read the record: a psychiatrist or a nurse of
    the patient's care team, or who covers one of them. ``is_outside`` is true for anybody else.
    """
    return role in PAIR and not is_outside


def first_signing(review: Signing, signings: Collection[Signing]) -> Signing:
    """Return the first review in the chain of amendments that leads to ``review``."""
    known = {one.id: one for one in signings}
    seen = {review.id}
    while review.supersedes in known and review.supersedes not in seen:
        review = known[review.supersedes]
        seen.add(review.id)
    return review


def request_answered(
    first: Signing, signings: Iterable[Signing], requests: Iterable[Request]
) -> Request | None:
    """Return the oldest request that was open when the review ``first`` was signed, or None. The
    review answers this request.

    A request is open from the time when the nurse makes it ready until the next review of the
    episode is signed or the request is withdrawn. An amendment answers the request of the review
    that it amends. A preparation that the nurse made ready without a question is no request.
    """
    earlier = [one.signed_at for one in signings if one.signed_at < first.signed_at]
    since = max(earlier, default=None)
    open_then = [
        one
        for one in requests
        if one.question.strip()
        and one.ready_at < first.signed_at
        and (since is None or one.ready_at >= since)
        and (one.withdrawn_at is None or one.withdrawn_at > first.signed_at)
    ]
    return min(open_then, key=lambda one: one.ready_at, default=None)
