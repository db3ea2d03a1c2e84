"""SQL functions that count the indicators of some sites on the day ``as_of``.

``review.counts_of_sites``, ``waits_of_sites`` and ``work_of_sites`` read every record of the given
sites. They run with the rights of the caller, and only the owner of the database may call them. The
functions in ``lead_counts`` store the counts in tables that leads can read.

The definitions are in docs/indicators.md and docs/review_list.md ("Exact words"). All days are days
in Paris. PHQ-9 scores and contacts count from 14 days before the enrolment until the episode
closes. Reviews, questions and answers count even after it. Facts after ``as_of`` do not count. The
registry does not say when the status ``relapse_prevention`` began, so the status is applied to past
months too. Days of an episode before 2000 count as 1 January 2000, because otherwise one wrong date
would create thousands of months.
"""

import re
from collections.abc import Iterator

from dashboard.clinical.episodes import NOT_A_CONTACT
from dashboard.clinical.instruments import IMPROVED_BELOW, IN_DENOMINATOR_FROM, INSTRUMENTS
from dashboard.clinical.medication import PSYCHOTROPICS
from dashboard.clinical.sites.indicators import (
    ADVICE_DAYS,
    ADVISED_DAYS,
    ALL,
    BASELINE_DAYS,
    DETERIORATED_POINTS,
    EARLY_CONTACT_DAYS,
    FOUR_CONTACTS,
    FOUR_CONTACTS_DAYS,
    IMPROVED_DAYS,
    INDICATORS,
    MEASURED_DAYS,
    NO_KIND,
    OUT_OF_CONTACT_DAYS,
    PSYCHOSOCIAL_CARE_DAYS,
    QUESTION_DAYS,
    RESPONSE_FROM,
    RESPONSE_TO,
    SEVERITIES,
    UNKNOWN_SEVERITY,
    WAITING_FOR_REVIEW_DAYS,
    WEEK_8,
    WEEK_12,
)
from dashboard.vocabulary import InstrumentCode


def counting_functions() -> Iterator[str]:
    """Yield the SQL statements that create the functions that count the indicators of sites."""
    for name, table, body in (
        ("counts_of_sites", "site_month", _COUNTS),
        ("waits_of_sites", "site_wait", _WAITS),
        ("work_of_sites", "site_work", _WORK),
    ):
        yield f"""
        CREATE OR REPLACE FUNCTION review.{name}(sites bigint[], as_of date)
        RETURNS SETOF review.{table}
        LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$ {body} $$
        """.replace("%", "%%")
        yield f"REVOKE ALL ON FUNCTION review.{name}(bigint[], date) FROM PUBLIC"


def _day(instant: str) -> str:
    return f"({instant} AT TIME ZONE 'Europe/Paris')::date"


def _month(day: str) -> str:
    return f"date_trunc('month', {day})::date"


def _begins(day: str) -> str:
    """Return an SQL expression for the instant at which a day begins in Paris."""
    return f"(({day})::timestamp AT TIME ZONE 'Europe/Paris')"


_FIRST_DAY = "DATE '2000-01-01'"
_BEFORE = _begins("as_of + 1")
_PHQ9 = INSTRUMENTS[InstrumentCode.PHQ9]

# The valid score of a PHQ-9 in SQL, as clinical.instruments.valid_score computes it. A prorated
# score is rounded half up to a whole number.
_VALID_PHQ9 = f"""
    CASE WHEN a.total BETWEEN 0 AND {_PHQ9.maximum} THEN a.total
         WHEN a.total IS NULL AND cardinality(a.items) <= {_PHQ9.items} THEN (
             SELECT ((2 * sum(item) * {_PHQ9.items} + count(*)) / (2 * count(*)))::integer
             FROM unnest(a.items) AS item WHERE item BETWEEN 0 AND {_PHQ9.item_maximum}
             HAVING count(*) >= {_PHQ9.items - _PHQ9.may_miss})
    END
"""

_SEVERITY = f"""
    CASE WHEN baseline IS NULL THEN '{UNKNOWN_SEVERITY}'
         {" ".join(f"WHEN baseline >= {b.starts_at} THEN '{b.name}'" for b in _PHQ9.bands[::-1])}
         ELSE '{SEVERITIES[0]}'
    END
"""

