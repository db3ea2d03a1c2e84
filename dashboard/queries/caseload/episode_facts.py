"""The facts of the open episodes that the rules of the review list need.

The number of queries does not depend on the number of episodes. The code is written for speed,
which ``python -m tests.benchmarks`` measures as "review list". ``read_facts`` makes the facts of
some queries while the database runs the others. ``_forms`` works on whole columns. ``_array``
returns ids as one text.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import repeat
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Row, text

from dashboard.calendar import PARIS
from dashboard.clinical.episodes import (
    NOT_A_CONTACT,
    AdviceFact,
    ConditionFact,
    ContactFact,
    DatedAnswer,
    DatedScore,
    EpisodeFacts,
    FlagFact,
    Medication,
    ReviewFact,
    RiskFact,
    ScreenerFact,
    SequenceFact,
    counted_status,
)
from dashboard.clinical.instruments import has_answer, valid_score
from dashboard.clinical.risk import DECIDED_LEVELS
from dashboard.clinical.settlements import LineFact, SettlementFact, SignedFact, standing_lines
from dashboard.database.pipelining import read_in_turn
from dashboard.vocabulary import InstrumentCode, RiskLevel, SettlementKind

BEFORE_ENROLMENT = timedelta(days=14)
"""Scores and contacts count for an episode if they are at most this long before the enrolment.

Source: docs/registry.md.
"""

CLEARED_AT = "CASE WHEN kind = 'safety' AND cleared_by IS NULL THEN NULL ELSE cleared_at END"
"""The SQL expression of the instant at which a row of ``registry.flag`` was cleared; null if it is
not cleared.

