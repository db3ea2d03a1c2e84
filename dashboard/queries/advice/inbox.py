"""The recommendations that a nurse or a GP has received, and their answers."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from dashboard.clinical.advice.follow_up import addressee
from dashboard.clinical.advice.inbox import Received, WithdrawnLine
from dashboard.clinical.case.case_file import Answer, CaseReview, Recommendation
from dashboard.clinical.settlements import LineCourse
from dashboard.database.audit.access_log import log_access
from dashboard.queries.advice.follow_up import recipients_of_reviews
from dashboard.queries.case.case_rows import answer_of, case_review_of, recommendation_of
from dashboard.queries.case.standing_lines import (
    ReviewLines,
    before_end_of,
    courses_of,
    courses_of_reviews,
    lines_of_reviews,
)
from dashboard.queries.people import identity_of, person_of
from dashboard.queries.row_groups import rows_by
from dashboard.vocabulary import LETTER_ROLES, Role

LATEST = 200
"""Number of the newest reviews in an inbox that also shows reviews without open recommendations.

Older reviews without an open recommendation are shown on the page of their case only.
"""

TOLD_FOR = timedelta(days=14)
"""How long the inboxes of the nurse and the GP show that a recommendation was withdrawn."""


def inbox(connection: Connection, as_of: date, *, only_open: bool = True) -> list[Received]:
    """Return the reviews that the signed-in nurse or GP has received up to ``as_of``, by episode.

    The episodes are those that are now in their care, or in that of a covered colleague. Reviews
    that were sent to an earlier nurse or GP are included. If ``only_open`` is true, only the
    reviews with a recommendation that awaits an answer are returned, with all of their
    recommendations. Closed episodes await none. Otherwise, the ``LATEST`` newest reviews are
    returned as well, those of closed episodes among them. The reading is recorded in the access
    log.
    """
    log_access(connection, "inbox_opened", only_open=only_open)
    mine = connection.execute(text(_MINE), {"as_of": as_of}).all()
    followed = {row.episode_id: row for row in mine if not (only_open and row.closed)}
    patients = {number: row.patient_id for number, row in followed.items()}
    courses = courses_of(connection, patients, as_of)
    wanted: dict[str, Any] = {
        "as_of": as_of,
        "patients": list(set(patients.values())),
        "episodes": list(patients),
        "followed": [number for number, row in followed.items() if not row.closed],
        "awaited": _awaited(connection, courses, as_of),
        "latest": 0 if only_open else LATEST,
    }
    rows = connection.execute(text(_REVIEWS), wanted).all()
    reviews = [row.id for row in rows]
    lines = lines_by_review(connection, reviews, as_of, courses)
    undelivered = _undelivered(connection, wanted["patients"], reviews, as_of)
    return [
        _received(followed[episode], of_episode, lines, undelivered)
        for episode, of_episode in rows_by(rows, "episode_id").items()
    ]


def withdrawn_lately(connection: Connection, as_of: date) -> list[WithdrawnLine]:
    """Return the recommendations that were withdrawn between reviews in the last 14 days.

    They are those for the patients of the signed-in nurse or GP, and of the colleagues whom they
    cover. The latest withdrawal comes first.
    """
    wanted = {"since": before_end_of(as_of - TOLD_FOR), "before": before_end_of(as_of)}
    rows = connection.execute(text(_WITHDRAWN), wanted).all()
    lines = _recommendations(connection, [row.recommendation_id for row in rows], as_of, {})
    return [
        WithdrawnLine(
            episode_id=row.episode_id,
            identity=identity_of(row),
            line=lines[row.recommendation_id],
            signed_on=row.signed_on,
            by=person_of(row.settled_by, row.by_family_name, row.by_given_name),
            at=row.settled_at,
            reason=row.reason or "",
        )
        for row in rows
    ]


def lines_by_review(
    connection: Connection,
    reviews: Sequence[UUID],
    as_of: date,
    courses: Mapping[UUID, LineCourse] | None = None,
) -> dict[UUID, ReviewLines]:
    """Return the recommendations of these reviews as they were on ``as_of``, by id of the review.

    Answers that were given after this day are left out. ``courses`` is the result of
    ``courses_of``, if the caller has it already.
    """
    if courses is None:
        courses = courses_of_reviews(connection, reviews, as_of)
    wanted = set(reviews)
    shown = [
        line
        for line, course in courses.items()
        if wanted & {course.line.review_id, course.sent_by, course.ended_by}
    ]
    found = lines_of_reviews(_recommendations(connection, shown, as_of, courses))
    return {review: found.get(review, ReviewLines()) for review in reviews}


def _undelivered(
    connection: Connection, patients: Sequence[int], reviews: Sequence[UUID], as_of: date
) -> frozenset[tuple[UUID, Role]]:
    """Return the reviews whose latest mail to a recipient has not arrived, with this recipient's
    role.

    Mails to the role of the signed-in practitioner are left out, also those to a former nurse or
    GP. The one who now has this role reads the review in the inbox.
    """
    readers = set(connection.execute(text(_READERS)).scalars())
    found = recipients_of_reviews(connection, patients, reviews, as_of)
    return frozenset(
        (review, role)
        for review, recipients in found.items()
        for role in LETTER_ROLES
        if role not in readers
        and (recipient := addressee(recipients, role)) is not None
        and recipient.undelivered(as_of)
    )


def _awaited(connection: Connection, courses: Mapping[UUID, LineCourse], as_of: date) -> list[UUID]:
    """Return the ids of the reviews with a recommendation that still awaits an answer."""
    standing = [line for line, course in courses.items() if course.stands]
    wanted: dict[str, Any] = {"lines": standing, "before": before_end_of(as_of)}
    settled = set(connection.execute(text(_SETTLED), wanted).scalars())
    return list({courses[line].sent_by for line in standing if line not in settled})


def _recommendations(
    connection: Connection,
    ids: Sequence[UUID],
    as_of: date,
    courses: Mapping[UUID, LineCourse],
) -> dict[UUID, Recommendation]:
    """Return the recommendations with these ids, and the recommendations that replaced them.

    Each has its answers up to ``as_of`` and its history (``courses``).
    """
    replacing = {courses[line].replaced_by for line in ids if line in courses}
    wanted: dict[str, Any] = {
        "lines": list({*ids, *filter(None, replacing)}),
        "before": before_end_of(as_of),
    }
    answers = rows_by(connection.execute(text(_ANSWERS), wanted).all(), "recommendation_id")
    return {
        row.id: recommendation_of(
            row, tuple(map(answer_by, answers.get(row.id, ()))), courses.get(row.id)
        )
        for row in connection.execute(text(_LINES), wanted)
    }


def review_of(row: Row[Any], lines: ReviewLines) -> CaseReview:
    """Return a signed review, from its row in the database and its recommendations."""
    by = person_of(row.psychiatrist_id, row.by_family_name, row.by_given_name)
    covered = person_of(row.for_id, row.for_family_name, row.for_given_name)
    return case_review_of(row, by, lines, row.superseded_by, covered)


def answer_by(row: Row[Any]) -> Answer:
    """Return an answer, from a row that also has the name of the author."""
    return answer_of(row, person_of(row.practitioner_id, row.family_name, row.given_name))


def _received(
    episode: Row[Any],
    rows: Sequence[Row[Any]],
    lines: Mapping[UUID, ReviewLines],
    undelivered: frozenset[tuple[UUID, Role]],
) -> Received:
    own = {row.id for row in rows}
    return Received(
        episode_id=episode.episode_id,
        identity=identity_of(episode),
        closed=episode.closed,
        reviews=tuple(review_of(row, lines.get(row.id, ReviewLines())) for row in rows),
        covered=person_of(
            episode.instead_of_id, episode.covered_family_name, episode.covered_given_name
        ),
        undelivered=frozenset(one for one in undelivered if one[0] in own),
    )


_PARIS_DAY = "AT TIME ZONE 'Europe/Paris')::date"

_MINE = """
    WITH mine AS MATERIALIZED (
        SELECT e.id AS episode_id, e.patient_id,
               e.status = 'closed' AND coalesce(e.closed_on, :as_of) <= :as_of AS closed,
               CASE WHEN (review.acting_practitioner() IN (e.nurse_id, e.gp_id)) IS NOT TRUE
                    THEN CASE WHEN e.nurse_id = ANY ((SELECT review.acting_for())::bigint[])
                              THEN e.nurse_id ELSE e.gp_id END
               END AS instead_of_id
        FROM registry.episode e
        WHERE e.nurse_id = ANY ((SELECT review.acting_for())::bigint[])
           OR e.gp_id = ANY ((SELECT review.acting_for())::bigint[])
    )
    SELECT m.*, p.family_name, p.given_name, p.birth_date, p.sex, p.ins, p.phone,
           covered.family_name AS covered_family_name, covered.given_name AS covered_given_name
    FROM mine m
    JOIN registry.patient p ON p.id = m.patient_id
    LEFT JOIN registry.practitioner covered ON covered.id = m.instead_of_id
