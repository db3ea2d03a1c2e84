"""The facts of every open episode that the acting practitioner may see, on a day.

One set-based query a fact table, whatever the number of episodes.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
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
from dashboard.clinical.instruments import item_answer, valid_score

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
    """The rows of every fact table, by patient or by episode."""

    def __init__(self, connection: Connection, episodes: Sequence[Row[Any]], as_of: date) -> None:
        self.as_of = as_of
        wanted = {
            "patients": sorted({episode.patient_id for episode in episodes}),
            "episodes": [episode.episode_id for episode in episodes],
            "as_of": as_of,
        }

        def read(query: str, key: str) -> Mapping[int, list[Row[Any]]]:
            return _grouped(connection.execute(text(query), wanted), key)

        self.assessments = read(_ASSESSMENTS, "patient_id")
        self.contacts = read(_CONTACTS, "patient_id")
        self.medications = read(_MEDICATIONS, "patient_id")
        self.conditions = read(_CONDITIONS, "patient_id")
        self.flags = read(_FLAGS, "patient_id")
        self.sequences = read(_SEQUENCES, "episode_id")
        self.reviews = read(_REVIEWS, "episode_id")
        self.questions = read(_QUESTIONS, "episode_id")
        self.advice = read(_ADVICE, "episode_id")

    def of(self, episode: Row[Any]) -> EpisodeFacts:
        patient, first = episode.patient_id, episode.enrolled_on - BEFORE_ENROLMENT
        forms = [row for row in self.assessments[patient] if row.taken_on >= first]
        phq9 = [row for row in forms if row.instrument == "phq9"]
        return EpisodeFacts(
            episode_id=episode.episode_id,
            patient_id=patient,
            enrolled_on=episode.enrolled_on,
            status="active" if episode.status == "closed" else episode.status,
            birth_date=episode.birth_date,
            phq9=_scores(phq9),
            gad7=_scores(row for row in forms if row.instrument == "gad7"),
            item9=_item9(phq9),
            cssrs=_latest_cssrs(forms),
            contacts=tuple(
                ContactFact(row.day, row.attended)
                for row in self.contacts[patient]
                if row.day >= first
            ),
            sequence=_sequence(self.sequences[episode.episode_id]),
            medications=tuple(map(_medication, self.medications[patient])),
            conditions=tuple(
                ConditionFact(row.code, row.label, row.onset_on or episode.enrolled_on)
                for row in self.conditions[patient]
            ),
            flags=tuple(FlagFact(row.kind, row.day) for row in self.flags[patient]),
            reviews=tuple(
                ReviewFact(row.day, row.next_review_on) for row in self.reviews[episode.episode_id]
            ),
            open_questions=tuple(row.day for row in self.questions[episode.episode_id]),
            standing_advice=tuple(
                AdviceFact(row.sent_on, row.due_on, tuple(row.outcomes))
                for row in self.advice[episode.episode_id]
            ),
        )


def _grouped(rows: Iterable[Row[Any]], key: str) -> Mapping[int, list[Row[Any]]]:
    groups: dict[int, list[Row[Any]]] = defaultdict(list)
    key_of: Callable[[Row[Any]], int] = lambda row: getattr(row, key)  # noqa: E731
    for row in rows:
        groups[key_of(row)].append(row)
    return groups


def _scores(forms: Iterable[Row[Any]]) -> tuple[DatedScore, ...]:
    scored = ((row.taken_on, valid_score(row.instrument, row.total, row.items)) for row in forms)
    return tuple(DatedScore(day, score.value) for day, score in scored if score is not None)


def _item9(forms: Iterable[Row[Any]]) -> tuple[DatedAnswer, ...]:
    answers = ((row.taken_on, item_answer(row.items, 9)) for row in forms)
    return tuple(DatedAnswer(day, answer) for day, answer in answers if answer is not None)


def _latest_cssrs(forms: Iterable[Row[Any]]) -> tuple[date, tuple[int | None, ...]] | None:
    screens = [row for row in forms if row.instrument == "cssrs"]
    return (screens[-1].taken_on, tuple(screens[-1].items or ())) if screens else None


def _sequence(started: Sequence[Row[Any]]) -> SequenceFact | None:
    if not started:
        return None
    row = started[-1]
    return SequenceFact(row.kind, row.number, row.starts_on, row.ends_on)


def _medication(row: Row[Any]) -> Medication:
    return Medication(
        row.id,
        row.atc_code,
        row.name,
        finite(row.daily_dose_mg),
        row.as_needed,
        row.started_on,
        row.stopped_on,
    )


def finite(dose: Decimal | None) -> Decimal | None:
    """The dose; none where the registry holds something that is not a number."""
    return dose if dose is not None and math.isfinite(dose) else None


_ASSESSMENTS = """
    SELECT patient_id, instrument, taken_on, total, items
    FROM registry.assessment
    WHERE patient_id = ANY (:patients) AND instrument IN ('phq9', 'gad7', 'cssrs')
      AND taken_on <= :as_of
    ORDER BY taken_on, id