A safety flag is cleared only if ``cleared_by`` names who cleared it (docs/domain.md
section 3). Without a name, the flag may have been ended by a date or by another program.
"""


def facts_of(
    connection: Connection, episodes: Sequence[Row[Any]], as_of: date
) -> list[EpisodeFacts]:
    """Return the facts of these episodes on the day ``as_of``, in the order of ``episodes``.

    ``episodes`` are rows with ``episode_id``, ``patient_id``, ``enrolled_on``, ``status`` and
    ``birth_date``.
    """
    known = read_facts(connection, episodes, as_of)
    return [known.of(episode) for episode in episodes]


def read_facts(
    connection: Connection,
    episodes: Sequence[Row[Any]],
    as_of: date,
    before: "Facts | None" = None,
) -> "Facts":
    """Return the facts of these episodes on the day ``as_of``. ``episodes`` are rows as for
    ``facts_of``.

    ``before`` is the result of an earlier call for the same practitioner. If it is of the same day
    and no row has changed since, ``before`` itself is returned, and no facts are made again.

    The queries are sent in batches. While the database runs one batch, the facts of the batch
    before it are made (measured by the benchmark "review list").
    """
    wanted = {
        "patients": _array({episode.patient_id for episode in episodes}),
        "episodes": _array({episode.episode_id for episode in episodes}),
        "as_of": as_of,
        "before": datetime.combine(as_of + timedelta(days=1), time(), tzinfo=PARIS),
    }
    known = Facts(as_of)
    with closing(read_in_turn(connection, _BATCHES, wanted)) as batches:
        for batch in batches:
            for part, rows in batch.items():
                known.keep(part, rows, before)
    return before if before is not None and known.is_as(before) else known


def scores_of(
    connection: Connection, episodes: Sequence[Row[Any]], as_of: date
) -> dict[int, dict[str, tuple[DatedScore, ...]]]:
    """Return the valid PHQ-9 and GAD-7 scores of these episodes up to the day ``as_of``.

    Scores from before the 14 days that precede the enrolment are left out. The result maps the id
    of each episode to its scores by questionnaire. ``episodes`` are rows with ``episode_id``,
    ``patient_id`` and ``enrolled_on``.
    """
    wanted = {"patients": _array({episode.patient_id for episode in episodes}), "as_of": as_of}
    forms = _forms(connection.execute(_ASSESSMENTS, wanted), as_of)
    return {
        episode.episode_id: {
            instrument: _since(
                episode.enrolled_on - BEFORE_ENROLMENT,
                forms.scores.get((episode.patient_id, instrument), ()),
            )
            for instrument in (InstrumentCode.PHQ9, InstrumentCode.GAD7)
        }
        for episode in episodes
    }


class Facts:
    """The rows of the queries for a day, and the facts that were made from the rows.

    The facts of a query are made when its rows arrive. They are taken from an earlier object of
    this class if its day and its rows were the same.
    """

    def __init__(self, as_of: date) -> None:
        self._as_of = as_of
        self._rows: dict[str, list[Any]] = {}
        self._made: dict[str, Any] = {}

    def keep(self, part: str, rows: list[Any], before: "Facts | None") -> None:
        """Store the rows of the query ``part``, and the facts made from the rows.

        If ``before`` has the same day and the same rows, its facts are stored.
        """
        if before is not None and before._as_of == self._as_of and before._rows[part] == rows:
            self._rows[part], self._made[part] = before._rows[part], before._made[part]
        else:
            self._rows[part], self._made[part] = rows, _MAKE[part](rows, self._as_of)

    def is_as(self, before: "Facts") -> bool:
        """Return whether all facts were taken from ``before``, so that nothing has changed."""
        return all(made is before._made[part] for part, made in self._made.items())

    def of(self, episode: Row[Any]) -> EpisodeFacts:
        """Return the facts of this episode."""
        key, patient = episode.episode_id, episode.patient_id
        first = episode.enrolled_on - BEFORE_ENROLMENT
        made = self._made
        forms, review = made["forms"], made["reviews"].get(key)
        signed = None if review is None or review.ids is None else review
        return EpisodeFacts(
            episode_id=key,
            patient_id=patient,
            enrolled_on=episode.enrolled_on,
            status=counted_status(episode.status),
            birth_date=episode.birth_date,
            phq9=_since(first, forms.scores.get((patient, InstrumentCode.PHQ9), ())),
            gad7=_since(first, forms.scores.get((patient, InstrumentCode.GAD7), ())),
            item9=_since(first, forms.item9.get(patient, ())),
            screeners=_since(first, forms.screeners.get(patient, ())),
            contacts=_since(first, made["contacts"].get(patient, ())),
            sequence=made["sequences"].get(key),
            medications=made["medications"].get(patient, ()),
            conditions=tuple(
                [
                    ConditionFact(code, label, onset or episode.enrolled_on)
                    for code, label, onset in made["conditions"].get(patient, ())
                ]
            ),
            flags=made["flags"].get(patient, ()),
            reviews=() if signed is None else (_last_review(signed),),
            risk_decision=None if signed is None else _risk_decision(signed),
            open_questions=() if review is None else tuple(review.asked or ()),
            standing_advice=(() if signed is None else _standing_advice(signed, made["advice"])),
        )


_Dated = TypeVar("_Dated", bound=tuple[Any, ...])


def _since(first: date, facts: tuple[_Dated, ...]) -> tuple[_Dated, ...]:
    """Return those of ``facts`` whose day is ``first`` or later.

    ``facts`` are tuples in order of time. The first element of each tuple is its day.
    """
    if not facts or facts[0][0] >= first:
        return facts
    return facts[bisect_left(facts, first, key=itemgetter(0)) :]


class _Forms(NamedTuple):
    """The data of completed questionnaires, in order of time.

    Scores are grouped by patient id and questionnaire, the other data by patient id.
    """

    scores: dict[tuple[int, str], tuple[DatedScore, ...]]
    item9: dict[int, tuple[DatedAnswer, ...]]
    screeners: dict[int, tuple[ScreenerFact, ...]]
    """The C-SSRS questionnaires with at least one answered question."""


def _forms(rows: Iterable[Any], as_of: date) -> _Forms:
    """Return the data of the completed questionnaires in ``rows``.

    In the rows, a day is given as a number of days from ``as_of``. Whole columns are converted at
    once, because there are thousands of questionnaires (measured by the benchmark "review list").
    """
    found = _Forms({}, {}, {})
    today = as_of.toordinal()

    def days(numbers: list[int]) -> Iterator[date]:
        return map(date.fromordinal, map(today.__add__, numbers))

    for patient, instrument, numbers, totals, item9, items in rows:
        if instrument == InstrumentCode.CSSRS:
            found.screeners[patient] = answered_screeners(
                zip(days(numbers[::-1]), map(_items, items[::-1]), strict=True)
            )
            continue
        values = _values(instrument, totals[::-1], items[::-1])
        found.scores[patient, instrument] = _dated_scores(days(numbers[::-1]), values)
        if instrument == InstrumentCode.PHQ9:
            answers = zip(days(numbers[::-1]), item9[::-1], strict=True)
            found.item9[patient] = tuple(
                [DatedAnswer(day, answer) for day, answer in answers if answer is not None]
            )
    return found


def answered_screeners(
    forms: Iterable[tuple[date, Sequence[int | None]]],
) -> tuple[ScreenerFact, ...]:
    """Return the C-SSRS questionnaires with an answer to at least one of the six questions."""
    return tuple(
        ScreenerFact(day, tuple(answers))
        for day, answers in forms
        if has_answer(InstrumentCode.CSSRS, answers)
    )


def _dated_scores(days: Iterable[date], values: list[int | None]) -> tuple[DatedScore, ...]:
    """Return the valid scores with their days.

    The tuples are made without calling a Python function for each of them, because there are
    thousands (measured by the benchmark "review list").
    """
    pairs: Iterable[tuple[date, int | None]] = zip(days, values, strict=True)
    if None in values:
        pairs = [pair for pair in pairs if pair[1] is not None]
    return tuple(map(tuple.__new__, repeat(DatedScore), pairs))


def _values(instrument: str, totals: list[int | None], items: list[str | None]) -> list[int | None]:
    """Return the valid score of each questionnaire; None if it has none.

    The query leaves out the items (None) if the total is already the valid score.
    """
    if items.count(None) < len(items):
        for place, written in enumerate(items):
            if written is not None:
                score = valid_score(instrument, totals[place], _items(written))
                totals[place] = score.value if score else None
    return totals


def _items(written: str | None) -> tuple[int | None, ...]:
    """Return the answers to the items of a questionnaire.

    ``written`` is the text that PostgreSQL sends, such as ``2;1;;3``. An empty part is a missing
    answer.
    """
    if not written:
        return ()
    return tuple([int(item) if item else None for item in written.split(";")])


_MAKE: dict[str, Callable[[list[Any], date], Any]] = {
    "forms": _forms,
    "contacts": lambda rows, _: {row.key: _contacts(row) for row in rows},
    "reviews": lambda rows, _: {row.key: row for row in rows},
    "advice": lambda rows, _: _by_review(rows),
    "medications": lambda rows, _: {row.key: tuple(map(_medication, _facts(row))) for row in rows},
    "conditions": lambda rows, _: {row.key: tuple(_facts(row)) for row in rows},
    "flags": lambda rows, _: {
        row.key: tuple(FlagFact(*one) for one in _facts(row)) for row in rows
    },
    "sequences": lambda rows, _: {row.key: SequenceFact(*row[1:]) for row in rows},
}
"""The function that makes the facts of a day from the rows of a query, by the name of the query."""


def _array(ids: Iterable[int | UUID]) -> str:
    """Return ids as one text, a PostgreSQL array literal.

    psycopg sends a text faster than a list (measured by the benchmark "review list").
    """
    return "{" + ",".join(sorted(map(str, ids))) + "}"


def _facts(row: Row[Any] | None) -> Iterator[tuple[Any, ...]]:
    """Yield one tuple for each fact in a row of arrays.

    Each array has one value per fact. The first column of the row is the key and is left out.
    """
    return iter(()) if row is None else zip(*row[1:], strict=True)


def _contacts(row: Any) -> tuple[ContactFact, ...]:
    """Return the contacts that the rules need.

    These are the last two contacts. If the patient attended neither of them, the last contact that
    was attended is added.
    """
    found = [(row.before_on, row.before_attended), (row.last_on, row.last_attended)]
    if not (row.last_attended or row.before_attended):
        found.insert(0, (row.last_kept, True))
    return tuple([ContactFact(day, attended) for day, attended in found if day is not None])


def _last_review(row: Any) -> ReviewFact:
    return ReviewFact(row.days[-1], row.signed[-1], row.planned[-1])


def _risk_decision(row: Any) -> RiskFact | None:
    """Return the risk decision of the latest review that has one; None if there is none.

    Superseded reviews are left out.
    """
    if row.levels is None:
        return None
    superseded = set(row.superseded)
    for number in range(len(row.ids) - 1, -1, -1):
        level = row.levels[number]
        if level in DECIDED_LEVELS and row.ids[number] not in superseded:
            return RiskFact(
                RiskLevel(level), row.days[number], row.signed[number], row.reassessed[number]
            )
    return None


def _standing_advice(signed: Any, advice: dict[str, list[Any]]) -> tuple[AdviceFact, ...]:
    """Return the recommendations of an episode that are in force.

    They are in order of time, and within a review in order of their position.
    """
    rows = [row for review_id in signed.ids for row in advice.get(review_id, ())]
    if not rows:
        return ()
    last = signed.ids[-1]
    if all(row.key == last and row.settling is None for row in rows):
        # All recommendations were given by the last review and no later event has ended one, so all
        # of them are in force.
        return tuple([_advice(signed.days[-1], row.due_on, row) for row in rows])
    known = {row.id: row for row in rows}
    given_at = dict(zip(signed.ids, signed.signed, strict=True))
    standing = standing_lines(
        map(SignedFact, signed.ids, signed.signed, signed.outcomes, signed.superseded),
        [LineFact(row.id, row.key, row.due_on, row.settled_at) for row in rows],
        [
            SettlementFact(row.id, review_id, SettlementKind(kind), due_on)
            for row in rows
            if row.settling is not None
            for review_id, kind, due_on in zip(row.settling, row.kinds, row.dues, strict=True)
        ],
    )
    return tuple(
        [
            _advice(
                signed.days[signed.signed.index(one.sent_at)],
                one.due_on,
                known[one.line.id],
                kept=one.sent_at != given_at[one.line.review_id],
            )
            for one in standing
        ]
    )


def _advice(sent_on: date, due_on: date | None, row: Any, *, kept: bool = False) -> AdviceFact:
    return AdviceFact(
        sent_on, due_on, row.answered_on, row.outcome, row.decided_on, kept, row.is_safety
    )


def _by_review(rows: Iterable[Any]) -> dict[str, list[Any]]:
    """Return the rows grouped by review. The rows of a review keep their order."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.key, []).append(row)
    return found