_PSYCHOTROPIC = "(" + " OR ".join(f"m.atc_code ^@ '{code}'" for code in PSYCHOTROPICS) + ")"


def _improved(score: str) -> str:
    return f"({score} < {IMPROVED_BELOW} OR 2 * {score} <= baseline)"


def _last(what: str, where: str) -> str:
    return f"(array_agg({what} ORDER BY place DESC) FILTER (WHERE {where}))[1]"


def _weeks_8_to_12(day: str) -> str:
    return f"{day} BETWEEN e.enrolled_on + {WEEK_8} AND least(e.enrolled_on + {WEEK_12}, e.until)"


_EPISODES = f"""
    referred AS MATERIALIZED (
        SELECT *, coalesce(least(closed_on, as_of), as_of) AS until
        FROM (SELECT id, patient_id, site_id, coalesce(nurse_id, 0) AS nurse_id, status,
                     greatest(referred_on, {_FIRST_DAY}) AS referred_on, consented_on,
                     greatest(enrolled_on, {_FIRST_DAY}) AS enrolled_on, closed_reason,
                     CASE WHEN status = 'closed' AND closed_on IS NOT NULL
                          THEN greatest(closed_on, enrolled_on, {_FIRST_DAY}) END AS closed_on
              FROM registry.episode WHERE site_id = ANY (sites)) of_sites
        WHERE least(referred_on, enrolled_on) <= as_of
    ),
    enrolled AS MATERIALIZED (SELECT * FROM referred WHERE enrolled_on <= as_of),
    first_sequence AS (
        SELECT DISTINCT ON (e.id) e.id, q.kind, greatest(q.starts_on, {_FIRST_DAY}) AS starts_on
        FROM enrolled e JOIN registry.care_sequence q ON q.episode_id = e.id
        WHERE q.starts_on <= as_of ORDER BY e.id, q.starts_on, q.id
    ),
    form AS MATERIALIZED (
        SELECT e.id AS episode_id, e.enrolled_on, a.id, a.taken_on,
               coalesce(a.items[{_PHQ9.risk_item}] >= 0, false) AS item9, {_VALID_PHQ9} AS score
        FROM enrolled e
        JOIN registry.assessment a ON a.patient_id = e.patient_id AND a.instrument = 'phq9'
         AND a.taken_on BETWEEN e.enrolled_on - {BASELINE_DAYS} AND e.until
    ),
    scored AS (
        SELECT episode_id, min(score) FILTER (WHERE place = 1) AS baseline,
               min(taken_on) AS baseline_on, array_agg(taken_on ORDER BY place) AS days,
               array_agg(score ORDER BY place) AS scores,
               {_last("score", "true")} AS latest,
               {_last("score", f"taken_on <= enrolled_on + {WEEK_8}")} AS at_week_8,
               {_last("place", f"taken_on <= enrolled_on + {WEEK_8}")} AS forms_at_week_8,
               {_last("score", f"taken_on <= enrolled_on + {IMPROVED_DAYS}")} AS at_70,
               {_last("place", f"taken_on <= enrolled_on + {IMPROVED_DAYS}")} AS forms_at_70,
               {
    _last(
        "score",
        f"place > 1 AND taken_on BETWEEN enrolled_on + {RESPONSE_FROM}"
        f" AND enrolled_on + {RESPONSE_TO}",
    )
} AS later
        FROM (SELECT *, row_number() OVER (PARTITION BY episode_id ORDER BY taken_on, id) AS place
              FROM form WHERE score IS NOT NULL) in_order
        GROUP BY episode_id
    ),
"""

# Whether a recommendation has ended, in SQL, as clinical.settlements.line_courses computes it. A
# later review ends a recommendation, except in two cases: the review kept the recommendation, or
# the review changed nothing and no answer had settled the recommendation before. This is a subquery
# for each recommendation, so that the planner uses the index on the patient. A join would compare
# every recommendation with every review.
_COURSE = f"""
            SELECT max({_day("k.signed_at")}) AS last_on,
                   bool_or(coalesce(s.kind <> 'kept', k.outcome <> 'no_change'
                                                      OR l.answered_at <= k.signed_at)) AS ended
            FROM review.case_review k
            LEFT JOIN review.settlement s ON s.patient_id = k.patient_id
             AND s.case_review_id = k.id AND s.recommendation_id = l.id
            WHERE k.patient_id = l.patient_id AND k.episode_id = l.episode_id
              AND k.signed_at < {_BEFORE} AND (k.signed_at, k.id) > (l.signed_at, l.review_id)
              AND NOT EXISTS (SELECT FROM review.case_review x
                              WHERE x.patient_id = k.patient_id AND x.supersedes = k.id
                                AND x.signed_at < {_BEFORE})
"""

