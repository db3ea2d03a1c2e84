"""The SQL function that returns the events of a practitioner's calendar feed.

A calendar program fetches the feed from a secret address. It keeps this address for a long time, so
the address is not a proof of identity. It only gives access to days, counts and names of
colleagues. The function returns nothing about a patient.
"""

from collections.abc import Iterator

from dashboard.vocabulary import (
    AnswerOutcome,
    CalendarEventKind,
    Outcome,
    RiskLevel,
    Role,
    SettlementKind,
)

DAYS_BACK = 30
"""Number of days for which a past event stays in the calendar feed."""

_TODAY = "(now() AT TIME ZONE 'Europe/Paris')::date"


def calendar_feed(service_role: str) -> Iterator[str]:
    """Yield the SQL statements that create the function ``calendar_events``.

    The function runs with the rights of its owner.
    """
    yield _EVENTS
    yield "REVOKE ALL ON FUNCTION review.calendar_events(text) FROM PUBLIC"
    yield f"GRANT EXECUTE ON FUNCTION review.calendar_events(text) TO {service_role}"


# The reviews of an episode ``e`` in SQL, without those that an amendment has replaced.
_EFFECTIVE = """
    review.case_review r
    WHERE r.patient_id = e.patient_id AND r.episode_id = e.id
      AND NOT EXISTS (SELECT FROM review.case_review x
                      WHERE x.patient_id = r.patient_id AND x.supersedes = r.id)
"""

_IS_OPEN = (
    f"e.enrolled_on <= {_TODAY} AND (e.status IS DISTINCT FROM 'closed' OR e.closed_on > {_TODAY})"
)

# SQL condition that a recommendation has neither ended nor been settled by an answer. The rules are
# those of clinical.settlements.line_courses and of Recommendation.decision.
_STANDS = f"""
    NOT EXISTS (
        SELECT FROM review.case_review k
        LEFT JOIN review.settlement s ON s.patient_id = k.patient_id
         AND s.case_review_id = k.id AND s.recommendation_id = c.id
        WHERE k.patient_id = r.patient_id AND k.episode_id = r.episode_id
          AND (k.signed_at, k.id) > (r.signed_at, r.id)
          AND coalesce(s.kind <> '{SettlementKind.KEPT}', k.outcome <> '{Outcome.NO_CHANGE}')
          AND NOT EXISTS (SELECT FROM review.case_review x
                          WHERE x.patient_id = k.patient_id AND x.supersedes = k.id))
    AND NOT EXISTS (
        SELECT FROM review.settlement s
        WHERE s.patient_id = c.patient_id AND s.recommendation_id = c.id
          AND s.case_review_id IS NULL)
    AND NOT EXISTS (
        SELECT FROM (SELECT DISTINCT ON (a.practitioner_id) a.outcome FROM review.answer a
                     WHERE a.patient_id = c.patient_id AND a.recommendation_id = c.id
                     ORDER BY a.practitioner_id, a.answered_at DESC, a.id DESC) last_of_author
        WHERE last_of_author.outcome <> '{AnswerOutcome.ACKNOWLEDGED}')
"""

# The due day of a recommendation in SQL. A later review that keeps the recommendation may set
# another day.
_DUE_ON = f"""
    coalesce((SELECT s.due_on FROM review.settlement s
              WHERE s.patient_id = c.patient_id AND s.recommendation_id = c.id
                AND s.kind = '{SettlementKind.KEPT}' AND s.due_on IS NOT NULL
                AND NOT EXISTS (SELECT FROM review.case_review x
                                WHERE x.patient_id = s.patient_id
                                  AND x.supersedes = s.case_review_id)
              ORDER BY s.settled_at DESC LIMIT 1), c.due_on)
"""

_EVENTS = f"""
CREATE OR REPLACE FUNCTION review.calendar_events(its_token_hash text)
RETURNS TABLE (kind text, on_day date, how_many bigint, colleague text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me bigint;
BEGIN
    SELECT f.practitioner_id INTO me
    FROM review.calendar_feed f
    JOIN registry.practitioner p ON p.id = f.practitioner_id
    JOIN review.account a ON a.practitioner_id = f.practitioner_id
    WHERE f.token_hash = its_token_hash AND p.active AND a.locked_at IS NULL;
    IF me IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT '{CalendarEventKind.MEETING}', m.held_on, 1::bigint, other.family_name
    FROM review.meeting m
    JOIN registry.practitioner other
      ON other.id = CASE WHEN m.psychiatrist_id = me THEN m.nurse_id ELSE m.psychiatrist_id END
    WHERE me IN (m.psychiatrist_id, m.nurse_id) AND m.held_on >= {_TODAY} - {DAYS_BACK};
    RETURN QUERY
    SELECT '{CalendarEventKind.REVIEW_DUE}', latest.next_review_on, count(*), NULL::text
    FROM registry.episode e
    CROSS JOIN LATERAL (SELECT r.next_review_on FROM {_EFFECTIVE}
                        ORDER BY r.signed_at DESC, r.id DESC LIMIT 1) latest
    WHERE e.psychiatrist_id = me AND {_IS_OPEN}
      AND latest.next_review_on >= {_TODAY} - {DAYS_BACK}
    GROUP BY latest.next_review_on;
    RETURN QUERY
    SELECT '{CalendarEventKind.REASSESSMENT_DUE}', latest.risk_reassess_on, count(*), NULL::text
    FROM registry.episode e
    CROSS JOIN LATERAL (SELECT r.risk_reassess_on FROM {_EFFECTIVE}
                          AND r.risk_level <> '{RiskLevel.NOT_ASSESSED}'
                        ORDER BY r.signed_at DESC, r.id DESC LIMIT 1) latest
    WHERE e.psychiatrist_id = me AND {_IS_OPEN}
      AND latest.risk_reassess_on >= {_TODAY} - {DAYS_BACK}
    GROUP BY latest.risk_reassess_on;
    RETURN QUERY
    SELECT '{CalendarEventKind.ANSWER_DUE}', line.due_on, count(*), NULL::text
    FROM (
        SELECT {_DUE_ON} AS due_on
        FROM registry.episode e
        CROSS JOIN LATERAL (SELECT r.* FROM {_EFFECTIVE}) r
        JOIN review.recommendation c ON c.patient_id = r.patient_id AND c.case_review_id = r.id
        WHERE (e.nurse_id = me AND c.owner_role = '{Role.NURSE}'
               OR e.gp_id = me AND c.owner_role = '{Role.GP}')
          AND {_IS_OPEN} AND {_STANDS}
    ) line
    WHERE line.due_on >= {_TODAY} - {DAYS_BACK}
    GROUP BY line.due_on;
END $$
"""