def day_of(instant: datetime) -> date:
    """Return the calendar day of an instant in Paris."""
    return instant.astimezone(PARIS).date()


def _medication(row: tuple[Any, ...]) -> Medication:
    number, atc_code, name, dose, as_needed, started_on, stopped_on = row
    code = (atc_code or "").strip()
    return Medication(number, code, name, finite(dose), as_needed, started_on, stopped_on)


def finite(dose: Decimal | None) -> Decimal | None:
    """Return the dose; None if the value in the registry is not a finite number."""
    return dose if dose is not None and math.isfinite(dose) else None


# The arrays of ids are written as a SELECT, so that the query planner does not know their elements.
# Otherwise it would compare each element with the most common values of the column. This takes
# longer than some of the queries, and does not change the plan.

# The items of a PHQ-9 or GAD-7 are sent only if the total is not a valid score, those of a C-SSRS
# always. A negative answer to item 9 counts as no answer, because it must not lower an alert. An
# answer above 3 is not changed. Days are sent as numbers of days from ``as_of``, because numbers
# are read faster than dates. The arrays begin with the latest questionnaire, which is the order of
# the index.
_ASSESSMENTS = text("""
    SELECT patient_id, instrument,
           array_agg(taken_on - CAST(:as_of AS date) ORDER BY taken_on DESC, id DESC) AS days,
           array_agg(total ORDER BY taken_on DESC, id DESC) AS totals,
           array_agg(CASE WHEN items[9] >= 0 THEN items[9] END
                     ORDER BY taken_on DESC, id DESC) AS item9,
           array_agg(CASE WHEN instrument = 'cssrs' OR total IS NULL OR total < 0
                            OR total > CASE instrument WHEN 'phq9' THEN 27 ELSE 21 END
                          THEN coalesce(array_to_string(items, ';', ''), '') END
                     ORDER BY taken_on DESC, id DESC) AS items
    FROM registry.assessment
    WHERE patient_id = ANY ((SELECT CAST(:patients AS bigint[]))::bigint[])
      AND instrument IN ('phq9', 'gad7', 'cssrs')
      AND taken_on BETWEEN DATE '0001-01-01' AND :as_of
    GROUP BY patient_id, instrument
""")

