"""The SQL functions with which a medical lead sees who opened patients' records.

The functions can read all rows of the access log, but return only those about the sites that the
lead watches. A lead sees a case by its number, and no patient's name, score or text of a record.
One more function returns the psychiatrists and nurses whose meetings are too short.
"""

from collections.abc import Iterator

from dashboard.clinical.access.accesses import (
    AROUND_DAYS,
    AT_LEAST_WITHOUT,
    MANY_AN_HOUR,
    MOST_LISTED,
    NIGHT,
    SETTLED_DAYS,
)
from dashboard.clinical.meeting.agenda import TOO_LITTLE_TIME_AFTER

RECORD_OPENED = (
    "case_opened",
    "letter_opened",
    "record_opened",
    "record_exported",
    "report_exported",
)
"""The actions in the access log that open or export a patient's record."""

_WATCHED = """
    watched AS (
        SELECT s.id FROM registry.site s
        WHERE EXISTS (SELECT FROM registry.practitioner me
                      WHERE me.id = review.acting_practitioner()
                        AND me.role = 'lead' AND me.active)
          AND (NOT EXISTS (SELECT FROM registry.practitioner_site w
                           WHERE w.practitioner_id = review.acting_practitioner())
               OR EXISTS (SELECT FROM registry.practitioner_site w
                          WHERE w.practitioner_id = review.acting_practitioner()
                            AND w.site_id = s.id))
    )
"""


def lead_access(app_role: str) -> Iterator[str]:
    """Yield the SQL statements that create the functions for leads and let the pages call them."""
    for signature, returns, body in (
        ("accesses_of_case(its_episode bigint, since timestamptz)", _ACCESS, _ACCESSES_OF_CASE),
        ("unusual_accesses(since timestamptz)", _UNUSUAL, _UNUSUAL_ACCESSES),
        ("emergencies_of_my_sites(since timestamptz)", _EMERGENCY, _EMERGENCIES),
        ("pairs_short_of_time()", _PAIR, _PAIRS_SHORT_OF_TIME),
    ):
        yield f"""
        CREATE OR REPLACE FUNCTION review.{signature} RETURNS TABLE ({returns})
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        WITH {_WATCHED}{body}
        $$
        """.replace("%", "%%")
        yield f"REVOKE ALL ON FUNCTION review.{signature} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION review.{signature} TO {app_role}"


_ACCESS = (
    "at timestamptz, practitioner_id bigint, family_name text, given_name text, role text,"
    " action text, why text, address text"
)

_ACCESSES_OF_CASE = f""",
    of_case AS (
        SELECT e.patient_id FROM registry.episode e
        WHERE e.id = its_episode AND e.site_id IN (SELECT id FROM watched)
    ),
    found AS (
        SELECT l.* FROM review.access_log l
        WHERE l.patient_id = (SELECT patient_id FROM of_case) AND l.at >= since
        UNION ALL
        SELECT l.* FROM review.access_log l
        WHERE l.patient_id IS NULL AND l.at >= since
          AND l.action IN ('case_refused', 'emergency_refused')
          AND l.detail->>'episode_id' = its_episode::text
          AND EXISTS (SELECT FROM of_case)
    )
    SELECT l.at, l.practitioner_id, coalesce(p.family_name, ''), coalesce(p.given_name, ''),
           l.role, l.action, l.why, l.address
    FROM found l LEFT JOIN registry.practitioner p ON p.id = l.practitioner_id
    ORDER BY l.at DESC, l.id LIMIT {MOST_LISTED}
"""

_UNUSUAL = (
    "kind text, practitioner_id bigint, family_name text, given_name text, role text,"
    " first_at timestamptz, last_at timestamptz, number bigint, cases bigint[]"
)

