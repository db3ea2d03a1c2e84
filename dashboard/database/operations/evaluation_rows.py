"""The rows of the data set for evaluators, read by the owner of the database.

Days are counted from enrolment. Scores and contacts are read from 14 days before enrolment to the
end of the episode or to the horizon (``clinical.sites.anonymity``), whichever is first. Drugs and
psychosocial care are read if they overlap this time. Reviews, answers and care sequences are read
up to the horizon, even after the episode has ended. Texts and names are not read.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from sqlalchemy import Connection, RowMapping, text

from dashboard.clinical.sites.anonymity import horizons
from dashboard.clinical.sites.evaluation import Enrolled, Tally
from dashboard.clinical.sites.indicators import BASELINE_DAYS, INDICATORS
from dashboard.database.date_loaders import EARLIEST, LATEST


def enrolled_episodes(connection: Connection, until: date) -> list[Enrolled]:
    """Return the episodes enrolled by ``until`` that are long enough for a horizon, sorted by id.

    The horizon is the number of days after enrolment at which the facts of an episode are cut.
    """
    elapsed = connection.execute(text(_ELAPSED), {"until": until})
    horizon = horizons({row.id: row.days for row in elapsed})
    rows = connection.execute(text(_ENROLLED_EPISODES), _cut(horizon)).mappings()
    return [
        Enrolled(
            row["episode_id"],
            row["patient_id"],
            row["site_id"],
            row["age"],
            row["sex"],
            row["horizon_days"],
            {name: value for name, value in row.items() if name not in _IDENTIFYING},
        )
        for row in rows
    ]


_IDENTIFYING = ("episode_id", "patient_id", "site_id", "age", "sex")


def rows_of(connection: Connection, table: str, horizon: Mapping[int, int]) -> Iterator[RowMapping]:
    """Yield the rows of a table of the data set, with the id of the episode and not its pseudonym.

    ``horizon`` has the number of days after enrolment at which the facts of each episode are cut,
    by the id of the episode.
    """
    yield from connection.execute(text(_ROWS[table]), _cut(horizon)).mappings()


def _cut(horizon: Mapping[int, int]) -> dict[str, list[int]]:
    return {"ids": list(horizon), "horizons": list(horizon.values())}


def tallies(connection: Connection, until: date) -> list[Tally]:
    """Return the exact counts of each indicator on ``until``, for each site and for all sites.

    Most counts are sums over all months. For an indicator that looks at the end of a month, the
    counts are those of the last month (``clinical.sites.indicators``).
    """
    sites = list(connection.execute(text("SELECT id FROM registry.site ORDER BY id")).scalars())
    months = connection.execute(text(_MONTHS), {"sites": sites, "until": until}).mappings().all()
    found = []
    for indicator in INDICATORS.values():
        for site in (None, *sites):
            rows = [row for row in months if site is None or row["site_id"] == site]
            if indicator.snapshot:
                rows = [row for row in rows if row["month"] == until.replace(day=1)]
            numerator, *others = (sum(row[column] for row in rows) for column in indicator.columns)
            eligible = others[0] if others else numerator
            measured = others[1] if len(others) > 1 else eligible
            found.append(Tally(indicator.id, site, numerator, measured, eligible))
    return found


def _day(instant: str) -> str:
    return f"({instant} AT TIME ZONE 'Europe/Paris')::date"


def _finite(day: str) -> str:
    """Return an SQL expression for ``day``, limited to the days that the pages show.

    PostgreSQL cannot subtract infinite days, which some registries use for unknown days.
    """
    limited = f"least(greatest({day}, DATE '{EARLIEST}'), DATE '{LATEST}')"
    return f"CASE WHEN {day} IS NOT NULL THEN {limited} END"


def _since_enrolment(day: str) -> str:
    return f"{_finite(day)} - e.enrolled_on"


_ELAPSED = """
    SELECT id, CAST(:until AS date) - enrolled_on AS days FROM registry.episode
    WHERE enrolled_on <= :until AND isfinite(enrolled_on) ORDER BY id