# The outcome of a recommendation is that of ``Recommendation.current_answer``.
_REVIEWS = f"""
    reviewed AS MATERIALIZED (
        SELECT e.id AS episode_id, e.enrolled_on, r.patient_id, r.id, r.signed_at,
               {_day("r.signed_at")} AS signed_on, r.supersedes, r.outcome
        FROM enrolled e
        JOIN review.case_review r ON r.patient_id = e.patient_id AND r.episode_id = e.id
        WHERE r.signed_at < {_BEFORE}
    ),
    question AS MATERIALIZED (
        SELECT e.id AS episode_id, p.ready_at, {_day("p.ready_at")} AS ready_on,
               {_day("p.withdrawn_at")} AS withdrawn_on,
               (SELECT min(r.signed_at) FROM review.case_review r
                WHERE r.patient_id = p.patient_id AND r.episode_id = p.episode_id
                  AND r.signed_at > p.ready_at AND r.signed_at < {_BEFORE}) AS answered_at
        FROM enrolled e
        JOIN review.preparation p ON p.patient_id = e.patient_id AND p.episode_id = e.id
        WHERE p.ready_at < {_BEFORE} AND p.question ~ '\\S'
    ),
    effective AS MATERIALIZED (
        SELECT * FROM reviewed
        WHERE id NOT IN (SELECT supersedes FROM reviewed WHERE supersedes IS NOT NULL)
    ),
    line AS MATERIALIZED (
        SELECT r.episode_id, r.patient_id, c.id, r.id AS review_id, r.signed_at, r.signed_on,
               (SELECT outcome
                FROM (SELECT DISTINCT ON (a.practitioner_id) a.outcome, a.answered_at, a.id
                      FROM review.answer a
                      WHERE a.patient_id = c.patient_id AND a.recommendation_id = c.id
                        AND a.answered_at < {_BEFORE}
                      ORDER BY a.practitioner_id, a.answered_at DESC, a.id DESC) last_of_author
                ORDER BY outcome = 'acknowledged', answered_at DESC, id DESC LIMIT 1) AS outcome,
               (SELECT min(a.answered_at) FROM review.answer a
                WHERE a.patient_id = c.patient_id AND a.recommendation_id = c.id
                  AND a.answered_at < {_BEFORE} AND a.outcome <> 'acknowledged') AS answered_at
        FROM effective r
        JOIN review.recommendation c ON c.patient_id = r.patient_id AND c.case_review_id = r.id
    ),
    advice AS MATERIALIZED (
        SELECT l.id, l.patient_id, l.episode_id, l.signed_on AS sent_on, l.outcome, l.answered_at,
               greatest(l.signed_on, c.last_on) AS last_sent_on,
               coalesce(c.ended, false) OR w.id IS NOT NULL AS ended
        FROM line l
        CROSS JOIN LATERAL ({_COURSE}) c
        LEFT JOIN review.settlement w ON w.patient_id = l.patient_id
         AND w.recommendation_id = l.id AND w.case_review_id IS NULL AND w.settled_at < {_BEFORE}
    ),
"""