# A patient appears as an episode: the one with the highest number at a site that the lead watches.
_UNUSUAL_ACCESSES = f""",
    opened AS (
        SELECT l.practitioner_id, l.patient_id, l.at, l.at AT TIME ZONE 'Europe/Paris' AS here
        FROM review.access_log l
        WHERE l.at >= since AND l.patient_id IS NOT NULL AND l.practitioner_id IS NOT NULL
          AND l.action IN {RECORD_OPENED}
    ),
    of_my_sites AS (
        SELECT e.patient_id, max(e.id) AS episode_id FROM registry.episode e
        WHERE e.patient_id IN (SELECT patient_id FROM opened)
          AND e.site_id IN (SELECT id FROM watched)
        GROUP BY e.patient_id
    ),
    mine AS (SELECT o.*, m.episode_id FROM opened o JOIN of_my_sites m USING (patient_id)),
    many AS (
        SELECT 'many' AS kind, practitioner_id, min(at) AS first_at, max(at) AS last_at,
               count(DISTINCT patient_id) AS number,
               (array_agg(DISTINCT episode_id))[:20] AS cases
        FROM mine GROUP BY practitioner_id, date_trunc('hour', here)
        HAVING count(DISTINCT patient_id) >= {MANY_AN_HOUR}
    ),
    night AS (
        SELECT 'night', practitioner_id, min(at), max(at), count(DISTINCT patient_id),
               (array_agg(DISTINCT episode_id))[:20]
        FROM mine
        WHERE extract(hour FROM here) >= {NIGHT[0]} OR extract(hour FROM here) < {NIGHT[1]}
        GROUP BY practitioner_id, (here - interval '{NIGHT[1]} hours')::date
    ),
    alone AS (
        SELECT practitioner_id, patient_id, episode_id, min(at) AS first_at, max(at) AS last_at
        FROM mine WHERE at < now() - interval '{SETTLED_DAYS} days'
        GROUP BY practitioner_id, patient_id, episode_id
    ),
    without AS (
        SELECT 'without', practitioner_id, min(first_at), max(last_at), count(*),
               (array_agg(episode_id ORDER BY episode_id))[:20]
        FROM alone a
        CROSS JOIN LATERAL (SELECT a.first_at - interval '{AROUND_DAYS} days' AS first_day,
                                   a.last_at + interval '{AROUND_DAYS} days' AS last_day) AS span
        WHERE NOT EXISTS (SELECT FROM review.case_review r WHERE r.patient_id = a.patient_id
                            AND r.signed_at BETWEEN first_day AND last_day)
          AND NOT EXISTS (SELECT FROM review.agenda_item i JOIN review.meeting m
                            ON m.id = i.meeting_id WHERE i.patient_id = a.patient_id
                            AND m.held_on BETWEEN first_day::date AND last_day::date)
          AND NOT EXISTS (SELECT FROM review.preparation q WHERE q.patient_id = a.patient_id
                            AND q.asked_at BETWEEN first_day AND last_day)
          AND NOT EXISTS (SELECT FROM review.answer w WHERE w.patient_id = a.patient_id
                            AND w.answered_at BETWEEN first_day AND last_day)
        GROUP BY practitioner_id HAVING count(*) >= {AT_LEAST_WITHOUT}
    ),
    found AS (
        SELECT * FROM many UNION ALL SELECT * FROM night UNION ALL SELECT * FROM without
    )
    SELECT f.kind, f.practitioner_id, coalesce(p.family_name, ''), coalesce(p.given_name, ''),
           coalesce(p.role, ''), f.first_at, f.last_at, f.number, f.cases
    FROM found f LEFT JOIN registry.practitioner p ON p.id = f.practitioner_id
    ORDER BY f.last_at DESC, f.kind, f.practitioner_id LIMIT {MOST_LISTED}
"""

_EMERGENCY = (
    "id uuid, episode_id bigint, practitioner_id bigint, family_name text, given_name text,"
    " role text, reason text, explanation text, begun_at timestamptz, until timestamptz"
)

_LATIN = r"\u00c0-\u024f"
"""Range of the accented Latin letters in a regular expression of PostgreSQL.

The locale C does not count them as letters.
"""

_ACCENTED = {
    "a": "àáâãäå",
    "c": "ç",
    "e": "èéêë",
    "i": "ìíîï",
    "n": "ñ",
    "o": "òóôõö",
    "u": "ùúûü",
    "y": "ýÿ",
}