"""

# If the registry has a closing day although the episode is not closed, the day is ignored.
_ENROLLED = """
    e AS MATERIALIZED (
        SELECT o.*, c.horizon, o.enrolled_on + c.horizon AS cut_on, d.closed_on AS ended_on,
               least(coalesce(d.closed_on, o.enrolled_on + c.horizon), o.enrolled_on + c.horizon)
                   AS ends_on
        FROM registry.episode o
        CROSS JOIN LATERAL (SELECT CASE WHEN o.status = 'closed' THEN o.closed_on END) d (closed_on)
        JOIN unnest(CAST(:ids AS bigint[]), CAST(:horizons AS integer[])) AS c (id, horizon)
          ON c.id = o.id
    )
"""

_ENROLLED_EPISODES = f"""
    WITH {_ENROLLED}
    SELECT e.id AS episode_id, e.patient_id, e.site_id, p.sex,
           greatest(date_part('year', age(e.enrolled_on, {_finite("p.birth_date")})), 0)::integer
               AS age,
           left(e.diagnosis_code, 3) AS diagnosis,
           CASE WHEN e.ended_on > e.cut_on THEN 'active' ELSE e.status END AS status,
           CASE WHEN e.ended_on <= e.cut_on THEN e.closed_reason END AS closed_reason,
           {_since_enrolment("e.referred_on")} AS referred_day,
           {_since_enrolment("e.consented_on")} AS consented_day,
           CASE WHEN e.ended_on <= e.cut_on THEN {_since_enrolment("e.ended_on")} END AS closed_day,
           e.horizon AS horizon_days
    FROM e JOIN registry.patient p ON p.id = e.patient_id
    ORDER BY e.id
"""

_WITHIN = f"BETWEEN e.enrolled_on - {BASELINE_DAYS} AND e.ends_on"

# The reviews of each episode in SQL, numbered from 1 in the order of signing.
_REVIEWED = f"""
    reviewed AS MATERIALIZED (
        SELECT e.id AS episode_id, e.enrolled_on, e.cut_on, r.patient_id, r.id, r.outcome,
               r.risk_level, r.next_review_on, r.supersedes, {_day("r.signed_at")} AS signed_on,
               row_number() OVER (PARTITION BY e.id ORDER BY r.signed_at, r.id) AS number
        FROM e JOIN review.case_review r ON r.patient_id = e.patient_id AND r.episode_id = e.id
        WHERE {_day("r.signed_at")} <= e.cut_on
    )