# A registry need not have the column ``purpose``. If it is missing, ``purpose`` inside LATERAL is
# the NULL column of ``absent``. Contacts on the same day are ordered by id (docs/review_list.md,
# "Ties").
_CONTACTS = text(f"""
    SELECT key, (last_kept AT TIME ZONE 'Europe/Paris')::date AS last_kept,
           days[1] AS last_on, kept[1] AS last_attended,
           days[2] AS before_on, kept[2] AS before_attended
    FROM (SELECT patient_id AS key, max(happened_at) FILTER (WHERE attended) AS last_kept,
                 array_agg(day ORDER BY day DESC, id DESC) AS days,
                 array_agg(attended ORDER BY day DESC, id DESC) AS kept
          FROM (SELECT NULL::text AS purpose) AS absent,
               LATERAL (
                   SELECT patient_id, id, happened_at, attended, purpose,
                          (happened_at AT TIME ZONE 'Europe/Paris')::date AS day
                   FROM registry.contact
                   WHERE patient_id = ANY ((SELECT CAST(:patients AS bigint[]))::bigint[])
                     AND happened_at < :before) AS contact
          WHERE contact.purpose IS NULL OR contact.purpose NOT IN {NOT_A_CONTACT}
          GROUP BY patient_id) latest
""")

# The rules need the current drugs. They also need the earlier anxiolytics and hypnotics, to find
# out how long one has been taken without a break. All earlier drugs of ATC group N05 are read.
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
    WHERE patient_id = ANY ((SELECT CAST(:patients AS bigint[]))::bigint[]) AND started_on <= :as_of
      AND (stopped_on IS NULL OR stopped_on > :as_of OR atc_code LIKE 'N05%')
    GROUP BY patient_id
