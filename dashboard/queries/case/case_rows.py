"""Conversion of database rows to the parts of a case, for all queries that read such rows."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from dashboard.calendar import PARIS
from dashboard.clinical.case.case_file import (
    Answer,
    Assessment,
    CaseReview,
    Recommendation,
    Treatment,
)
from dashboard.clinical.instruments import valid_score
from dashboard.clinical.people import Person
from dashboard.clinical.risk import RiskStatement
from dashboard.clinical.settlements import LineCourse
from dashboard.queries.case.standing_lines import ReviewLines
from dashboard.queries.caseload.episode_facts import finite
from dashboard.vocabulary import RiskLevel


def recommendation_of(
    row: Row[Any], answers: tuple[Answer, ...], course: LineCourse | None = None
) -> Recommendation:
    """Return a recommendation, from a row of ``review.recommendation`` and its answers.

    ``answers`` must be in order of time.
    """
    return Recommendation(
        id=row.id,
        position=row.position,
        kind=row.kind,
        action=row.action,
        atc_code=row.atc_code,
        drug_name=row.drug_name,
        daily_dose_mg=finite(row.daily_dose_mg),
        titration=row.titration,
        detail=row.detail,
        alternative=row.alternative,
        owner_role=row.owner_role,
        due_on=row.due_on,
        answers=answers,
        course=course,
        read_since_sent=course is None or answered_since(course.sent_at, answers),
        replaced_drug_name=row.replaced_drug_name,
    )


def answer_of(row: Row[Any], by: Person | None) -> Answer:
    """Return an answer, from a row of ``review.answer``. ``by`` is the author of the answer."""
    return Answer(row.id, by, row.outcome, row.reason, row.answered_at)


def case_review_of(
    row: Row[Any],
    psychiatrist: Person | None,
    lines: ReviewLines,
    superseded_by: UUID | None,
    covered: Person | None = None,
) -> CaseReview:
    """Return a review, from a row of ``review.case_review`` with the column ``signed_on`` (the day
    of ``signed_at`` in Paris).

    ``lines`` has the recommendations that the review gave, and the earlier ones that it kept or
    ended.
    """
    return CaseReview(
        id=row.id,
        psychiatrist=psychiatrist,
        outcome=row.outcome,
        summary=row.summary,
        next_review_on=row.next_review_on,
        signed_at=row.signed_at,
        signed_on=row.signed_on,
        supersedes=row.supersedes,
        superseded_by=superseded_by,
        recommendations=lines.own,
        kept=lines.kept,
        ended=lines.ended,
        seen={},
        covered=covered,
        risk=risk_of(row),
    )


def treatment_of(row: Row[Any]) -> Treatment:
    """Return a treatment, from a row of ``registry.medication``. A blank ATC code becomes an empty
    text, because two drugs without a code must not look like the same drug.
    """
    return Treatment(
        row.id,
        (row.atc_code or "").strip(),
        row.name,
        finite(row.daily_dose_mg),
        row.as_needed,
        row.started_on,
        row.stopped_on,
        row.stop_reason,
        row.adherence,
        row.side_effects,
    )


def answered_since(sent_at: datetime, answers: tuple[Answer, ...]) -> bool:
    """Return whether an answer was given on the day of ``sent_at`` or later. Days are those of
    Paris.
    """
    sent_on = sent_at.astimezone(PARIS).date()
    return any(answer.answered_at.astimezone(PARIS).date() >= sent_on for answer in answers)


def assessment_of(row: Row[Any]) -> Assessment:
    """Return a filled-in questionnaire, with its valid score if it has one, from a row of
    ``registry.assessment``.
    """
    return Assessment(
        row.id,
        row.instrument,
        row.taken_on,
        row.total,
        None if row.items is None else tuple(row.items),
        valid_score(row.instrument, row.total, row.items),
    )


def risk_of(row: Row[Any]) -> RiskStatement | None:
    """Return what a review says about the suicide risk, from a row of ``review.case_review``.

    Return None if the review says nothing about it.
    """
    if row.risk_level is None:
        return None
    return RiskStatement(RiskLevel(row.risk_level), row.risk_reassess_on, row.risk_reason or "")
