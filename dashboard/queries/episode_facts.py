"""The facts of every open episode that the acting practitioner may see, on a day.

One set-based query a fact table, whatever the number of episodes.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, text

from dashboard.clinical.episodes import (
    AdviceFact,
    ConditionFact,
    ContactFact,
    DatedAnswer,
    DatedScore,
    EpisodeFacts,
    FlagFact,
    Medication,
    ReviewFact,
    SequenceFact,
)
from dashboard.clinical.instruments import valid_score

BEFORE_ENROLMENT = timedelta(days=14)
"""How long before enrolment an episode's scores and contacts begin (REGISTRY.md)."""


def facts_of(
    connection: Connection, episodes: Sequence[Row[Any]], as_of: date
) -> list[EpisodeFacts]:
    """The facts of these episodes as they stood on a day, in the order given.

    ``episodes`` are rows with ``episode_id``, ``patient_id``, ``enrolled_on``,
    ``closed_on``, ``status`` and ``birth_date``.
    """
    known = _Facts(connection, episodes, as_of)
    return [known.of(episode) for episode in episodes]


class _Facts:
    """The rows of every fact table: one for each patient or episode, its facts in arrays."""

    def __init__(self, connection: Connection, episodes: Sequence[Row[Any]], as_of: date) -> None:
        wanted = {
            "patients": sorted({episode.patient_id for episode in episodes}),
            "episodes": [episode.episode_id for episode in episodes],
            "as_of": as_of,
        }

        def read(query: str) -> dict[Any, Row[Any]]:
            rows = connection.execute(text(query), wanted).all()
            return {row.key: row for row in rows}

        forms = connection.execute(text(_ASSESSMENTS), wanted).all()
        self.forms = {(row.patient_id, row.instrument): row for row in forms}
        self.contacts = read(_CONTACTS)
        self.medications = read(_MEDICATIONS)
        self.conditions = read(_CONDITIONS)
        self.flags = read(_FLAGS)
        self.sequences = read(_SEQUENCES)
        self.reviews = read(_REVIEWS)
        self.questions = read(_QUESTIONS)
        self.advice = read(_ADVICE)

    def of(self, episode: Row[Any]) -> EpisodeFacts:
        key, patient = episode.episode_id, episode.patient_id
        first = episode.enrolled_on - BEFORE_ENROLMENT
        phq9 = _since(first, self.forms.get((patient, "phq9")))
        questions = self.questions.get(key)
        return EpisodeFacts(
            episode_id=key,
            patient_id=patient,
            enrolled_on=episode.enrolled_on,
            status="active" if episode.status == "closed" else episode.status,
            birth_date=episode.birth_date,
            phq9=_scores("phq9", phq9),
            gad7=_scores("gad7", _since(first, self.forms.get((patient, "gad7")))),
            item9=tuple(
                DatedAnswer(day, answer) for day, _, answer, _ in phq9 if answer is not None
            ),
            cssrs=_latest_cssrs(_since(first, self.forms.get((patient, "cssrs")))),
            contacts=tuple(
                ContactFact(day, attended)
                for day, attended in _facts(self.contacts.get(patient))
                if day >= first
            ),
            sequence=next((SequenceFact(*one) for one in _facts(self.sequences.get(key))), None),
            medications=tuple(map(_medication, _facts(self.medications.get(patient)))),
            conditions=tuple(
                ConditionFact(code, label, onset or episode.enrolled_on)
                for code, label, onset in _facts(self.conditions.get(patient))
            ),
            flags=tuple(FlagFact(*one) for one in _facts(self.flags.get(patient))),
            reviews=tuple(ReviewFact(*one) for one in _facts(self.reviews.get(key))),
            open_questions=tuple(questions.days) if questions else (),
            standing_advice=tuple(
                AdviceFact(sent, due, tuple(outcomes.split()))
                for sent, due, outcomes in _facts(self.advice.get(key))
            ),
        )


def _facts(row: Row[Any] | None) -> Iterator[tuple[Any, ...]]:
    """The arrays of a row, side by side: one tuple a fact. The first column is the key."""
    return iter(()) if row is None else zip(*row[1:], strict=True)