"""

_READERS = """
    SELECT DISTINCT role FROM registry.practitioner
    WHERE id = ANY ((SELECT review.acting_for())::bigint[])
"""

# The recommendations that an answer settles (Recommendation.decision).
_SETTLED = """
    SELECT DISTINCT recommendation_id FROM (
        SELECT DISTINCT ON (recommendation_id, practitioner_id) recommendation_id, outcome
        FROM review.answer
        WHERE recommendation_id = ANY (CAST(:lines AS uuid[])) AND answered_at < :before
        ORDER BY recommendation_id, practitioner_id, answered_at DESC, id DESC) last_of_author
    WHERE outcome <> 'acknowledged'
"""

_REVIEWS = f"""
    WITH signed AS MATERIALIZED (
        SELECT r.*, (r.signed_at {_PARIS_DAY} AS signed_on
        FROM review.case_review r
        WHERE r.patient_id = ANY (CAST(:patients AS bigint[]))
          AND r.episode_id = ANY (CAST(:episodes AS bigint[]))
          AND (r.signed_at {_PARIS_DAY} <= :as_of
    )
    SELECT s.id, s.episode_id, s.psychiatrist_id, s.outcome, s.summary,
           s.next_review_on, s.signed_at, s.signed_on, s.supersedes, later.id AS superseded_by,
           s.risk_level, s.risk_reassess_on, s.risk_reason,
           by.family_name AS by_family_name, by.given_name AS by_given_name,
           s.covered_id AS for_id, signed_for.family_name AS for_family_name,
           signed_for.given_name AS for_given_name
    FROM signed s
    LEFT JOIN signed later ON later.patient_id = s.patient_id AND later.supersedes = s.id
    LEFT JOIN registry.practitioner by ON by.id = s.psychiatrist_id
    LEFT JOIN registry.practitioner signed_for ON signed_for.id = s.covered_id
    WHERE s.id IN (SELECT id FROM signed ORDER BY signed_at DESC, id LIMIT :latest)
       OR (s.id = ANY (CAST(:awaited AS uuid[]))
           AND s.episode_id = ANY (CAST(:followed AS bigint[])))
    ORDER BY s.signed_at DESC, s.id
"""

_WITHDRAWN = f"""
    SELECT s.recommendation_id, s.settled_by, s.settled_at, s.reason, r.episode_id,
           (r.signed_at {_PARIS_DAY} AS signed_on, by.family_name AS by_family_name,
           by.given_name AS by_given_name, p.id AS patient_id, p.family_name, p.given_name,
           p.birth_date, p.sex, p.ins, p.phone
    FROM review.settlement s
    JOIN review.recommendation c ON c.patient_id = s.patient_id AND c.id = s.recommendation_id
    JOIN review.case_review r ON r.patient_id = c.patient_id AND r.id = c.case_review_id
    JOIN registry.episode e ON e.id = r.episode_id
    JOIN registry.patient p ON p.id = s.patient_id
    LEFT JOIN registry.practitioner by ON by.id = s.settled_by
    WHERE s.case_review_id IS NULL AND s.settled_at >= :since AND s.settled_at < :before
      AND (e.nurse_id = ANY ((SELECT review.acting_for())::bigint[])
           OR e.gp_id = ANY ((SELECT review.acting_for())::bigint[]))
    ORDER BY s.settled_at DESC, s.id
"""

_LINES = """
    SELECT id, case_review_id, position, kind, action, atc_code, drug_name, daily_dose_mg,
           titration, detail, alternative, owner_role, due_on, replaced_drug_name
    FROM review.recommendation
    WHERE id = ANY (CAST(:lines AS uuid[]))
"""

ANSWERERS = """
    SELECT a.id, a.recommendation_id, a.practitioner_id, a.outcome, a.reason, a.answered_at,
           p.family_name, p.given_name
    FROM review.answer a LEFT JOIN registry.practitioner p ON p.id = a.practitioner_id
"""

_ANSWERS = f"""
    {ANSWERERS}
    WHERE a.recommendation_id = ANY (CAST(:lines AS uuid[])) AND a.answered_at < :before
    ORDER BY a.answered_at, a.id
"""