""")

_CONDITIONS = text("""
    SELECT patient_id AS key, array_agg(code ORDER BY id) AS codes,
           array_agg(label ORDER BY id) AS labels, array_agg(onset_on ORDER BY id) AS onsets
    FROM registry.condition
    WHERE patient_id = ANY ((SELECT CAST(:patients AS bigint[]))::bigint[])
      AND (onset_on IS NULL OR onset_on <= :as_of)
      AND (resolved_on IS NULL OR resolved_on > :as_of)
    GROUP BY patient_id
""")

_FLAGS = text(f"""
    SELECT patient_id AS key, array_agg(kind ORDER BY raised_at, id) AS kinds,
           array_agg((raised_at AT TIME ZONE 'Europe/Paris')::date ORDER BY raised_at, id) AS days,
           array_agg(raised_at ORDER BY raised_at, id) AS instants
    FROM registry.flag
    WHERE patient_id = ANY ((SELECT CAST(:patients AS bigint[]))::bigint[])
      AND raised_at < :before
      AND ({CLEARED_AT} IS NULL OR cleared_at >= :before)
    GROUP BY patient_id
""")

_SEQUENCES = text("""
    SELECT DISTINCT ON (episode_id) episode_id AS key, kind, number, starts_on, ends_on
    FROM registry.care_sequence
    WHERE episode_id = ANY ((SELECT CAST(:episodes AS bigint[]))::bigint[]) AND starts_on <= :as_of
    ORDER BY episode_id, starts_on DESC, id DESC
""")

# The reviews and the open questions of the nurse, with the day on which each question was marked as
# ready. A question is open until a review is signed after it. A preparation that was withdrawn, or
# has no question, is left out. The rows of a patient's other episodes are read too, but not used.
_REVIEWS = text("""
    WITH reviewed AS MATERIALIZED (
        SELECT episode_id AS key, max(signed_at) AS signed_at,
               array_agg(id::text ORDER BY signed_at, id) AS ids,
               array_agg(signed_at ORDER BY signed_at, id) AS signed,
               array_agg((signed_at AT TIME ZONE 'Europe/Paris')::date ORDER BY signed_at, id)
                   AS days,
               array_agg(outcome ORDER BY signed_at, id) AS outcomes,
               array_agg(supersedes::text ORDER BY signed_at, id) AS superseded,
               array_agg(next_review_on ORDER BY signed_at, id) AS planned,
               CASE WHEN bool_or(risk_level IS NOT NULL) THEN
                   array_agg(risk_level ORDER BY signed_at, id) END AS levels,
               array_agg(risk_reassess_on ORDER BY signed_at, id) AS reassessed
        FROM review.case_review
        WHERE patient_id = ANY ((SELECT CAST(:patients AS bigint[]))::bigint[])
          AND signed_at < :before
        GROUP BY episode_id),
    question AS MATERIALIZED (
        SELECT episode_id AS key, array_agg(ready_at ORDER BY ready_at DESC) AS instants
        FROM review.preparation
        WHERE patient_id = ANY ((SELECT CAST(:patients AS bigint[]))::bigint[])
          AND ready_at < :before
          AND (withdrawn_at IS NULL OR withdrawn_at >= :before) AND question ~ '\\S'
        GROUP BY episode_id)
    SELECT key, ids, signed, days, outcomes, superseded, planned, levels, reassessed,
           CASE WHEN signed_at IS NULL OR signed_at <= instants[1] THEN
               ARRAY (SELECT (ready_at AT TIME ZONE 'Europe/Paris')::date
                      FROM unnest(instants) AS ready_at
                      WHERE signed_at IS NULL OR signed_at <= ready_at ORDER BY ready_at)
           END AS asked
    FROM reviewed FULL JOIN question USING (key)
