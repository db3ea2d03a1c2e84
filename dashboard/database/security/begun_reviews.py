"""The SQL function that tells that unsigned drafts exist, without their content.

Only the author of a draft can read it. The function tells the nurse of the episode that a draft
exists, once the draft is old enough. It never returns the content of a draft.
"""

from collections.abc import Iterator
from datetime import timedelta

from dashboard.clinical.advice.begun_reviews import NURSE_TOLD_AFTER, REMINDED_AFTER

# A draft has no content if its author has emptied the form again.
HAS_CONTENT = """(
    d.content->>'summary' <> '' OR d.content->>'outcome' <> 'reviewed'
    OR d.content->>'next_review_on' IS NOT NULL
    OR jsonb_path_exists(d.content, '$.lines[0]')
    OR jsonb_path_exists(d.content, '$.settlements[0]')
    OR jsonb_typeof(d.content->'risk') = 'object'
)"""
"""SQL condition that a draft ``d`` has content."""


def _seconds(time: timedelta) -> str:
    return f"interval '{time.total_seconds():.0f} seconds'"


REMINDED = f"d.begun_at < now() - {_seconds(REMINDED_AFTER)} AND {HAS_CONTENT}"
"""SQL condition that the author of a draft ``d`` is reminded of it."""


def begun_reviews(app_role: str) -> Iterator[str]:
    """Yield the SQL statements that create the function.

    The function runs with the rights of its owner.
    """
    yield _BEGUN
    yield "REVOKE ALL ON FUNCTION review.begun_reviews() FROM PUBLIC"
    yield f"GRANT EXECUTE ON FUNCTION review.begun_reviews() TO {app_role}"


# For speed, an index finds the nurse's episodes, and the primary key finds the draft of each
# episode.
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
    WHERE e.nurse_id = ANY (acting) AND e.closed_on IS NULL AND d.psychiatrist_id <> me
      AND d.begun_at < now() - {_seconds(NURSE_TOLD_AFTER)} AND {HAS_CONTENT};
END $$
"""