# The column ``purpose`` of ``registry.contact`` is optional. If it is missing, PostgreSQL takes
# ``purpose`` from the subquery ``absent``, where it is NULL.
_FACTS = f"""
    contact AS (
        SELECT e.id AS episode_id, e.enrolled_on, {_day("c.happened_at")} AS day
        FROM enrolled e
        CROSS JOIN (SELECT NULL::text AS purpose) AS absent
        CROSS JOIN LATERAL (
            SELECT happened_at, attended, purpose FROM registry.contact
            WHERE patient_id = e.patient_id) AS c
        WHERE c.attended AND c.happened_at >= {_begins(f"e.enrolled_on - {BASELINE_DAYS}")}
          AND c.happened_at < {_begins("e.until + 1")}
          AND (c.purpose IS NULL OR c.purpose NOT IN {NOT_A_CONTACT})
    ),
    seen AS (
        SELECT episode_id, array_agg(day) AS days,
               bool_or(day BETWEEN enrolled_on + 1 AND enrolled_on + {EARLY_CONTACT_DAYS})
                   AS early,
               count(*) FILTER (WHERE day BETWEEN enrolled_on
                                          AND enrolled_on + {FOUR_CONTACTS_DAYS}) AS by_week_12
        FROM contact GROUP BY episode_id
    ),
    reviews AS (
        SELECT e.id AS episode_id, min(r.signed_on) AS first_on,
               array_agg(r.signed_on ORDER BY r.signed_on) AS days,
               bool_or({_weeks_8_to_12("r.signed_on")}) AS in_weeks_8_to_12
        FROM enrolled e JOIN reviewed r ON r.episode_id = e.id GROUP BY e.id
    ),
    advised AS (
        SELECT r.episode_id, array_agg(r.signed_on) AS days,
               array_agg(x.superseded_on) AS superseded_on
        FROM reviewed r
        LEFT JOIN (SELECT supersedes, min(signed_on) AS superseded_on FROM reviewed
                   WHERE supersedes IS NOT NULL GROUP BY supersedes) x ON x.supersedes = r.id
        WHERE EXISTS (SELECT FROM review.recommendation c
                      WHERE c.patient_id = r.patient_id AND c.case_review_id = r.id)
           OR EXISTS (SELECT FROM review.settlement s
                      WHERE s.patient_id = r.patient_id AND s.case_review_id = r.id
                        AND s.kind = 'kept')
        GROUP BY r.episode_id
    ),
    cared_for AS (
        SELECT e.id AS episode_id
        FROM enrolled e JOIN registry.psychosocial_care p ON p.patient_id = e.patient_id
        WHERE p.started_on <= least(e.enrolled_on + {PSYCHOSOCIAL_CARE_DAYS}, e.until)
          AND (p.ended_on IS NULL OR p.ended_on >= e.enrolled_on)
        GROUP BY e.id
    ),
    changed AS (
        SELECT e.id AS episode_id
        FROM enrolled e JOIN registry.medication m ON m.patient_id = e.patient_id
        WHERE {_PSYCHOTROPIC}
          AND ({_weeks_8_to_12("m.started_on")} OR {_weeks_8_to_12("m.stopped_on")})
        GROUP BY e.id
    ),
    fact AS MATERIALIZED (
        SELECT e.*, coalesce(q.kind, '{NO_KIND}') AS kind, {_SEVERITY} AS severity,
               q.starts_on AS sequence_on, s.baseline, s.baseline_on, s.days AS score_days,
               s.scores, s.latest, s.at_week_8, s.forms_at_week_8, s.at_70, s.forms_at_70, s.later,
               t.days AS contact_days, t.early, t.by_week_12, r.first_on AS first_review_on,
               r.days AS review_days, r.in_weeks_8_to_12 AS reviewed,
               c.episode_id IS NOT NULL AS changed,
               v.days AS advised_days, v.superseded_on AS advice_superseded_on,
               p.episode_id IS NOT NULL AS cared_for,
               s.baseline >= {IN_DENOMINATOR_FROM}
                   AND s.baseline_on <= e.enrolled_on + {WEEK_8}
                   AND NOT {_improved("s.at_week_8")}
                   AND (e.status <> 'closed' OR e.closed_on > e.enrolled_on + {WEEK_8})
                   AS unimproved
        FROM enrolled e
        LEFT JOIN first_sequence q ON q.id = e.id
        LEFT JOIN scored s ON s.episode_id = e.id
        LEFT JOIN seen t ON t.episode_id = e.id
        LEFT JOIN reviews r ON r.episode_id = e.id
        LEFT JOIN changed c ON c.episode_id = e.id
        LEFT JOIN advised v ON v.episode_id = e.id
        LEFT JOIN cared_for p ON p.episode_id = e.id
    ),
"""

_NUMBER = {id_: number for number, id_ in enumerate(INDICATORS)}


