"""The facts of every open episode that the acting practitioner may see, on a day.

One set-based query a fact table, whatever the number of episodes.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

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
from dashboard.database.together import read_together
from dashboard.locale.formats import PARIS

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


def scores_of(
    connection: Connection, episodes: Sequence[Row[Any]], as_of: date
) -> dict[int, dict[str, tuple[DatedScore, ...]]]:
    """The valid PHQ-9 and GAD-7 of these episodes up to a day, by episode and questionnaire.

    ``episodes`` are rows with ``episode_id``, ``patient_id`` and ``enrolled_on``.
    """
    wanted = {"patients": _array({episode.patient_id for episode in episodes}), "as_of": as_of}
    rows = connection.execute(_ASSESSMENTS, wanted).all()
    forms = {(row.patient_id, row.instrument): row for row in rows}
    return {
        episode.episode_id: {
            instrument: _scores(
                instrument,
                _forms_since(
                    forms.get((episode.patient_id, instrument)),
                    as_of,
                    episode.enrolled_on - BEFORE_ENROLMENT,
                ),
            )
            for instrument in ("phq9", "gad7")
        }
        for episode in episodes
    }


class _Facts:
    """The rows of every fact table: one for each patient or episode, its facts in arrays."""

    def __init__(self, connection: Connection, episodes: Sequence[Row[Any]], as_of: date) -> None:
        wanted = {
            "patients": _array({episode.patient_id for episode in episodes}),
            "episodes": _array({episode.episode_id for episode in episodes}),
            "as_of": as_of,
            "before": datetime.combine(as_of + timedelta(days=1), time(), tzinfo=PARIS),
        }

        found = read_together(connection, _QUERIES, wanted)
        self.forms = {(row.patient_id, row.instrument): row for row in found.pop("forms")}
        self.waiting = {row.case_review_id: row for row in found.pop("waiting")}
        self.found = {name: {row.key: row for row in rows} for name, rows in found.items()}
        self.as_of = as_of

    def of(self, episode: Row[Any]) -> EpisodeFacts:
        key, patient = episode.episode_id, episode.patient_id
        first = episode.enrolled_on - BEFORE_ENROLMENT
        phq9 = self._forms(patient, "phq9", first)
        review = self.found["reviews"].get(key)
        return EpisodeFacts(
            episode_id=key,
            patient_id=patient,
            enrolled_on=episode.enrolled_on,
            status="active" if episode.status == "closed" else episode.status,
            birth_date=episode.birth_date,
            phq9=_scores("phq9", phq9),
            gad7=_scores("gad7", self._forms(patient, "gad7", first)),
            item9=tuple(
                DatedAnswer(day, answer)
                for day, answer in zip(phq9.days, phq9.item9, strict=True)
                if answer is not None
            ),
            cssrs=_latest_cssrs(self._forms(patient, "cssrs", first)),
            contacts=_contacts(self.found["contacts"].get(patient), first),
            sequence=_sequence(self.found["sequences"].get(key)),
            medications=tuple(map(_medication, _facts(self.found["medications"].get(patient)))),
            conditions=tuple(
                ConditionFact(code, label, onset or episode.enrolled_on)
                for code, label, onset in _facts(self.found["conditions"].get(patient))
            ),
            flags=tuple(FlagFact(*one) for one in _facts(self.found["flags"].get(patient))),
            reviews=(ReviewFact(review.day, review.next_review_on),) if review else (),
            open_questions=_open_questions(self.found["questions"].get(key), review),
            standing_advice=tuple(self._advice(review)) if review else (),
        )

    def _forms(self, patient: int, instrument: str, first: date) -> "_Forms":
        return _forms_since(self.forms.get((patient, instrument)), self.as_of, first)

    def _advice(self, reviews: Row[Any]) -> Iterator[AdviceFact]:
        """What stands unsettled of an episode's reviews, the earliest first."""
        for review, day in zip(reversed(reviews.ids), reversed(reviews.days), strict=True):
            lines = self.waiting.get(review)
            if lines is not None and review not in reviews.superseded:
                for due_on, acknowledged in zip(lines.due, lines.known, strict=True):
                    yield AdviceFact(day, due_on, (ACKNOWLEDGED,) if acknowledged else ())


class _Forms(NamedTuple):
    """A patient's forms of one questionnaire, in order: column by column, for there are many."""

    days: list[date]
    totals: list[int | None]
    item9: list[int | None]
    items: list[str | None]
    """As PostgreSQL joins them; none where the total says all."""


_NO_FORMS = _Forms([], [], [], [])


def _forms_since(row: Row[Any] | None, as_of: date, first: date) -> _Forms:
    """Those since a day. In the row days are counted from that of the list."""
    if row is None:
        return _NO_FORMS
    today, begin = as_of.toordinal(), bisect_left(row.days, (first - as_of).days)
    days = [date.fromordinal(today + number) for number in row.days[begin:]]
    return _Forms(days, row.totals[begin:], row.item9[begin:], row.items[begin:])