def _since(first: date, row: Row[Any] | None) -> list[tuple[Any, ...]]:
    """A patient's forms of one questionnaire since a day: day, total, item 9, items."""
    if row is None:
        return []
    forms = zip(row.days, row.totals, row.item9, row.items, strict=True)
    return [form for form in forms if form[0] >= first]


def _scores(instrument: str, forms: list[tuple[Any, ...]]) -> tuple[DatedScore, ...]:
    scored = (
        (day, valid_score(instrument, total, _items(items))) for day, total, _, items in forms
    )
    return tuple(DatedScore(day, score.value) for day, score in scored if score is not None)


def _latest_cssrs(forms: list[tuple[Any, ...]]) -> tuple[date, tuple[int | None, ...]] | None:
    return (forms[-1][0], _items(forms[-1][3])) if forms else None


def _items(written: str | None) -> tuple[int | None, ...]:
    """The items of a form as PostgreSQL joins them: ``2;1;;3``."""
    if not written:
        return ()
    return tuple(int(item) if item else None for item in written.split(";"))


def _medication(row: tuple[Any, ...]) -> Medication:
    number, atc_code, name, dose, as_needed, started_on, stopped_on = row
    return Medication(number, atc_code, name, finite(dose), as_needed, started_on, stopped_on)


def finite(dose: Decimal | None) -> Decimal | None:
    """The dose; none where the registry holds something that is not a number."""
    return dose if dose is not None and math.isfinite(dose) else None


# The items are sent only where the score depends on them: most forms have a good total.
_ASSESSMENTS = """
    SELECT patient_id, instrument,
           array_agg(taken_on ORDER BY taken_on, id) AS days,
           array_agg(total ORDER BY taken_on, id) AS totals,
           array_agg(items[9] ORDER BY taken_on, id) AS item9,
           array_agg(CASE WHEN instrument = 'cssrs' OR total IS NULL OR total < 0
                            OR total > CASE instrument WHEN 'phq9' THEN 27 ELSE 21 END
                          THEN array_to_string(items, ';', '') END
                     ORDER BY taken_on, id) AS items
    FROM registry.assessment
    WHERE patient_id = ANY (:patients) AND instrument IN ('phq9', 'gad7', 'cssrs')
      AND taken_on <= :as_of
    GROUP BY patient_id, instrument
"""

_CONTACTS = """
    SELECT patient_id AS key, array_agg(day ORDER BY happened_at, id) AS days,
           array_agg(attended ORDER BY happened_at, id) AS attended
    FROM (SELECT id, patient_id, happened_at, attended,
                 (happened_at AT TIME ZONE 'Europe/Paris')::date AS day
          FROM registry.contact WHERE patient_id = ANY (:patients)) c
    WHERE day <= :as_of
    GROUP BY patient_id
"""

# What the rules read: what is current, and the earlier rows of a run of benzodiazepines.
_MEDICATIONS = """
    SELECT patient_id AS key, array_agg(id ORDER BY started_on, id),
           array_agg(atc_code ORDER BY started_on, id), array_agg(name ORDER BY started_on, id),
           array_agg(daily_dose_mg ORDER BY started_on, id),
           array_agg(as_needed ORDER BY started_on, id),
           array_agg(started_on ORDER BY started_on, id),
           array_agg(CASE WHEN stopped_on <= :as_of THEN stopped_on END ORDER BY started_on, id)
    FROM registry.medication
    WHERE patient_id = ANY (:patients) AND started_on <= :as_of
      AND (stopped_on IS NULL OR stopped_on > :as_of OR atc_code LIKE 'N05%')
    GROUP BY patient_id
"""

_CONDITIONS = """
    SELECT patient_id AS key, array_agg(code ORDER BY id), array_agg(label ORDER BY id),
           array_agg(onset_on ORDER BY id)
    FROM registry.condition
    WHERE patient_id = ANY (:patients)
      AND (onset_on IS NULL OR onset_on <= :as_of)
      AND (resolved_on IS NULL OR resolved_on > :as_of)
    GROUP BY patient_id
"""