def _cases(*rows: tuple[str, str, str, str, str]) -> str:
    """Return SQL that turns a row of facts, such as an episode, into a row for each indicator.

    Indicators that are not due yet, or for which the case is not eligible, give no row. Each tuple
    in ``rows`` has the name of an indicator and four SQL expressions: the due day, and whether the
    case is eligible, measured and in the numerator.
    """
    values = ", ".join(
        f"({_NUMBER[id_]}, {due}, {eligible}, {measured}, {numerator})"
        for id_, due, eligible, measured, numerator in rows
    )
    return (
        f"CROSS JOIN LATERAL (VALUES {values}) AS c (number, due_on, eligible, measured, yes)"
        " WHERE c.eligible AND c.due_on <= as_of"
    )


_OF_EPISODE = _cases(
    ("enrolment", "f.sequence_on", "true", "true", "true"),
    ("early_contact", f"f.enrolled_on + {EARLY_CONTACT_DAYS}", "true", "true", "f.early"),
    (
        "four_contacts",
        f"f.enrolled_on + {FOUR_CONTACTS_DAYS}",
        "true",
        "true",
        f"f.by_week_12 >= {FOUR_CONTACTS}",
    ),
    (
        "unimproved_reviewed",
        f"f.enrolled_on + {WEEK_12}",
        "f.unimproved",
        "f.forms_at_week_8 > 1",
        "f.reviewed",
    ),
    (
        "unimproved_treatment_changed",
        f"f.enrolled_on + {WEEK_12}",
        "f.unimproved",
        "f.forms_at_week_8 > 1",
        "f.changed",
    ),
    (
        "improved_70",
        f"f.enrolled_on + {IMPROVED_DAYS}",
        f"f.baseline >= {IN_DENOMINATOR_FROM} AND f.forms_at_70 > 0",
        "f.forms_at_70 > 1",
        _improved("f.at_70"),
    ),
    (
        "response",
        f"f.enrolled_on + {RESPONSE_TO}",
        f"f.baseline >= {IN_DENOMINATOR_FROM} AND f.baseline_on <= f.enrolled_on + {RESPONSE_TO}",
        "f.later IS NOT NULL",
        "2 * f.later <= f.baseline",
    ),
    (
        "remission",
        f"f.enrolled_on + {RESPONSE_TO}",
        f"f.baseline >= {IN_DENOMINATOR_FROM} AND f.baseline_on <= f.enrolled_on + {RESPONSE_TO}",
        "f.later IS NOT NULL",
        f"f.later < {_PHQ9.remission_below}",
    ),
    (
        "deteriorated",
        f"f.enrolled_on + {RESPONSE_TO}",
        f"f.baseline >= {IN_DENOMINATOR_FROM} AND f.later IS NOT NULL",
        "true",
        f"f.later >= f.baseline + {DETERIORATED_POINTS}",
    ),
    (
        "psychosocial_care",
        f"f.enrolled_on + {PSYCHOSOCIAL_CARE_DAYS}",
        "true",
        "true",
        "f.cared_for",
    ),
    ("closed_as_lost", "f.closed_on", "true", "true", "f.closed_reason = 'lost'"),
    (
        "baseline_known",
        f"f.enrolled_on + {BASELINE_DAYS}",
        "true",
        "true",
        f"f.baseline_on <= f.enrolled_on + {BASELINE_DAYS}",
    ),
    ("consent_recorded", "f.enrolled_on", "true", "true", "f.consented_on <= as_of"),
)

_OPEN_THEN = "(f.status <> 'closed' OR f.closed_on > m.day)"
_ACTIVE_THEN = f"({_OPEN_THEN} AND f.status <> 'relapse_prevention')"
_ACTIVE_IN_THE_MONTH = f"({_ACTIVE_THEN} OR f.closed_on BETWEEN m.month AND m.day)"


def _on_one_of(days: str, last: int) -> str:
    return (
        f"EXISTS (SELECT FROM unnest({days}) AS one (day)"
        f" WHERE one.day > m.day - {last} AND one.day <= m.day)"
    )


def _in_the_month(days: str) -> str:
    return (
        f"EXISTS (SELECT FROM unnest({days}) AS one (day) WHERE one.day BETWEEN m.month AND m.day)"
    )


# The number of scores up to the day of the snapshot, and so the place of the last of them.
# ``width_bucket`` needs sorted days, and the days in ``score_days`` are sorted.
_SCORES_BY_THEN = "width_bucket(m.day, f.score_days)"