def _array(ids: Iterable[int | UUID]) -> str:
    """Ids as PostgreSQL writes an array: psycopg takes far longer over a list."""
    return "{" + ",".join(sorted(map(str, ids))) + "}"


def _facts(row: Row[Any] | None) -> Iterator[tuple[Any, ...]]:
    """The arrays of a row, side by side: one tuple a fact. The first column is the key."""
    return iter(()) if row is None else zip(*row[1:], strict=True)


def _sequence(row: Row[Any] | None) -> SequenceFact | None:
    return row and SequenceFact(row.kind, row.number, row.starts_on, row.ends_on)


def _contacts(row: Row[Any] | None, first: date) -> tuple[ContactFact, ...]:
    """What the rules read, since a day: the last contact kept, and the last two."""
    if row is None:
        return ()
    last_two = [ContactFact(*one) for one in zip(row.days, row.attended, strict=True)]
    kept = [] if row.last_kept is None else [ContactFact(row.last_kept, attended=True)]
    earlier = [] if any(one.attended for one in last_two) else kept
    return tuple(one for one in (*earlier, *reversed(last_two)) if one.day >= first)


def _open_questions(row: Row[Any] | None, review: Row[Any] | None) -> tuple[date, ...]:
    """Open until a review of the episode is signed after the question was made ready."""
    return tuple(
        day for ready_at, day in _facts(row) if review is None or review.signed_at <= ready_at
    )


def _scores(instrument: str, forms: _Forms) -> tuple[DatedScore, ...]:
    """The valid scores; items that were not sent say that a total is good as it is."""
    if forms.items.count(None) == len(forms.items):
        return tuple(map(DatedScore, forms.days, forms.totals))  # type: ignore[arg-type]
    scores = []
    for day, total, items in zip(forms.days, forms.totals, forms.items, strict=True):
        if items is None and total is not None:
            scores.append(DatedScore(day, total))
        elif score := valid_score(instrument, total, _items(items)):
            scores.append(DatedScore(day, score.value))
    return tuple(scores)


def _latest_cssrs(forms: _Forms) -> tuple[date, tuple[int | None, ...]] | None:
    return (forms.days[-1], _items(forms.items[-1])) if forms.days else None


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
# A negative answer to item 9 is no answer: it must not lower an alert. One above 3 is read as
# it stands. Days are counted from the day of the list: numbers are read faster than days.
_ASSESSMENTS = text("""
    SELECT patient_id, instrument,
           array_agg(taken_on - CAST(:as_of AS date) ORDER BY taken_on, id) AS days,
           array_agg(total ORDER BY taken_on, id) AS totals,
           array_agg(CASE WHEN items[9] >= 0 THEN items[9] END ORDER BY taken_on, id) AS item9,
           array_agg(CASE WHEN instrument = 'cssrs' OR total IS NULL OR total < 0
                            OR total > CASE instrument WHEN 'phq9' THEN 27 ELSE 21 END
                          THEN coalesce(array_to_string(items, ';', ''), '') END
                     ORDER BY taken_on, id) AS items
    FROM registry.assessment
    WHERE patient_id = ANY (CAST(:patients AS bigint[])) AND instrument IN ('phq9', 'gad7', 'cssrs')
      AND taken_on BETWEEN DATE '0001-01-01' AND :as_of
    GROUP BY patient_id, instrument
""")

_CONTACTS = text("""
    SELECT key, attended, (last_kept AT TIME ZONE 'Europe/Paris')::date AS last_kept,
           ARRAY (SELECT (instant AT TIME ZONE 'Europe/Paris')::date
                  FROM unnest(instants) AS instant) AS days
    FROM (SELECT patient_id AS key, max(happened_at) FILTER (WHERE attended) AS last_kept,
                 (array_agg(happened_at ORDER BY happened_at DESC, id DESC))[1:2] AS instants,
                 (array_agg(attended ORDER BY happened_at DESC, id DESC))[1:2] AS attended
          FROM registry.contact
          WHERE patient_id = ANY (CAST(:patients AS bigint[])) AND happened_at < :before
          GROUP BY patient_id) latest
""")

