"""The SQL function that returns figures about the outbox and the counts, for monitoring.

The figures are only numbers and times.
"""

from collections.abc import Iterator


def monitoring(service_role: str) -> Iterator[str]:
    """Yield the SQL statements that create the function ``monitored``.

    Only the server's own role may call the function. The function runs with the rights of its
    owner, because that role cannot read all these columns. Partial indexes make it fast.
    """
    # The function is dropped first, because CREATE OR REPLACE cannot change the columns of its
    # result.
    yield "DROP FUNCTION IF EXISTS review.monitored()"
    yield """
    CREATE FUNCTION review.monitored()
    RETURNS TABLE (
        letters_waiting bigint, oldest_letter_at timestamptz, letters_failed bigint,
        counted_at timestamptz
    )
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        SELECT waiting.letters, waiting.oldest,
               (SELECT count(*) FROM review.delivery d
                WHERE d.state = 'failed' AND d.settled_at IS NULL
                  AND NOT EXISTS (SELECT FROM review.case_review later
                                  WHERE later.patient_id = d.patient_id
                                    AND later.supersedes = d.case_review_id)),
               (SELECT min(counted_at) FROM review.site_counted)
        FROM (SELECT count(*) AS letters, min(queued_at) AS oldest
              FROM review.delivery WHERE state = 'queued' AND channel = 'mail') AS waiting
    $$
    """
    yield "REVOKE ALL ON FUNCTION review.monitored() FROM PUBLIC"
    yield f"GRANT EXECUTE ON FUNCTION review.monitored() TO {service_role}"
