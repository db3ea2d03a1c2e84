"""The recommendations in the open episodes of the signed-in practitioner, with what came of
them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from dashboard.calendar import PARIS
from dashboard.clinical.advice.follow_up import (
    DeliveryFact,
    FollowedLine,
    FollowedReview,
    Recipient,
    addressee,
    in_order,
    score_since,
    state_of,
)
from dashboard.clinical.case.case_file import Recommendation
from dashboard.clinical.people import Person
from dashboard.clinical.settlements import LineCourse, LineEnd
from dashboard.database.audit.access_log import log_access
from dashboard.database.security.emergency import ONLY_IN_AN_EMERGENCY
from dashboard.queries.case.case_rows import answer_of, recommendation_of, risk_of
from dashboard.queries.case.standing_lines import before_end_of, courses_of
from dashboard.queries.caseload.episode_facts import scores_of
from dashboard.queries.people import identity_of, person_of
from dashboard.queries.row_groups import rows_by

LOOKS_BACK = timedelta(days=180)
"""How long a recommendation that needs no answer any more is listed, after it was last sent.

Recommendations that still await an answer are always listed.
"""


def follow_up(connection: Connection, as_of: date) -> list[FollowedReview]:
    """Return the recommendations of the open episodes that the signed-in practitioner may see.

    Episodes that only an emergency access shows are left out, and so are amended reviews. The
    recommendations are returned as they were on ``as_of``, grouped by the review that last gave or
    kept them. The review with the most urgent recommendation comes first. Recommendations that were
    answered, replaced or withdrawn are left out if they were last sent more than 180 days before
    ``as_of``.

    The number of queries does not depend on the number of episodes. The reading is recorded in the
    access log.
    """
    open_episodes = connection.execute(text(_EPISODES), {"as_of": as_of}).all()
    episodes = {row.episode_id: row for row in open_episodes}
    patients = {row.episode_id: row.patient_id for row in open_episodes}
    courses = _followed_courses(connection, patients, as_of)
    wanted: dict[str, Any] = {
        "patients": _array(set(patients.values())),
        "before": before_end_of(as_of),
        "lines": list({*courses, *(one.replaced_by for one in courses.values() if one.is_said)}),
        "reviews": list({course.sent_by for course in courses.values()}),
    }
    answers = rows_by(connection.execute(text(_ANSWERS), wanted).all(), "recommendation_id")
    rows = connection.execute(text(_LINES), wanted).all()
    lines = _lines(rows, answers, courses, as_of)
    reviews = connection.execute(text(_REVIEWS), wanted).all()
    recipients = recipients_of_reviews(connection, patients.values(), wanted["reviews"], as_of)
    scores = scores_of(connection, open_episodes, as_of)
    shown = sum(map(len, lines.values()))
    log_access(connection, "follow_up_opened", as_of=as_of.isoformat(), lines=shown)
    return in_order(
        _followed(
            episodes[review.episode_id],
            review,
            lines[review.id],
            recipients.get(review.id, ()),
            scores[review.episode_id],
            as_of,
        )
        for review in reviews
        if lines.get(review.id)
    )


def recipients_of_reviews(
    connection: Connection, patients: Iterable[int], reviews: Sequence[UUID], as_of: date
) -> dict[UUID, tuple[Recipient, ...]]:
    """Return the recipients of each of these reviews, with everything that was sent to them.

    These are the entry in the inbox, the letter, reminders and notices of withdrawals. ``patients``
    are the ids of the patients of the reviews. Deliveries after ``as_of`` are left out.
    """
    wanted: dict[str, Any] = {
        "patients": _array(set(patients)),
        "reviews": list(reviews),
        "before": before_end_of(as_of),
    }
    rows = connection.execute(text(_DELIVERIES), wanted).all()
    return {review: _recipients(sent) for review, sent in rows_by(rows, "case_review_id").items()}


def _followed_courses(
    connection: Connection, patients: Mapping[int, int], as_of: date
) -> dict[UUID, LineCourse]:
    """Return the history of each recommendation that is in force, or was sent in the last 180 days.

    Recommendations of amended reviews are left out. The result maps the id of the recommendation to
    its history.
    """
    since = datetime.combine(as_of - LOOKS_BACK, time(), tzinfo=PARIS)
    return {
        line: course
        for line, course in courses_of(connection, patients, as_of).items()
        if course.end is not LineEnd.SUPERSEDED and (course.stands or course.sent_at >= since)
    }


def _lines(
    rows: Sequence[Row[Any]],
    answers: dict[Any, list[Row[Any]]],
    courses: Mapping[UUID, LineCourse],
    as_of: date,
) -> dict[UUID, list[Recommendation]]:
    """Return the recommendations, grouped by the review that last gave or kept them.

    Recommendations that await no answer are left out if they were sent more than 180 days ago.
    """
    since = datetime.combine(as_of - LOOKS_BACK, time(), tzinfo=PARIS)
    known = {row.id: _line(row, answers.get(row.id, []), courses.get(row.id)) for row in rows}
    sent: dict[UUID, list[Recommendation]] = defaultdict(list)
    for line in known.values():
        course = line.course
        if course is not None and (line.is_open or course.sent_at >= since):
            replacement = known.get(course.replaced_by) if course.replaced_by else None
            sent[course.sent_by].append(replace(line, replacement=replacement))
    for lines in sent.values():
        lines.sort(key=_place_in_review)
    return sent


def _place_in_review(line: Recommendation) -> tuple[bool, datetime, int]:
    """Return the sort key of a recommendation within its review.

    The recommendations that the review gave come first. Those that it kept from earlier reviews
    follow.
    """
    course = line.course
    if course is None:
        raise ValueError("a followed line has a course")
    kept = course.line.review_id != course.sent_by
    return kept, course.given_at, line.position


def _followed(
    episode: Row[Any],
    review: Row[Any],
    lines: Sequence[Recommendation],
    recipients: tuple[Recipient, ...],
    scores: dict[str, Any],
    as_of: date,
) -> FollowedReview:
    return FollowedReview(
        id=review.id,
        episode_id=episode.episode_id,
        identity=identity_of(episode),
        nurse=person_of(episode.nurse_id, episode.nurse_family_name, episode.nurse_given_name),
        site_id=episode.site_id,
        site=episode.site or "",
        psychiatrist_id=episode.psychiatrist_id,
        signed_by=person_of(review.psychiatrist_id, review.by_family_name, review.by_given_name),
        signed_at=review.signed_at,
        signed_on=review.signed_on,
        lines=tuple(
            FollowedLine(line, state_of(line, addressee(recipients, line.owner_role), as_of))
            for line in lines
        ),
        recipients=recipients,
        scores={
            instrument: score_since(taken, review.signed_on) for instrument, taken in scores.items()
        },
        risk=risk_of(review),
    )


def _recipients(rows: Iterable[Row[Any]]) -> tuple[Recipient, ...]:
    """Return the recipients of a review, in the order of ``rows``.

    Recipients of a notice of a withdrawal come first, because its ``reminder`` is negative. The
    others are in the order in which the review was sent to them.
    """
    known: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        known[row.recipient_id].append(row)
    return tuple(
        Recipient(
            Person(number, sent[0].family_name or "", sent[0].given_name or ""),
            sent[0].role or "",
            tuple(
                DeliveryFact(
                    row.id,
                    row.channel,
                    row.reminder,
                    row.state,
                    row.queued_on,
                    row.sent_at,
                    row.error,
                    settled=row.settled_at is not None,
                )
                for row in sent
            ),
            in_care=sent[0].in_care,
        )
        for number, sent in known.items()
    )


def _line(row: Row[Any], answers: list[Row[Any]], course: LineCourse | None) -> Recommendation:
    return recommendation_of(
        row,
        tuple(
            answer_of(one, person_of(one.practitioner_id, one.family_name, one.given_name))
            for one in answers
        ),
        course,
    )


def _array(ids: Iterable[int]) -> str:
    return "{" + ",".join(map(str, sorted(ids))) + "}"


_EPISODES = f"""
    SELECT e.id AS episode_id, e.patient_id, e.enrolled_on, e.site_id, s.name AS site,
           p.family_name, p.given_name, p.birth_date, p.sex, p.ins, p.phone,
           e.nurse_id, e.psychiatrist_id,
           n.family_name AS nurse_family_name, n.given_name AS nurse_given_name
    FROM registry.episode e
    JOIN registry.patient p ON p.id = e.patient_id
    LEFT JOIN registry.practitioner n ON n.id = e.nurse_id
    LEFT JOIN registry.site s ON s.id = e.site_id
    WHERE e.enrolled_on <= :as_of AND (e.status IS DISTINCT FROM 'closed' OR e.closed_on > :as_of)
      AND NOT {ONLY_IN_AN_EMERGENCY}