# What the rules read: what is current, and the earlier rows of a run of benzodiazepines.
_MEDICATIONS = text("""
    SELECT patient_id AS key,
           array_agg(id ORDER BY started_on, id) AS ids,
           array_agg(atc_code ORDER BY started_on, id) AS codes,
           array_agg(name ORDER BY started_on, id) AS names,
           array_agg(daily_dose_mg ORDER BY started_on, id) AS doses,
           array_agg(as_needed ORDER BY started_on, id) AS as_needed,
           array_agg(started_on ORDER BY started_on, id) AS started,
           array_agg(CASE WHEN stopped_on <= :as_of THEN stopped_on END
                     ORDER BY started_on, id) AS stopped
    FROM registry.medication
    WHERE patient_id = ANY (CAST(:patients AS bigint[])) AND started_on <= :as_of
      AND (stopped_on IS NULL OR stopped_on > :as_of OR atc_code LIKE 'N05%')
    GROUP BY patient_id
""")

_CONDITIONS = text("""
    SELECT patient_id AS key, array_agg(code ORDER BY id) AS codes,
           array_agg(label ORDER BY id) AS labels, array_agg(onset_on ORDER BY id) AS onsets
    FROM registry.condition
    WHERE patient_id = ANY (CAST(:patients AS bigint[]))
      AND (onset_on IS NULL OR onset_on <= :as_of)
      AND (resolved_on IS NULL OR resolved_on > :as_of)
    GROUP BY patient_id
""")

_FLAGS = text("""
    SELECT patient_id AS key, array_agg(kind ORDER BY raised_at, id) AS kinds,
           array_agg((raised_at AT TIME ZONE 'Europe/Paris')::date ORDER BY raised_at, id) AS days
    FROM registry.flag
    WHERE patient_id = ANY (CAST(:patients AS bigint[]))
      AND (raised_at AT TIME ZONE 'Europe/Paris')::date <= :as_of
      AND (cleared_at IS NULL OR (cleared_at AT TIME ZONE 'Europe/Paris')::date > :as_of)
    GROUP BY patient_id
""")

_SEQUENCES = text("""
    SELECT DISTINCT ON (episode_id) episode_id AS key, kind, number, starts_on, ends_on
    FROM registry.care_sequence
    WHERE episode_id = ANY (CAST(:episodes AS bigint[])) AND starts_on <= :as_of
    ORDER BY episode_id, starts_on DESC, id DESC
""")

# Of the last one all that the rules read; of the others which stand, and since when.
_REVIEWS = text("""
    SELECT episode_id AS key, max(signed_at) AS signed_at,
           (max(signed_at) AT TIME ZONE 'Europe/Paris')::date AS day,
           (array_agg(next_review_on ORDER BY signed_at DESC, id DESC))[1] AS next_review_on,
           array_agg(id::text ORDER BY signed_at DESC, id DESC) AS ids,
           array_agg((signed_at AT TIME ZONE 'Europe/Paris')::date
                     ORDER BY signed_at DESC, id DESC) AS days,
           array_remove(array_agg(supersedes::text), NULL) AS superseded
    FROM review.case_review
    WHERE patient_id = ANY (CAST(:patients AS bigint[]))
      AND episode_id = ANY (CAST(:episodes AS bigint[])) AND signed_at < :before
    GROUP BY episode_id
""")

# A preparation without a question asks nothing: the nurse wishes to discuss, or is done.
_QUESTIONS = text("""
    SELECT episode_id AS key, array_agg(ready_at ORDER BY ready_at) AS instants,
           array_agg((ready_at AT TIME ZONE 'Europe/Paris')::date ORDER BY ready_at) AS days
    FROM review.preparation
    WHERE patient_id = ANY (CAST(:patients AS bigint[]))
      AND episode_id = ANY (CAST(:episodes AS bigint[])) AND ready_at < :before
      AND (withdrawn_at IS NULL OR withdrawn_at >= :before) AND question ~ '\\S'
    GROUP BY episode_id
""")

# The lines that are not settled, by review: their places, when each is due, whether it was
# acknowledged. NOT IN, not NOT EXISTS: the planner, which takes the conditions on the patient
# for independent, expects a few rows and would look for each line among all answers.
_WAITING = text("""
    WITH answered AS MATERIALIZED (
        SELECT recommendation_id, outcome FROM review.answer
        WHERE patient_id = ANY (CAST(:patients AS bigint[])) AND answered_at < :before)
    SELECT case_review_id::text, array_agg(due_on ORDER BY position) AS due,
           array_agg(id IN (SELECT recommendation_id FROM answered) ORDER BY position) AS known
    FROM review.recommendation
    WHERE patient_id = ANY (CAST(:patients AS bigint[]))
      AND id NOT IN (SELECT recommendation_id FROM answered WHERE outcome <> 'acknowledged')
    GROUP BY case_review_id
""")

_QUERIES = {
    "forms": _ASSESSMENTS,
    "contacts": _CONTACTS,
    "medications": _MEDICATIONS,
    "conditions": _CONDITIONS,
    "flags": _FLAGS,
    "sequences": _SEQUENCES,
    "reviews": _REVIEWS,
    "questions": _QUESTIONS,
    "waiting": _WAITING,
}