"""

_CONTACTS = """
    SELECT patient_id, (happened_at AT TIME ZONE 'Europe/Paris')::date AS day, attended
    FROM registry.contact
    WHERE patient_id = ANY (:patients)
      AND (happened_at AT TIME ZONE 'Europe/Paris')::date <= :as_of
    ORDER BY happened_at, id
"""

_MEDICATIONS = """
    SELECT id, patient_id, atc_code, name, daily_dose_mg, as_needed, started_on,
           CASE WHEN stopped_on <= :as_of THEN stopped_on END AS stopped_on
    FROM registry.medication
    WHERE patient_id = ANY (:patients) AND started_on <= :as_of
    ORDER BY started_on, id
"""

_CONDITIONS = """
    SELECT patient_id, code, label, onset_on
    FROM registry.condition
    WHERE patient_id = ANY (:patients)
      AND (onset_on IS NULL OR onset_on <= :as_of)
      AND (resolved_on IS NULL OR resolved_on > :as_of)
    ORDER BY id
"""

_FLAGS = """
    SELECT patient_id, kind, (raised_at AT TIME ZONE 'Europe/Paris')::date AS day
    FROM registry.flag
    WHERE patient_id = ANY (:patients)
      AND (raised_at AT TIME ZONE 'Europe/Paris')::date <= :as_of
      AND (cleared_at IS NULL OR (cleared_at AT TIME ZONE 'Europe/Paris')::date > :as_of)
    ORDER BY raised_at, id
"""

_SEQUENCES = """
    SELECT episode_id, kind, number, starts_on, ends_on
    FROM registry.care_sequence
    WHERE episode_id = ANY (:episodes) AND starts_on <= :as_of
    ORDER BY starts_on, id
"""

_REVIEWS = """
    SELECT episode_id, next_review_on, (signed_at AT TIME ZONE 'Europe/Paris')::date AS day
    FROM review.case_review
    WHERE patient_id = ANY (:patients) AND episode_id = ANY (:episodes)
      AND (signed_at AT TIME ZONE 'Europe/Paris')::date <= :as_of
    ORDER BY signed_at, id
"""

_QUESTIONS = """
    SELECT p.episode_id, (p.ready_at AT TIME ZONE 'Europe/Paris')::date AS day
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
    ORDER BY p.ready_at
"""

_ADVICE = """
    SELECT r.episode_id, (r.signed_at AT TIME ZONE 'Europe/Paris')::date AS sent_on, c.due_on,
           ARRAY (SELECT a.outcome FROM review.answer a
                  WHERE a.patient_id = c.patient_id AND a.recommendation_id = c.id
                    AND (a.answered_at AT TIME ZONE 'Europe/Paris')::date <= :as_of
                  ORDER BY a.answered_at) AS outcomes
    FROM review.case_review r
    JOIN review.recommendation c ON c.patient_id = r.patient_id AND c.case_review_id = r.id
    WHERE r.patient_id = ANY (:patients) AND r.episode_id = ANY (:episodes)
      AND (r.signed_at AT TIME ZONE 'Europe/Paris')::date <= :as_of
      AND NOT EXISTS (
          SELECT FROM review.case_review later
          WHERE later.patient_id = r.patient_id AND later.supersedes = r.id
            AND (later.signed_at AT TIME ZONE 'Europe/Paris')::date <= :as_of)
    ORDER BY r.signed_at, c.position
"""
