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
"""How long before enrolment an episode's scores and contacts begin (docs/registry.md)."""

ACKNOWLEDGED = "acknowledged"
"""The one answer after which something is still awaited."""


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
        self.as_of = as_of

    def of(self, episode: Row[Any]) -> EpisodeFacts:
        key, patient = episode.episode_id, episode.patient_id
        first = episode.enrolled_on - BEFORE_ENROLMENT
        phq9 = self._forms(patient, "phq9", first)
        reviews = self.reviews.get(key)
        return EpisodeFacts(
            episode_id=key,
            patient_id=patient,
            enrolled_on=episode.enrolled_on,
            status="active" if episode.status == "closed" else episode.status,
            birth_date=episode.birth_date,
            phq9=_scores("phq9", phq9),
            gad7=_scores("gad7", self._forms(patient, "gad7", first)),
            item9=tuple(
                DatedAnswer(day, answer) for day, _, answer, _ in phq9 if answer is not None
            ),
            cssrs=_latest_cssrs(self._forms(patient, "cssrs", first)),
            contacts=tuple(
                ContactFact(day, attended)
                for day, attended in _facts(self.contacts.get(patient))
                if day >= first
            ),
            sequence=_sequence(self.sequences.get(key)),
            medications=tuple(map(_medication, _facts(self.medications.get(patient)))),
            conditions=tuple(
                ConditionFact(code, label, onset or episode.enrolled_on)
                for code, label, onset in _facts(self.conditions.get(patient))
            ),
            flags=tuple(FlagFact(*one) for one in _facts(self.flags.get(patient))),
            reviews=_reviews(reviews),
            open_questions=_open_questions(self.questions.get(key), reviews),
            standing_advice=self._standing_advice(reviews),
        )

    def _forms(self, patient: int, instrument: str, first: date) -> list[tuple[Any, ...]]:
        """A patient's forms of one questionnaire since a day: day, total, item 9, items."""
        row = self.forms.get((patient, instrument))
        if row is None:
            return []
        long_ago = (first - self.as_of).days
        return [
            (self.as_of + timedelta(days=days), total, item9, items)
            for days, total, item9, items in zip(*row[2:], strict=True)
            if days >= long_ago
        ]

    def _standing_advice(self, reviews: Row[Any] | None) -> tuple[AdviceFact, ...]:
        """The unsettled lines of the reviews that no other one supersedes."""
        if reviews is None:
            return ()
        superseded = set(reviews.supersedes)
        return tuple(
            AdviceFact(sent_on, due_on, (ACKNOWLEDGED,) if acknowledged else ())
            for review_id, sent_on in zip(reviews.ids, reviews.days, strict=True)
            if review_id not in superseded
            for due_on, acknowledged in _facts(self.advice.get(review_id))
        )


def _facts(row: Row[Any] | None) -> Iterator[tuple[Any, ...]]:
    """The arrays of a row, side by side: one tuple a fact. The first column is the key."""
    return iter(()) if row is None else zip(*row[1:], strict=True)


def _sequence(row: Row[Any] | None) -> SequenceFact | None:
    return row and SequenceFact(row.kind, row.number, row.starts_on, row.ends_on)


def _reviews(row: Row[Any] | None) -> tuple[ReviewFact, ...]:
    if row is None:
        return ()
    return tuple(map(ReviewFact, row.days, row.next_reviews))


def _open_questions(row: Row[Any] | None, reviews: Row[Any] | None) -> tuple[date, ...]:
    """Open until a review of the episode is signed after the question was made ready."""
    return tuple(
        day
        for ready_at, day in _facts(row)
        if reviews is None or reviews.last_signed_at <= ready_at
    )


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
# Days are counted from the day of the list: thousands of numbers are read faster than
# thousands of days.
_ASSESSMENTS = """
    SELECT patient_id, instrument,
           array_agg(taken_on - CAST(:as_of AS date) ORDER BY taken_on, id) AS days,
           array_agg(total ORDER BY taken_on, id) AS totals,
           array_agg(items[9] ORDER BY taken_on, id) AS item9,
           array_agg(CASE WHEN instrument = 'cssrs' OR total IS NULL OR total < 0
                            OR total > CASE instrument WHEN 'phq9' THEN 27 ELSE 21 END
                          THEN array_to_string(items, ';', '') END
                     ORDER BY taken_on, id) AS items
    FROM registry.assessment
    WHERE patient_id = ANY (:patients) AND instrument IN ('phq9', 'gad7', 'cssrs')
      AND taken_on BETWEEN DATE '0001-01-01' AND :as_of
    GROUP BY patient_id, instrument
"""