""")

# The recommendations that may be in force, with their answers and settlements. They were given or
# kept by the last review that is neither superseded nor of the outcome "no change", or by a later
# review; if there is no such review, by any that is not superseded. Only three forms of SQL let the
# query planner expect enough rows: IN under OR, IN with IS TRUE, and FULL JOIN instead of LEFT
# JOIN. With a plan for few rows, the database would compare each recommendation with each answer.
_ADVICE = text("""
    WITH review AS MATERIALIZED (
        SELECT id, episode_id, signed_at, outcome, supersedes FROM review.case_review
        WHERE patient_id = ANY ((SELECT CAST(:patients AS bigint[]))::bigint[])
          AND signed_at < :before),
    advising AS MATERIALIZED (
        SELECT id FROM (
            SELECT id, signed_at, max(signed_at) FILTER (WHERE outcome <> 'no_change')
                       OVER (PARTITION BY episode_id) AS last_advised_at
            FROM review
            WHERE id NOT IN (SELECT supersedes FROM review WHERE supersedes IS NOT NULL)
        ) effective WHERE signed_at >= coalesce(last_advised_at, '-infinity')),
    settlement AS MATERIALIZED (
        SELECT recommendation_id, case_review_id, kind, due_on FROM review.settlement
        WHERE patient_id = ANY ((SELECT CAST(:patients AS bigint[]))::bigint[])
          AND settled_at < :before),
    line AS MATERIALIZED (
        SELECT id, case_review_id, position, due_on, kind = 'safety' AS is_safety
        FROM review.recommendation
        WHERE patient_id = ANY ((SELECT CAST(:patients AS bigint[]))::bigint[])
          AND (case_review_id IN (SELECT id FROM advising)
               OR id IN (SELECT recommendation_id FROM settlement
                         WHERE kind = 'kept'
                           AND (case_review_id IN (SELECT id FROM advising)) IS TRUE))),
    answered AS MATERIALIZED (
        SELECT recommendation_id AS id, max(answered_at) AS answered_at,
               min(answered_at) FILTER (WHERE outcome <> 'acknowledged') AS settled_at,
               max(answered_at) FILTER (WHERE decides) AS decided_at,
               (array_agg(outcome ORDER BY answered_at DESC, id DESC)
                   FILTER (WHERE decides))[1] AS outcome
        FROM (
            SELECT recommendation_id, id, answered_at, outcome,
                   outcome <> 'acknowledged' AND 'acknowledged' <> first_value(outcome) OVER (
                       PARTITION BY recommendation_id, practitioner_id
                       ORDER BY answered_at DESC, id DESC) AS decides
            FROM review.answer
            WHERE patient_id = ANY ((SELECT CAST(:patients AS bigint[]))::bigint[])
              AND answered_at < :before
              AND (recommendation_id IN (SELECT id FROM line)) IS TRUE
        ) given
        GROUP BY recommendation_id),
    settled AS MATERIALIZED (
        SELECT recommendation_id AS id, array_agg(case_review_id::text) AS settling,
               array_agg(kind) AS kinds, array_agg(due_on) AS dues
        FROM settlement
        WHERE (recommendation_id IN (SELECT id FROM line)) IS TRUE
        GROUP BY recommendation_id)
    SELECT case_review_id::text AS key, id::text AS id, due_on, is_safety, settled_at, outcome,
           (answered_at AT TIME ZONE 'Europe/Paris')::date AS answered_on,
           (decided_at AT TIME ZONE 'Europe/Paris')::date AS decided_on,
           settling, kinds, dues
    FROM line FULL JOIN answered USING (id) FULL JOIN settled USING (id)
    ORDER BY position
""")

_BATCHES = (
    {"forms": _ASSESSMENTS},
    {
        "contacts": _CONTACTS,
        "medications": _MEDICATIONS,
        "conditions": _CONDITIONS,
        "flags": _FLAGS,
        "sequences": _SEQUENCES,
    },
    {"reviews": _REVIEWS, "advice": _ADVICE},
)
"""The queries in the order in which they are sent, in three batches.

The last batch takes the longest in the database. Meanwhile, the facts are made from the rows of the
other batches. Little work is left when the rows of the last batch arrive.
"""