# Whether a review gave or kept advice in the ``ADVISED_DAYS`` days up to the snapshot. A review
# that another review had superseded by the day of the snapshot does not count.
_ADVISED_BY_THEN = f"""
    EXISTS (SELECT FROM unnest(f.advised_days, f.advice_superseded_on) AS one (day, superseded_on)
            WHERE one.day > m.day - {ADVISED_DAYS} AND one.day <= m.day
              AND (one.superseded_on IS NULL OR one.superseded_on > m.day))
"""

_OF_MONTH_END = _cases(
    ("active_caseload", "m.day", _OPEN_THEN, "true", "true"),
    ("measured", "m.day", _ACTIVE_THEN, "true", _on_one_of("f.score_days", MEASURED_DAYS)),
    (
        "lost_to_follow_up",
        "m.day",
        _ACTIVE_IN_THE_MONTH,
        "true",
        f"CASE WHEN f.closed_on <= m.day THEN f.closed_reason = 'lost'"
        f" ELSE f.enrolled_on <= m.day - {OUT_OF_CONTACT_DAYS}"
        f" AND NOT {_on_one_of('f.contact_days', OUT_OF_CONTACT_DAYS)} END",
    ),
    (
        "contact_and_score",
        "m.day",
        _ACTIVE_IN_THE_MONTH,
        "true",
        f"{_in_the_month('f.contact_days')} AND {_in_the_month('f.score_days')}",
    ),
    (
        "unimproved_reviewed_with_advice",
        "m.day",
        f"f.baseline >= {IN_DENOMINATOR_FROM} AND m.day >= f.enrolled_on + {IMPROVED_DAYS}"
        f" AND {_OPEN_THEN} AND NOT {_improved(f'f.scores[{_SCORES_BY_THEN}]')}",
        f"{_SCORES_BY_THEN} > 1",
        _ADVISED_BY_THEN,
    ),
)

_OF_REFERRAL = _cases(
    ("flow_referred", "e.referred_on", "true", "true", "true"),
    ("flow_enrolled", "e.referred_on", "f.id IS NOT NULL", "true", "true"),
    ("flow_reviewed", "e.referred_on", "f.first_review_on IS NOT NULL", "true", "true"),
    (
        "flow_improved",
        "e.referred_on",
        f"f.baseline >= {IN_DENOMINATOR_FROM} AND {_improved('f.latest')}",
        "true",
        "true",
    ),
    (
        "flow_closed",
        "e.referred_on",
        "f.status = 'closed' AND coalesce(f.closed_on <= as_of, true)",
        "true",
        "true",
    ),
)

_OF_QUESTION = _cases(
    (
        "answered_in_7_days",
        f"q.ready_on + {QUESTION_DAYS}",
        f"q.withdrawn_on IS NULL OR q.withdrawn_on > q.ready_on + {QUESTION_DAYS}",
        "true",
        f"{_day('q.answered_at')} <= q.ready_on + {QUESTION_DAYS}",
    )
)

_SENT = f"a.sent_on + {ADVICE_DAYS}"
_OF_ADVICE = _cases(
    ("advice_followed", _SENT, "true", "true", "a.outcome IN ('done', 'modified')"),
    ("advice_acknowledged", _SENT, "true", "true", "a.outcome = 'acknowledged'"),
    ("advice_declined", _SENT, "true", "true", "a.outcome = 'declined'"),
    ("advice_refused", _SENT, "true", "true", "a.outcome = 'refused_by_patient'"),
    ("advice_unanswered", _SENT, "true", "true", "a.outcome IS NULL"),
    ("advice_replaced", _SENT, "true", "true", "a.outcome IS NULL AND a.ended"),
)

_OF_SEQUENCE = _cases(
    ("sequences_leger", "q.starts_on", "q.kind = 'leger'", "true", "true"),
    ("sequences_classique", "q.starts_on", "q.kind = 'classique'", "true", "true"),
)
_OF_FORM = _cases(
    ("item9_answered", "o.taken_on", "o.score IS NOT NULL", "true", "o.item9"),
)

_WHOSE = "f.kind, f.severity, f.site_id, f.nurse_id"
_CASE = f"{_month('c.due_on')} AS month, c.number, c.measured, c.yes"


def _sums() -> Iterator[str]:
    for indicator in INDICATORS.values():
        number = _NUMBER[indicator.id]
        for column in indicator.columns:
            what = column.removeprefix(indicator.id).removeprefix("_") or "numerator"
            yield f"coalesce(sum({what}) FILTER (WHERE number = {number}), 0)::integer"