"""

_LINES = """
    SELECT id, case_review_id, position, kind, action, atc_code, drug_name, daily_dose_mg,
           titration, detail, alternative, owner_role, due_on, replaced_drug_name
    FROM review.recommendation
    WHERE patient_id = ANY (CAST(:patients AS bigint[])) AND id = ANY (CAST(:lines AS uuid[]))
"""

_REVIEWS = """
    SELECT r.id, r.episode_id, r.psychiatrist_id, r.signed_at,
           r.risk_level, r.risk_reassess_on, r.risk_reason,
           (r.signed_at AT TIME ZONE 'Europe/Paris')::date AS signed_on,
           by.family_name AS by_family_name, by.given_name AS by_given_name
    FROM review.case_review r LEFT JOIN registry.practitioner by ON by.id = r.psychiatrist_id
    WHERE r.patient_id = ANY (CAST(:patients AS bigint[]))
      AND r.id = ANY (CAST(:reviews AS uuid[]))
    ORDER BY r.signed_at, r.id
"""

_ANSWERS = """
    SELECT a.id, a.recommendation_id, a.practitioner_id, a.outcome, a.reason, a.answered_at,
           p.family_name, p.given_name
    FROM review.answer a LEFT JOIN registry.practitioner p ON p.id = a.practitioner_id
    WHERE a.patient_id = ANY (CAST(:patients AS bigint[]))
      AND a.recommendation_id = ANY (CAST(:lines AS uuid[])) AND a.answered_at < :before
    ORDER BY a.answered_at, a.id
"""

_DELIVERIES = """
    SELECT d.id, d.case_review_id, d.recipient_id, d.channel, d.reminder, d.state, d.sent_at,
           d.error, d.settled_at, (d.queued_at AT TIME ZONE 'Europe/Paris')::date AS queued_on,
           p.role, p.family_name, p.given_name,
           coalesce(p.active AND d.recipient_id IN (e.nurse_id, e.gp_id), false) AS in_care
    FROM review.delivery d
    JOIN review.case_review r ON r.patient_id = d.patient_id AND r.id = d.case_review_id
    JOIN registry.episode e ON e.patient_id = r.patient_id AND e.id = r.episode_id
    LEFT JOIN registry.practitioner p ON p.id = d.recipient_id
    WHERE d.patient_id = ANY (CAST(:patients AS bigint[]))
      AND d.case_review_id = ANY (CAST(:reviews AS uuid[])) AND d.queued_at < :before
    ORDER BY d.reminder, d.queued_at, d.id
"""