"""


def _numbered(order: str) -> str:
    return f"row_number() OVER (PARTITION BY e.id ORDER BY {order})"


_ROWS = {
    "sequences": f"""
        WITH {_ENROLLED}
        SELECT e.id AS episode_id, {_numbered("s.starts_on, s.id")} AS sequence, s.kind,
               {_since_enrolment("s.starts_on")} AS starts_day,
               {_since_enrolment("s.ends_on")} AS ends_day
        FROM e JOIN registry.care_sequence s ON s.episode_id = e.id
        WHERE s.starts_on <= e.cut_on
        ORDER BY 1, 2
    """,
    "scores": f"""
        WITH {_ENROLLED}
        SELECT e.id AS episode_id, {_numbered("a.taken_on, a.id")} AS form, a.instrument,
               a.taken_on - e.enrolled_on AS day, a.total,
               CASE WHEN a.instrument = 'phq9' THEN a.items[9] END AS item9
        FROM e JOIN registry.assessment a ON a.patient_id = e.patient_id
        WHERE a.taken_on {_WITHIN}
        ORDER BY 1, 2
    """,
    "contacts": f"""
        WITH {_ENROLLED}
        SELECT e.id AS episode_id, {_numbered("c.happened_at, c.id")} AS contact,
               {_day("c.happened_at")} - e.enrolled_on AS day, c.kind, c.attended, c.minutes
        FROM e JOIN registry.contact c ON c.patient_id = e.patient_id
        WHERE {_day("c.happened_at")} {_WITHIN}
        ORDER BY 1, 2
    """,
    "reviews": f"""
        WITH {_ENROLLED}, {_REVIEWED}
        SELECT episode_id, number AS review, signed_on - enrolled_on AS day, outcome, risk_level,
               next_review_on - enrolled_on AS next_review_day, supersedes IS NOT NULL AS amends
        FROM reviewed ORDER BY 1, 2
    """,
    "recommendations": f"""
        WITH {_ENROLLED}, {_REVIEWED}
        SELECT r.episode_id, r.number AS review, c.position AS line, c.kind, c.action, c.atc_code,
               c.daily_dose_mg, c.owner_role, c.due_on - r.enrolled_on AS due_day
        FROM reviewed r
        JOIN review.recommendation c ON c.patient_id = r.patient_id AND c.case_review_id = r.id
        ORDER BY 1, 2, 3
    """,
    "answers": f"""
        WITH {_ENROLLED}, {_REVIEWED}
        SELECT r.episode_id, r.number AS review, c.position AS line,
               row_number() OVER (PARTITION BY c.id ORDER BY a.answered_at, a.id) AS answer,
               {_day("a.answered_at")} - r.enrolled_on AS day, a.outcome
        FROM reviewed r
        JOIN review.recommendation c ON c.patient_id = r.patient_id AND c.case_review_id = r.id
        JOIN review.answer a ON a.patient_id = c.patient_id AND a.recommendation_id = c.id
        WHERE {_day("a.answered_at")} <= r.cut_on
        ORDER BY 1, 2, 3, 4
    """,
    "medications": f"""
        WITH {_ENROLLED}
        SELECT e.id AS episode_id, {_numbered("m.started_on, m.id")} AS medication, m.atc_code,
               m.daily_dose_mg, m.as_needed, {_since_enrolment("m.started_on")} AS starts_day,
               CASE WHEN m.stopped_on <= e.cut_on THEN {_since_enrolment("m.stopped_on")} END
                   AS ends_day,
               m.adherence
        FROM e JOIN registry.medication m ON m.patient_id = e.patient_id
        WHERE m.started_on <= e.ends_on
          AND coalesce(m.stopped_on, e.ends_on) >= e.enrolled_on - {BASELINE_DAYS}
        ORDER BY 1, 2
    """,
    "psychosocial_care": f"""
        WITH {_ENROLLED}
        SELECT e.id AS episode_id, {_numbered("c.started_on, c.id")} AS care, c.kind,
               {_since_enrolment("c.started_on")} AS starts_day,
               CASE WHEN c.ended_on <= e.cut_on THEN {_since_enrolment("c.ended_on")} END
                   AS ends_day,
               c.sessions
        FROM e JOIN registry.psychosocial_care c ON c.patient_id = e.patient_id
        WHERE c.started_on <= e.ends_on
          AND coalesce(c.ended_on, e.ends_on) >= e.enrolled_on - {BASELINE_DAYS}
        ORDER BY 1, 2
    """,
    "waits": f"""
        WITH {_ENROLLED}
        SELECT e.id AS episode_id,
               greatest(e.enrolled_on - {_finite("e.referred_on")}, 0) AS referral_to_enrolment,
               (SELECT min({_day("c.happened_at")}) - e.enrolled_on FROM registry.contact c
                WHERE c.patient_id = e.patient_id AND c.attended
                  AND {_day("c.happened_at")} BETWEEN e.enrolled_on AND e.ends_on)
                   AS enrolment_to_first_contact,
               (SELECT min({_day("r.signed_at")}) - e.enrolled_on FROM review.case_review r
                WHERE r.patient_id = e.patient_id AND r.episode_id = e.id
                  AND {_day("r.signed_at")} BETWEEN e.enrolled_on AND e.cut_on)
                   AS enrolment_to_first_review
        FROM e ORDER BY 1
    """,
}

_MONTHS = """
    SELECT * FROM review.counts_of_sites(CAST(:sites AS bigint[]), :until)
    WHERE kind = 'all' AND severity = 'all'
"""