def _with_any_accents(word: str) -> str:
    """Return SQL for a regular expression that matches ``word`` with and without accents.

    ``word`` is an SQL expression for a word in small letters without accents.
    """
    # The accents stand here as characters, because the u of an escape would be replaced too.
    accents = "[\u0300-\u036f]*"
    for letter, forms in _ACCENTED.items():
        word = f"replace({word}, '{letter}', '[{letter}{forms}{forms.upper()}]{accents}')"
    return word


def without_names(text: str, names: str) -> str:
    """Return an SQL expression for ``text`` with ``…`` in place of each word of ``names``.

    Both are SQL expressions. Words of one or two letters stay. The case and the accents of a word
    may differ, even in a database of the locale C, where only ASCII letters have a case.
    """
    between = rf"[^[:alpha:]{_LATIN}\u0300-\u036f]+"
    bare = rf"lower(regexp_replace(normalize({names}, NFKD), '[\u0300-\u036f]', '', 'g'))"
    words = rf"""(
        SELECT string_agg(DISTINCT pattern, '|') FROM (
            SELECT word, word AS pattern
            FROM regexp_split_to_table({names}, '{between}') AS word
            UNION
            SELECT word, {_with_any_accents("word")}
            FROM regexp_split_to_table({bare}, '{between}') AS word
        ) AS words WHERE length(word) > 2)"""
    alone = rf"'(?<![[:alpha:]{_LATIN}])(' || {words} || ')(?![[:alpha:]{_LATIN}])'"
    return f"coalesce(regexp_replace({text}, {alone}, '…', 'gi'), {text})"


# The explanation of an emergency access may contain the patient's name, which is removed.
_EMERGENCIES = f""",
    found AS (
        SELECT a.*, p.family_name || ' ' || p.given_name AS name
        FROM review.emergency_access a
        JOIN registry.episode e ON e.id = a.episode_id AND e.patient_id = a.patient_id
        JOIN registry.patient p ON p.id = a.patient_id
        WHERE a.begun_at >= since AND e.site_id IN (SELECT id FROM watched)
    )
    SELECT n.id, n.episode_id, n.practitioner_id, coalesce(who.family_name, ''),
           coalesce(who.given_name, ''), coalesce(who.role, ''), n.reason,
           {without_names("n.explanation", "n.name")},
           n.begun_at, coalesce(n.ended_at, n.ends_at)
    FROM found n LEFT JOIN registry.practitioner who ON who.id = n.practitioner_id
    ORDER BY n.begun_at DESC, n.id LIMIT {MOST_LISTED}
"""

_PAIR = (
    "psychiatrist_id bigint, psychiatrist_family_name text, psychiatrist_given_name text,"
    " nurse_id bigint, nurse_family_name text, nurse_given_name text"
)

# The psychiatrists and nurses who are short of time, as clinical.meeting.agenda.short_of_time finds
# them. A psychiatrist and a nurse are short of time if each of their last meetings had more urgent
# cases than time for cases. They must have held enough meetings together.
_PAIRS_SHORT_OF_TIME = f""",
    ended AS (
        SELECT m.psychiatrist_id, m.nurse_id, coalesce(m.due_cases > m.room, false) AS short,
               row_number() OVER (PARTITION BY m.psychiatrist_id, m.nurse_id
                                  ORDER BY m.ended_at DESC, m.id) AS number
        FROM review.meeting m WHERE m.ended_at IS NOT NULL
    ),
    short AS (
        SELECT psychiatrist_id, nurse_id FROM ended WHERE number <= {TOO_LITTLE_TIME_AFTER}
        GROUP BY psychiatrist_id, nurse_id
        HAVING count(*) = {TOO_LITTLE_TIME_AFTER} AND bool_and(short)
    )
    SELECT p.id, p.family_name, p.given_name, n.id, n.family_name, n.given_name
    FROM short s
    JOIN registry.practitioner p ON p.id = s.psychiatrist_id
    JOIN registry.practitioner n ON n.id = s.nurse_id
    WHERE EXISTS (SELECT FROM registry.episode e
                  WHERE e.psychiatrist_id = p.id AND e.nurse_id = n.id
                    AND e.site_id IN (SELECT id FROM watched))
    ORDER BY p.family_name, n.family_name, p.id, n.id
"""