# The rules read the last two, and the last one that was kept.
_CONTACTS = """
    SELECT patient_id AS key, array_agg(day ORDER BY happened_at, id) AS days,
           array_agg(attended ORDER BY happened_at, id) AS attended
    FROM (SELECT *, row_number() OVER (PARTITION BY patient_id
                                       ORDER BY happened_at DESC, id DESC) AS place,
                 row_number() OVER (PARTITION BY patient_id, attended
                                    ORDER BY happened_at DESC, id DESC) AS place_among_such
          FROM (SELECT id, patient_id, happened_at, attended,
                       (happened_at AT TIME ZONE 'Europe/Paris')::date AS day
                FROM registry.contact WHERE patient_id = ANY (:patients)) c
          WHERE day <= :as_of) latest
    WHERE place <= 2 OR (attended AND place_among_such = 1)
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
    SELECT DISTINCT ON (episode_id) episode_id AS key, kind, number, starts_on, ends_on
    FROM registry.care_sequence
    WHERE episode_id = ANY (:episodes) AND starts_on <= :as_of
    ORDER BY episode_id, starts_on DESC, id DESC
"""

_REVIEWS = """
    SELECT episode_id AS key, max(signed_at) AS last_signed_at,
           array_agg(id::text ORDER BY signed_at, id) AS ids,
           array_agg(supersedes::text ORDER BY signed_at, id) AS supersedes,
           array_agg(day ORDER BY signed_at, id) AS days,
           array_agg(next_review_on ORDER BY signed_at, id) AS next_reviews
    FROM (SELECT id, episode_id, signed_at, next_review_on, supersedes,
                 (signed_at AT TIME ZONE 'Europe/Paris')::date AS day
          FROM review.case_review
          WHERE patient_id = ANY (:patients) AND episode_id = ANY (:episodes)) r
    WHERE day <= :as_of
    GROUP BY episode_id
"""

_QUESTIONS = """
    SELECT episode_id AS key, array_agg(ready_at ORDER BY ready_at),
           array_agg((ready_at AT TIME ZONE 'Europe/Paris')::date ORDER BY ready_at)
    FROM review.preparation
    WHERE patient_id = ANY (:patients) AND episode_id = ANY (:episodes)
      AND (ready_at AT TIME ZONE 'Europe/Paris')::date <= :as_of
      AND (withdrawn_at IS NULL OR (withdrawn_at AT TIME ZONE 'Europe/Paris')::date > :as_of)
    GROUP BY episode_id
"""

# By review: the lines that are not settled, when each is due, whether it was acknowledged.
# NOT IN and IN, not EXISTS: the planner, which takes two conditions on the patient for
# independent, expects a few rows and would look for each among all.
_ADVICE = """
    WITH answered AS MATERIALIZED (
        SELECT recommendation_id, outcome FROM review.answer
        WHERE patient_id = ANY (:patients)
          AND (answered_at AT TIME ZONE 'Europe/Paris')::date <= :as_of)
    SELECT case_review_id::text AS key, array_agg(due_on ORDER BY position),
           array_agg(id IN (SELECT recommendation_id FROM answered) ORDER BY position)
    FROM review.recommendation
    WHERE patient_id = ANY (:patients)
      AND id NOT IN (SELECT recommendation_id FROM answered WHERE outcome <> 'acknowledged')
    GROUP BY case_review_id
"""