_MONTH_END = f"""
    month_end AS (
        SELECT f.id, m.month::date AS month,
               least((m.month + interval '1 month')::date - 1, as_of) AS day
        FROM fact f
        CROSS JOIN LATERAL generate_series({_month("f.enrolled_on")}::timestamp,
                                           f.until::timestamp, interval '1 month') AS m (month)
    ),
"""

_COUNTS = f"""
    WITH {_EPISODES} {_REVIEWS} {_FACTS} {_MONTH_END}
    found AS (
        SELECT {_WHOSE}, {_CASE} FROM fact f {_OF_EPISODE}
        UNION ALL
        SELECT {_WHOSE}, {_CASE} FROM month_end m JOIN fact f ON f.id = m.id {_OF_MONTH_END}
        UNION ALL
        SELECT coalesce(f.kind, '{NO_KIND}'), coalesce(f.severity, '{UNKNOWN_SEVERITY}'),
               e.site_id, e.nurse_id, {_CASE}
        FROM referred e LEFT JOIN fact f ON f.id = e.id {_OF_REFERRAL}
        UNION ALL
        SELECT {_WHOSE}, {_CASE} FROM question q JOIN fact f ON f.id = q.episode_id {_OF_QUESTION}
        UNION ALL
        SELECT {_WHOSE}, {_CASE} FROM advice a JOIN fact f ON f.id = a.episode_id {_OF_ADVICE}
        UNION ALL
        SELECT {_WHOSE}, {_CASE} FROM form o JOIN fact f ON f.id = o.episode_id {_OF_FORM}
        UNION ALL
        SELECT q.kind, f.severity, f.site_id, f.nurse_id, {_CASE}
        FROM fact f
        JOIN (SELECT episode_id, kind, greatest(starts_on, {_FIRST_DAY}) AS starts_on
              FROM registry.care_sequence) q ON q.episode_id = f.id {_OF_SEQUENCE}
    ),
    tallied AS (
        SELECT CASE WHEN grouping(kind) = 1 THEN '{ALL}' ELSE kind END AS kind,
               CASE WHEN grouping(severity) = 1 THEN '{ALL}' ELSE severity END AS severity,
               site_id, nurse_id, month, number, count(*) AS eligible,
               count(*) FILTER (WHERE measured) AS measured,
               count(*) FILTER (WHERE measured AND yes) AS numerator
        FROM found
        GROUP BY site_id, nurse_id, month, number,
                 GROUPING SETS ((), (kind), (severity), (kind, severity))
    )
    SELECT kind, severity, site_id, nurse_id, month, {", ".join(_sums())}
    FROM tallied GROUP BY kind, severity, site_id, nurse_id, month
"""

_CASE_OF_EPISODE = "f.id AS episode_id, c.number, c.due_on, c.measured, c.yes"
_ACTING = "(SELECT review.acting_practitioner())"


def own_cases_query() -> str:
    """Return a query for the cases of the nurse or psychiatrist who is signed in, by indicator.

    The query has the definitions of the counts, and row security applies. It leaves out the
    indicators of referrals, advice, sequences and questionnaires. Its parameters are ``as_of``, and
    the first and the last due day (``since``, ``until``). Its columns are ``indicator``,
    ``due_on``, ``measured``, ``yes``, ``episode_id``, the facts that explain a case, and the
    patient's identity. The rows are sorted by the patient's name.
    """
    query = _OWN_CASES.replace("site_id = ANY (sites)", f"{_ACTING} IN (nurse_id, psychiatrist_id)")
    return re.sub(r"\bas_of\b", "CAST(:as_of AS date)", query).replace("::", r"\:\:")


_INDICATOR_OF_NUMBER = "(ARRAY[{}])[found.number + 1]".format(
    ", ".join(f"'{indicator}'" for indicator in INDICATORS)
)