_FLAGS = """
    SELECT patient_id AS key, array_agg(kind ORDER BY raised_at, id),
           array_agg((raised_at AT TIME ZONE 'Europe/Paris')::date ORDER BY raised_at, id)
    FROM registry.flag
    WHERE patient_id = ANY (:patients)
      AND (raised_at AT TIME ZONE 'Europe/Paris')::date <= :as_of
      AND (cleared_at IS NULL OR (cleared_at AT TIME ZONE 'Europe/Paris')::date > :as_of)
    GROUP BY patient_id
"""

_SEQUENCES = """
    SELECT episode_id AS key, array_agg(kind ORDER BY starts_on DESC, id DESC),
           array_agg(number ORDER BY starts_on DESC, id DESC),
           array_agg(starts_on ORDER BY starts_on DESC, id DESC),
           array_agg(ends_on ORDER BY starts_on DESC, id DESC)
    FROM registry.care_sequence
    WHERE episode_id = ANY (:episodes) AND starts_on <= :as_of
    GROUP BY episode_id
"""

_REVIEWS = """
    SELECT episode_id AS key, array_agg(day ORDER BY signed_at, id),
           array_agg(next_review_on ORDER BY signed_at, id)
    FROM (SELECT id, episode_id, signed_at, next_review_on,
                 (signed_at AT TIME ZONE 'Europe/Paris')::date AS day
          FROM review.case_review
          WHERE patient_id = ANY (:patients) AND episode_id = ANY (:episodes)) r
    WHERE day <= :as_of
    GROUP BY episode_id
"""

_QUESTIONS = """
    SELECT p.episode_id AS key,
           array_agg((p.ready_at AT TIME ZONE 'Europe/Paris')::date ORDER BY p.ready_at) AS days
    FROM review.preparation p
    WHERE p.patient_id = ANY (:patients) AND p.episode_id = ANY (:episodes)
      AND (p.ready_at AT TIME ZONE 'Europe/Paris')::date <= :as_of
      AND (p.withdrawn_at IS NULL
           OR (p.withdrawn_at AT TIME ZONE 'Europe/Paris')::date > :as_of)
      AND NOT EXISTS (
          SELECT FROM review.case_review r
          WHERE r.patient_id = p.patient_id AND r.episode_id = p.episode_id
            AND r.signed_at > p.ready_at
            AND (r.signed_at AT TIME ZONE 'Europe/Paris')::date <= :as_of)
    GROUP BY p.episode_id
"""

# Of a recommendation: when it was sent, when it is due, the outcomes of its answers.
_ADVICE = """
    WITH answered AS (
        SELECT patient_id, recommendation_id, string_agg(outcome, ' ' ORDER BY answered_at)
               AS outcomes
        FROM review.answer
        WHERE patient_id = ANY (:patients)
          AND (answered_at AT TIME ZONE 'Europe/Paris')::date <= :as_of
        GROUP BY patient_id, recommendation_id)
    SELECT r.episode_id AS key,
           array_agg((r.signed_at AT TIME ZONE 'Europe/Paris')::date
                     ORDER BY r.signed_at, c.position),
           array_agg(c.due_on ORDER BY r.signed_at, c.position),
           array_agg(coalesce(a.outcomes, '') ORDER BY r.signed_at, c.position)
    FROM review.case_review r
    JOIN review.recommendation c ON c.patient_id = r.patient_id AND c.case_review_id = r.id
    LEFT JOIN answered a ON a.patient_id = c.patient_id AND a.recommendation_id = c.id
    WHERE r.patient_id = ANY (:patients) AND r.episode_id = ANY (:episodes)
      AND (r.signed_at AT TIME ZONE 'Europe/Paris')::date <= :as_of
      AND NOT EXISTS (
          SELECT FROM review.case_review later
          WHERE later.patient_id = r.patient_id AND later.supersedes = r.id
            AND (later.signed_at AT TIME ZONE 'Europe/Paris')::date <= :as_of)
    GROUP BY r.episode_id
"""
