"""Questionnaires, reviews, open flags, and new or changed open questions of an episode that a page
has not shown yet.
"""

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, text

from dashboard.clinical.advice.drafts import (
    Changes,
    NewFlag,
    NewQuestion,
    NewScore,
    NotYours,
    Seen,
)
from dashboard.clinical.case.case_file import question_version
from dashboard.queries.advice.signed_reviews import REVIEWERS, new_review_of
from dashboard.queries.case.case_file import OPEN_QUESTIONS
from dashboard.queries.caseload.episode_facts import BEFORE_ENROLMENT, CLEARED_AT
from dashboard.queries.people import person_of


def changed_since(connection: Connection, episode_id: int, seen: Seen, today: date) -> Changes:
    """Return the questionnaires, reviews, open flags and open questions of an episode, up to
    ``today``, that are not in ``seen``. A question whose text has changed is among them.

    Raise ``NotYours`` if the signed-in practitioner may not see the episode.
    """
    patient_id = connection.execute(text(_PATIENT), {"episode": episode_id}).scalar_one_or_none()
    if patient_id is None:
        raise NotYours
    wanted = {
        "episode": episode_id,
        "patient": patient_id,
        "before": BEFORE_ENROLMENT,
        "assessments": list(seen.assessments),
        "reviews": list(seen.reviews),
        "flags": list(seen.flags),
        "today": today,
        "as_of": today,
    }
    asked = map(_new_question, connection.execute(text(_QUESTIONS), wanted))
    return Changes(
        scores=tuple(NewScore(*row) for row in connection.execute(text(_NEW_SCORES), wanted)),
        reviews=tuple(new_review_of(row) for row in connection.execute(text(_NEW_REVIEWS), wanted)),
        flags=tuple(NewFlag(*row) for row in connection.execute(text(_NEW_FLAGS), wanted)),
        questions=tuple(one for one in asked if one.version not in seen.questions),
    )


def _new_question(row: Row[Any]) -> NewQuestion:
    return NewQuestion(
        question_version(row.id, row.question),
        person_of(row.nurse_id, row.family_name, row.given_name),
        row.question,
        row.ready_at,
    )


_PATIENT = "SELECT patient_id FROM registry.episode WHERE id = :episode"

_NEW_REVIEWS = f"""{REVIEWERS}
      AND r.episode_id = :episode AND r.id <> ALL (CAST(:reviews AS uuid[]))
    ORDER BY r.signed_at, r.id
"""

_NEW_SCORES = """
    SELECT a.id, a.instrument, a.taken_on, a.total
    FROM registry.assessment a
    JOIN registry.episode e ON e.patient_id = a.patient_id
    WHERE e.id = :episode AND a.id <> ALL (CAST(:assessments AS bigint[]))
      AND a.taken_on >= e.enrolled_on - CAST(:before AS interval) AND a.taken_on <= :today
    ORDER BY a.taken_on, a.id
"""

# Cleared flags are left out, because nobody needs to see them before signing.
_NEW_FLAGS = f"""
    SELECT f.id, f.kind, f.raised_at
    FROM registry.flag f
    WHERE f.patient_id = :patient AND {CLEARED_AT} IS NULL
      AND f.id <> ALL (CAST(:flags AS bigint[]))
      AND (f.raised_at AT TIME ZONE 'Europe/Paris')::date <= :today
    ORDER BY f.raised_at, f.id
"""

_QUESTIONS = f"""
    SELECT q.id, q.nurse_id, q.question, q.ready_at, p.family_name, p.given_name
    FROM ({OPEN_QUESTIONS}) q LEFT JOIN registry.practitioner p ON p.id = q.nurse_id
    ORDER BY q.ready_at, q.id
"""