_OWN_CASES = f"""
    WITH {_EPISODES} {_REVIEWS} {_FACTS} {_MONTH_END}
    found AS (
        SELECT {_CASE_OF_EPISODE} FROM fact f {_OF_EPISODE}
        UNION ALL
        SELECT {_CASE_OF_EPISODE} FROM month_end m JOIN fact f ON f.id = m.id {_OF_MONTH_END}
        UNION ALL
        SELECT {_CASE_OF_EPISODE} FROM question q JOIN fact f ON f.id = q.episode_id {_OF_QUESTION}
    )
    SELECT {_INDICATOR_OF_NUMBER} AS indicator, found.due_on, found.measured,
           coalesce(found.yes, false) AS yes, f.id AS episode_id, f.patient_id, f.enrolled_on,
           f.closed_on, f.score_days, f.scores, f.contact_days, f.review_days,
           p.family_name, p.given_name, p.birth_date, p.sex
    FROM found JOIN fact f ON f.id = found.episode_id
    JOIN registry.patient p ON p.id = f.patient_id
    WHERE found.due_on BETWEEN :since AND :until
    ORDER BY p.family_name, p.given_name, f.id, found.due_on
"""

_WAITS = f"""
    WITH {_EPISODES} {_REVIEWS} {_FACTS}
    waited AS (
        SELECT 'referral_to_enrolment' AS wait, id AS episode_id, enrolled_on AS until,
               enrolled_on - referred_on AS days
        FROM enrolled WHERE referred_on <= as_of
        UNION ALL
        SELECT 'enrolment_to_first_review', id, first_review_on, first_review_on - enrolled_on
        FROM fact WHERE first_review_on IS NOT NULL
        UNION ALL
        SELECT 'question_to_answer', episode_id, {_day("answered_at")},
               {_day("answered_at")} - ready_on
        FROM question
        WHERE answered_at IS NOT NULL
          AND (withdrawn_on IS NULL OR withdrawn_on > {_day("answered_at")})
        UNION ALL
        SELECT 'advice_to_answer', episode_id, {_day("answered_at")},
               {_day("answered_at")} - sent_on
        FROM advice WHERE answered_at IS NOT NULL
    )
    SELECT w.wait, f.kind, f.severity, f.site_id, f.nurse_id, {_month("w.until")},
           greatest(w.days, 0), count(*)::integer
    FROM waited w JOIN fact f ON f.id = w.episode_id
    GROUP BY 1, 2, 3, 4, 5, 6, 7
"""

# A recommendation is unanswered in the open work as on the page "Follow-up": no answer has settled
# it, and nobody has answered since the day on which a review last gave or kept it.
_WORK = f"""
    WITH {_EPISODES} {_REVIEWS}
    open AS (SELECT * FROM enrolled WHERE status <> 'closed' OR closed_on > as_of),
    found AS (
        SELECT site_id, nurse_id, 1 AS open_episodes,
               (enrolled_on <= as_of - {WAITING_FOR_REVIEW_DAYS}
                AND id NOT IN (SELECT episode_id FROM reviewed))::integer AS never_reviewed,
               0 AS questions_late, 0 AS advice_unanswered, 0 AS letters_failed
        FROM open
        UNION ALL
        SELECT o.site_id, o.nurse_id, 0, 0, 1, 0, 0
        FROM question q JOIN open o ON o.id = q.episode_id
        WHERE q.ready_on < as_of - {QUESTION_DAYS} AND q.answered_at IS NULL
          AND (q.withdrawn_on IS NULL OR q.withdrawn_on > as_of)
        UNION ALL
        SELECT o.site_id, o.nurse_id, 0, 0, 0, 1, 0
        FROM advice a JOIN open o ON o.id = a.episode_id
        WHERE a.last_sent_on <= as_of - {ADVICE_DAYS} AND NOT a.ended
          AND coalesce(a.outcome = 'acknowledged', true)
          AND coalesce((SELECT max(x.answered_at) FROM review.answer x
                        WHERE x.patient_id = a.patient_id AND x.recommendation_id = a.id
                          AND x.answered_at < {_BEFORE}) < {_begins("a.last_sent_on")}, true)
        UNION ALL
        SELECT e.site_id, e.nurse_id, 0, 0, 0, 0, 1
        FROM effective r JOIN enrolled e ON e.id = r.episode_id
        JOIN review.delivery d ON d.patient_id = r.patient_id AND d.case_review_id = r.id
        WHERE d.state = 'failed' AND d.settled_at IS NULL
    )
    SELECT site_id, nurse_id, sum(open_episodes)::integer, sum(never_reviewed)::integer,
           sum(questions_late)::integer, sum(advice_unanswered)::integer,
           sum(letters_failed)::integer
    FROM found GROUP BY site_id, nurse_id
"""
