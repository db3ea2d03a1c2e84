"""Questionnaires, reviews, open flags and open questions of an episode that are new, or that a page
has shown with other values.
"""

from collections.abc import Iterable, Iterator
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
from dashboard.clinical.case.case_file import Assessment, flag_version, question_version
from dashboard.queries.advice.signed_reviews import REVIEWERS, new_review_of
from dashboard.queries.case.case_file import OPEN_QUESTIONS
from dashboard.queries.case.case_rows import assessment_of
from dashboard.queries.caseload.episode_facts import BEFORE_ENROLMENT, CLEARED_AT
from dashboard.queries.people import person_of


def changed_since(connection: Connection, episode_id: int, seen: Seen, today: date) -> Changes:
    """Return the questionnaires, reviews, open flags and open questions of an episode, up to
    ``today``, that are not in ``seen``. A questionnaire or a flag that was corrected is among them,
    and a question whose text has changed.

    Raise ``NotYours`` if the signed-in practitioner may not see the episode.
    """
    patient_id = connection.execute(text(_PATIENT), {"episode": episode_id}).scalar_one_or_none()
    if patient_id is None:
        raise NotYours
    wanted = {
        "episode": episode_id,
        "patient": patient_id,
        "before": BEFORE_ENROLMENT,
        "reviews": list(seen.reviews),
        "today": today,
        "as_of": today,
    }
    asked = map(_new_question, connection.execute(text(_QUESTIONS), wanted))
    forms = map(assessment_of, connection.execute(text(_SCORES), wanted))
    flags = connection.execute(text(_FLAGS), wanted)
    return Changes(
        scores=tuple(_new_scores(forms, seen)),
        reviews=tuple(new_review_of(row) for row in connection.execute(text(_NEW_REVIEWS), wanted)),
        flags=tuple(_new_flags(flags, seen)),
        questions=tuple(one for one in asked if one.version not in seen.questions),
    )


def _new_scores(forms: Iterable[Assessment], seen: Seen) -> Iterator[NewScore]:
    for form in forms:
        if not seen.has_assessment(form.id, form.version):
            is_corrected = form.id in seen.assessments
            yield NewScore(
                form.id, form.version, form.instrument, form.taken_on, form.total, is_corrected
            )


def _new_flags(rows: Iterable[Row[Any]], seen: Seen) -> Iterator[NewFlag]:
    for row in rows:
        version = flag_version(row.kind, None)
        if not seen.has_flag(row.id, version):
            yield NewFlag(row.id, version, row.kind, row.raised_at, row.id in seen.flags)


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

_SCORES = """
    SELECT a.id, a.instrument, a.taken_on, a.total, a.items
    FROM registry.assessment a
    JOIN registry.episode e ON e.patient_id = a.patient_id
    WHERE e.id = :episode
      AND a.taken_on >= e.enrolled_on - CAST(:before AS interval) AND a.taken_on <= :today
    ORDER BY a.taken_on, a.id
"""

# Cleared flags are left out, because nobody needs to see them before signing.
_FLAGS = f"""
    SELECT f.id, f.kind, f.raised_at
    FROM registry.flag f
    WHERE f.patient_id = :patient AND {CLEARED_AT} IS NULL
      AND (f.raised_at AT TIME ZONE 'Europe/Paris')::date <= :today
    ORDER BY f.raised_at, f.id
"""

_QUESTIONS = f"""
    SELECT q.id, q.nurse_id, q.question, q.ready_at, p.family_name, p.given_name
    FROM ({OPEN_QUESTIONS}) q LEFT JOIN registry.practitioner p ON p.id = q.nurse_id
    ORDER BY q.ready_at, q.id
"""
