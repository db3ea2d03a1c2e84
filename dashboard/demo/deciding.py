"""The decisions of a demonstration review on suicide risk and on earlier advice.

These decisions use a separate random generator for each review, so that they do not change the rest
of the registry.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID, uuid5

from dashboard.clinical.advice.lines import SAFETY_DUE_DAYS
from dashboard.clinical.risk import proposed_reassessment
from dashboard.clinical.settlements import SETTLING_OUTCOMES
from dashboard.demo.days import working_day
from dashboard.demo.record import chance_of
from dashboard.demo.reviewing import Reviewing
from dashboard.demo.rows import Answer, CaseReview, Recommendation, Settlement
from dashboard.demo.visits import Measured
from dashboard.vocabulary import RecommendationKind, RiskLevel, SettlementKind

_LEFT_OPEN = 0.04
_WITHDRAWN = 0.05
_NO_LINE_NEEDED = (
    "Pas d’idée active à l’entretien avec l’IDE ; plan de sécurité relu.",
    "Risque évalué par téléphone avec l’IDE, entourage présent.",
    "Idées passives anciennes, sans intention ; suivi habituel suffisant.",
)


@dataclass(frozen=True)
class Stated:
    """The risk decision of a review. All fields are None if no decision was required."""

    level: RiskLevel | None = None
    reassess_on: date | None = None
    reason: str | None = None


def risk_of(reviewing: Reviewing, review_id: str, day: date, *, has_safety_line: bool) -> Stated:
    """Return the risk decision of a review on ``day``, and record it in ``reviewing``.

    The decision is empty if neither an alert nor a due reassessment requires one. For a few
    reviews, return that the risk was not assessed.
    """
    if not _asks(reviewing, day):
        return Stated()
    rng = chance_of(0, f"risk {review_id}")
    if rng.random() < _LEFT_OPEN:
        return Stated(RiskLevel.NOT_ASSESSED)
    level = _level(rng, reviewing.known_on(day)[-1] if reviewing.known_on(day) else None)
    reassess_on = proposed_reassessment(level, day)
    reviewing.risk_decided_on = day
    reviewing.is_at_high_risk = level is RiskLevel.HIGH
    reviewing.reassess_on = None if reassess_on is None else working_day(reassess_on)
    reason = None if has_safety_line else rng.choice(_NO_LINE_NEEDED)
    return Stated(level, reviewing.reassess_on, reason)


def _asks(reviewing: Reviewing, day: date) -> bool:
    if reviewing.reassess_on is not None and reviewing.reassess_on <= day:
        return True
    before = 0
    for one in reviewing.known_on(day):
        since = reviewing.risk_decided_on is None or one.day > reviewing.risk_decided_on
        answer = one.ninth_item
        if since and (one.severe_screen or (answer or 0) >= 2 or (answer == 1 and before == 0)):
            return True
        before = before if answer is None else answer
    return False


def _level(rng: Random, last: Measured | None) -> RiskLevel:
    """Return a random level of suicide risk that fits the last measurement.

    The level is mostly high after a severe C-SSRS screen, or if item 9 of the PHQ-9 was answered
    with 3. It is mostly low if item 9 was answered with 1.
    """
    answer = last.ninth_item if last else None
    if last is not None and last.severe_screen:
        return RiskLevel.HIGH if rng.random() < 0.6 else RiskLevel.MODERATE
    chances = {3: (0.7, 1.0), 2: (0.2, 0.75), 1: (0.0, 0.35)}.get(answer or 0, (0.0, 0.05))
    draw = rng.random()
    return (
        RiskLevel.HIGH
        if draw < chances[0]
        else RiskLevel.MODERATE
        if draw < chances[1]
        else RiskLevel.LOW
    )


def settle_earlier(reviewing: Reviewing, review: CaseReview, given: list[Recommendation]) -> None:
    """Write for each earlier recommendation whether a review keeps, replaces or withdraws it.

    A new recommendation about medication replaces the earlier ones about medication. A few of the
    others are withdrawn, and the rest are kept. Earlier recommendations that have a final answer
    are left out. ``given`` contains the new recommendations of the review.
    """
    rows = reviewing.record.rows
    rng = chance_of(0, f"settle {review.id}")
    new_drug = next((line for line in given if line.kind == RecommendationKind.MEDICATION), None)
    standing: list[Recommendation] = []
    for line in reviewing.standing:
        if _settled_by(reviewing, line, review.signed_at):
            continue
        replaced = new_drug is not None and line.kind == RecommendationKind.MEDICATION
        withdrawn = not replaced and bool(given) and rng.random() < _WITHDRAWN
        kind = (
            SettlementKind.REPLACED
            if replaced
            else SettlementKind.WITHDRAWN
            if withdrawn
            else SettlementKind.KEPT
        )
        due_on = _due_again(line, review.signed_at.date()) if kind is SettlementKind.KEPT else None
        rows.append(
            Settlement(
                id=str(uuid5(UUID(review.id), line.id)),
                patient_id=review.patient_id,
                case_review_id=review.id,
                settled_by=review.psychiatrist_id,
                settled_at=review.signed_at,
                recommendation_id=line.id,
                kind=kind.value,
                replaced_by=new_drug.id if replaced and new_drug else None,
                due_on=due_on,
                reason="N’est plus d’actualité." if withdrawn else None,
            )
        )
        if kind is SettlementKind.KEPT:
            standing.append(line if due_on is None else line._replace(due_on=due_on))
        else:
            _drop_later_answers(reviewing, line, review.signed_at)
    reviewing.standing = standing + given


def _settled_by(reviewing: Reviewing, line: Recommendation, at: datetime) -> bool:
    return any(
        answer.outcome in SETTLING_OUTCOMES and answer.answered_at <= at
        for answer in reviewing.record.rows
        if isinstance(answer, Answer) and answer.recommendation_id == line.id
    )


def _due_again(line: Recommendation, signed_on: date) -> date | None:
    """Return a new due date for a kept recommendation; None if it has no due date, or one after
    ``signed_on``.
    """
    if line.due_on is None or line.due_on > signed_on:
        return None
    if line.kind == RecommendationKind.SAFETY:
        return signed_on + timedelta(days=SAFETY_DUE_DAYS)
    return working_day(signed_on + timedelta(days=14))


def _drop_later_answers(reviewing: Reviewing, line: Recommendation, at: datetime) -> None:
    """Remove the answers to a recommendation that were given after ``at``.

    At this time, a review has replaced or withdrawn the recommendation.
    """
    rows = reviewing.record.rows
    rows[:] = [
        row
        for row in rows
        if not (
            isinstance(row, Answer) and row.recommendation_id == line.id and row.answered_at > at
        )
    ]
