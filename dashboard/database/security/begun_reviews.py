"""The SQL function that says which drafts of reviews are still unsigned, without their content.

It tells the author of a draft, and the nurse of the open episode or a colleague who covers the
nurse, once the draft is old enough. Empty drafts are left out. Only the author can read the
content.
"""

from collections.abc import Iterator
from datetime import timedelta

from dashboard.clinical.advice.begun_reviews import NURSE_TOLD_AFTER, REMINDED_AFTER

# A draft is empty again after its author has cleared the form.
HAS_CONTENT = """(
    d.content->>'summary' <> '' OR d.content->>'answer' <> ''
    OR d.content->>'outcome' <> 'reviewed'
    OR d.content->>'next_review_on' IS NOT NULL
    OR jsonb_path_exists(d.content, '$.lines[0]')
    OR jsonb_path_exists(d.content, '$.settlements[0]')
    OR jsonb_typeof(d.content->'risk') = 'object'
)"""
"""SQL condition on a draft ``d`` that its author has written something in it."""


def _seconds(time: timedelta) -> str:
    return f"interval '{time.total_seconds():.0f} seconds'"


# The page of a closed case does not show a draft, so its author could neither sign nor discard it.
_CAN_BE_SIGNED = """EXISTS (
    SELECT FROM registry.episode its
    WHERE its.id = d.episode_id AND its.patient_id = d.patient_id
      AND (its.status IS DISTINCT FROM 'closed'
           OR its.closed_on > (now() AT TIME ZONE 'Europe/Paris')::date)
)"""

REMINDED = f"d.begun_at < now() - {_seconds(REMINDED_AFTER)} AND {HAS_CONTENT} AND {_CAN_BE_SIGNED}"
"""SQL condition on a draft ``d`` that its author is reminded to sign it."""


def begun_reviews(app_role: str) -> Iterator[str]:
    """Yield the SQL statements that create the function ``begun_reviews``.

    The function runs with the rights of its owner.
    """
    yield _BEGUN
    yield "REVOKE ALL ON FUNCTION review.begun_reviews() FROM PUBLIC"
    yield f"GRANT EXECUTE ON FUNCTION review.begun_reviews() TO {app_role}"


# The nurse's episodes are found by an index, and the draft of each episode by the primary key.
_BEGUN = f"""
CREATE OR REPLACE FUNCTION review.begun_reviews() RETURNS TABLE (
    patient_id bigint, episode_id bigint, psychiatrist_id bigint,
    begun_at timestamptz, saved_at timestamptz
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me bigint := review.acting_practitioner();
    acting bigint[] := review.acting_for();
BEGIN
    RETURN QUERY
    SELECT d.patient_id, d.episode_id, d.psychiatrist_id, d.begun_at, d.saved_at
    FROM review.draft d
    WHERE d.psychiatrist_id = me AND {REMINDED}
    UNION ALL
    SELECT d.patient_id, d.episode_id, d.psychiatrist_id, d.begun_at, d.saved_at
    FROM registry.episode e
    JOIN review.draft d ON d.patient_id = e.patient_id AND d.episode_id = e.id
    WHERE e.nurse_id = ANY (acting) AND d.psychiatrist_id <> me AND {_CAN_BE_SIGNED}
      AND d.begun_at < now() - {_seconds(NURSE_TOLD_AFTER)} AND {HAS_CONTENT};
END $$
"""
