"""The recommendations that a nurse or a GP has received, and what they answer."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from dashboard.clinical.advice import ANSWERS, ANSWERS_WITH_REASON
from dashboard.clinical.case_file import Answer, CaseReview, Identity, Person, Recommendation
from dashboard.clinical.drafts import NotYours
from dashboard.clinical.inbox import ReasonNeeded, Received, Superseded, in_order
from dashboard.database.access_log import log_access
from dashboard.queries.case_rows import recommendation_of

LATEST = 200
"""How many reviews an inbox goes back, beside those that wait; the cases have the others."""


def inbox(connection: Connection, as_of: date, *, only_open: bool = True) -> list[Received]:
    """What the acting nurse or GP has received up to this day, by patient.

    Everything that was sent about the episodes in their care, whoever cared for them then.
    With ``only_open``, the reviews of which something is still awaited, whole; without, the
    latest ones. Those with something overdue come first, then the newest. Opening it is on
    the access log.
    """
    log_access(connection, "inbox_opened", only_open=only_open)
    wanted: dict[str, Any] = {
        "as_of": as_of,
        "only_open": only_open,
        "latest": None if only_open else LATEST,
    }
    reviews = connection.execute(text(_REVIEWS), wanted).all()
    lines = lines_of(connection, [row.id for row in reviews], as_of)
    cases = _by(reviews, "episode_id")
    return in_order([_received(rows, lines) for rows in cases.values()], as_of)


def lines_of(
    connection: Connection, reviews: Sequence[UUID], as_of: date
) -> dict[UUID, tuple[Recommendation, ...]]:
    """The lines of these reviews, with the answers given up to this day, by review."""
    wanted: dict[str, Any] = {"reviews": list(reviews), "as_of": as_of}
    answers = _by(connection.execute(text(_ANSWERS), wanted).all(), "recommendation_id")
    lines = _by(connection.execute(text(_LINES), wanted).all(), "case_review_id")
    return {
        review: tuple(_line(row, answers.get(row.id, [])) for row in rows)
        for review, rows in lines.items()
    }


def answer(
    connection: Connection,
    recommendation_id: UUID,
    outcome: str,
    reason: str | None,
    key: UUID,
) -> Answer:
    """Answer a recommendation as the acting practitioner; the latest answer counts.

    ``key`` names the answer: with the same key, or when it says what the latest answer of
    the same practitioner says, nothing is added. Raises ``NotYours``, ``ReasonNeeded`` or
    ``Superseded``.
    """
    reason = (reason or "").strip() or None
    if outcome not in ANSWERS:
        raise ValueError(f"no such answer: {outcome}")
    if outcome in ANSWERS_WITH_REASON and reason is None:
        raise ReasonNeeded
    line = connection.execute(text(_LINE), {"line": recommendation_id}).one_or_none()
    if line is None:
        raise NotYours
    if line.superseded:
        raise Superseded
    if (line.last_by_me, line.last_outcome, line.last_reason) != (True, outcome, reason):
        _insert_answer(connection, line, outcome, reason, key)
    return _latest(connection, line)


def _insert_answer(
    connection: Connection, line: Row[Any], outcome: str, reason: str | None, key: UUID
) -> None:
    inserted = connection.execute(
        text(_INSERT_ANSWER),
        {
            "patient": line.patient_id,
            "key": key,
            "line": line.id,
            "outcome": outcome,
            "reason": reason,
        },
    )
    if inserted.rowcount:
        log_access(
            connection,
            "recommendation_answered",
            line.patient_id,
            recommendation_id=line.id,
            outcome=outcome,
        )


def _latest(connection: Connection, line: Row[Any]) -> Answer:
    rows = connection.execute(text(_ANSWERS_OF_LINE), {"patient": line.patient_id, "line": line.id})
    return _answer(rows.all()[-1])


def _received(rows: Sequence[Row[Any]], lines: dict[UUID, tuple[Recommendation, ...]]) -> Received:
    one = rows[0]
    return Received(
        episode_id=one.episode_id,
        identity=identity_of(one),
        closed=one.closed,
        reviews=tuple(review_of(row, lines.get(row.id, ())) for row in rows),
        covered=_person(one.covered_id, one.covered_family_name, one.covered_given_name),
    )


def identity_of(row: Row[Any]) -> Identity:
    """Who the patient of this row is; the numbers too, for a shared screen to hide in texts."""
    return Identity(
        row.patient_id,
        row.family_name,
        row.given_name,
        row.birth_date,
        row.sex,
        row.ins,
        row.phone,
    )


def review_of(row: Row[Any], lines: tuple[Recommendation, ...]) -> CaseReview:
    """The signed review of this row, with its lines."""
    return CaseReview(
        id=row.id,
        psychiatrist=_person(row.psychiatrist_id, row.by_family_name, row.by_given_name),
        outcome=row.outcome,
        summary=row.summary,
        next_review_on=row.next_review_on,
        signed_at=row.signed_at,
        signed_on=row.signed_on,
        supersedes=row.supersedes,
        superseded_by=row.superseded_by,
        recommendations=lines,
        seen={},
        covered=_person(row.for_id, row.for_family_name, row.for_given_name),
    )


def _line(row: Row[Any], answers: list[Row[Any]]) -> Recommendation:
    return recommendation_of(row, tuple(_answer(one) for one in answers))


def _answer(row: Row[Any]) -> Answer:
    return Answer(
        row.id,
        _person(row.practitioner_id, row.family_name, row.given_name),
        row.outcome,
        row.reason,
        row.answered_at,
    )


def _person(number: int | None, family_name: str | None, given_name: str | None) -> Person | None:
    return (
        None
        if number is None or family_name is None
        else Person(number, family_name, given_name or "")
    )


def _by(rows: Sequence[Row[Any]], column: str) -> dict[Any, list[Row[Any]]]:
    groups: dict[Any, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, column)].append(row)
    return groups


_PARIS_DAY = "AT TIME ZONE 'Europe/Paris')::date"

# One pass over the reviews of everyone in care, one over their lines, one over the answers.
_REVIEWS = f"""
    WITH mine AS MATERIALIZED (
        SELECT e.id AS episode_id, e.patient_id,
               e.status = 'closed' AND coalesce(e.closed_on, :as_of) <= :as_of AS closed,
               CASE WHEN review.acting_practitioner() NOT IN (e.nurse_id, e.gp_id)
                    THEN CASE WHEN e.nurse_id = ANY ((SELECT review.acting_for())::bigint[])
                              THEN e.nurse_id ELSE e.gp_id END
               END AS instead_of_id
        FROM registry.episode e
        WHERE e.nurse_id = ANY ((SELECT review.acting_for())::bigint[])
           OR e.gp_id = ANY ((SELECT review.acting_for())::bigint[])
    ), signed AS MATERIALIZED (
        SELECT r.*, m.closed, m.instead_of_id, (r.signed_at {_PARIS_DAY} AS signed_on
        FROM review.case_review r JOIN mine m USING (patient_id, episode_id)
        WHERE (r.signed_at {_PARIS_DAY} <= :as_of
    ), standing AS (
        SELECT s.*, later.id AS superseded_by
        FROM signed s LEFT JOIN review.case_review later
            ON later.patient_id = s.patient_id AND later.supersedes = s.id
            AND (later.signed_at {_PARIS_DAY} <= :as_of
    ), latest AS (
        SELECT DISTINCT ON (a.patient_id, a.recommendation_id)
               a.patient_id, a.recommendation_id, a.outcome
        FROM review.answer a
        WHERE (a.answered_at {_PARIS_DAY} <= :as_of
        ORDER BY a.patient_id, a.recommendation_id, a.answered_at DESC, a.id DESC
    ), awaited AS (
        SELECT DISTINCT c.case_review_id
        FROM review.recommendation c
        LEFT JOIN latest ON latest.patient_id = c.patient_id AND latest.recommendation_id = c.id
        WHERE coalesce(latest.outcome, 'acknowledged') = 'acknowledged'
    )
    SELECT s.id, s.patient_id, s.episode_id, s.psychiatrist_id, s.outcome, s.summary,
           s.next_review_on, s.signed_at, s.signed_on, s.supersedes, s.superseded_by, s.closed,
           p.family_name, p.given_name, p.birth_date, p.sex, p.ins, p.phone,
           by.family_name AS by_family_name, by.given_name AS by_given_name,
           s.covered_id AS for_id, signed_for.family_name AS for_family_name,
           signed_for.given_name AS for_given_name,
           s.instead_of_id AS covered_id, covered.family_name AS covered_family_name,
           covered.given_name AS covered_given_name
    FROM standing s
    JOIN registry.patient p ON p.id = s.patient_id
    LEFT JOIN registry.practitioner by ON by.id = s.psychiatrist_id
    LEFT JOIN registry.practitioner signed_for ON signed_for.id = s.covered_id
    LEFT JOIN registry.practitioner covered ON covered.id = s.instead_of_id
    WHERE NOT :only_open
       OR (s.superseded_by IS NULL AND NOT s.closed
           AND s.id IN (SELECT case_review_id FROM awaited))
    ORDER BY s.signed_at DESC, s.id
    LIMIT :latest
"""

_LINES = """
    SELECT id, case_review_id, position, kind, action, atc_code, drug_name, daily_dose_mg,
           titration, detail, alternative, owner_role, due_on
    FROM review.recommendation
    WHERE case_review_id = ANY (CAST(:reviews AS uuid[]))
    ORDER BY position
"""

_ANSWERERS = """
    SELECT a.id, a.recommendation_id, a.practitioner_id, a.outcome, a.reason, a.answered_at,
           p.family_name, p.given_name
    FROM review.answer a LEFT JOIN registry.practitioner p ON p.id = a.practitioner_id
"""

_ANSWERS = f"""
    {_ANSWERERS}
    JOIN review.recommendation c ON c.patient_id = a.patient_id AND c.id = a.recommendation_id
    WHERE c.case_review_id = ANY (CAST(:reviews AS uuid[]))
      AND (a.answered_at {_PARIS_DAY} <= :as_of
    ORDER BY a.answered_at, a.id
"""

_ANSWERS_OF_LINE = f"""
    {_ANSWERERS}
    WHERE a.patient_id = :patient AND a.recommendation_id = :line
    ORDER BY a.answered_at, a.id
"""

_LINE = """
    SELECT c.id, c.patient_id,
           EXISTS (SELECT FROM review.case_review later
                   WHERE later.patient_id = c.patient_id
                     AND later.supersedes = c.case_review_id) AS superseded,
           last.practitioner_id = review.acting_practitioner() AS last_by_me,
           last.outcome AS last_outcome, last.reason AS last_reason
    FROM review.recommendation c
    LEFT JOIN LATERAL (
        SELECT a.practitioner_id, a.outcome, a.reason FROM review.answer a
        WHERE a.patient_id = c.patient_id AND a.recommendation_id = c.id
        ORDER BY a.answered_at DESC, a.id DESC LIMIT 1
    ) last ON true
    WHERE c.id = :line
"""

_INSERT_ANSWER = """
    INSERT INTO review.answer (patient_id, id, recommendation_id, practitioner_id, outcome, reason)
    VALUES (:patient, :key, :line, review.acting_practitioner(), :outcome, :reason)
    ON CONFLICT (patient_id, id) DO NOTHING
"""
