"""The SQL function that returns the figures of the outbox and of the counts to monitoring.

The figures are only numbers and instants.
"""

from collections.abc import Iterator


def monitoring(service_role: str) -> Iterator[str]:
    """Yield the SQL statements for the function that returns the figures.

    Only the server's own role may call the function. This role may not read the letters themselves.
    Partial indexes answer both counts.
    """
    # CREATE OR REPLACE could not change the columns that the previous version returns.
    yield "DROP FUNCTION IF EXISTS review.monitored()"
    yield """
    CREATE FUNCTION review.monitored()
    RETURNS TABLE (
        letters_waiting bigint, oldest_letter_at timestamptz, letters_failed bigint,
        counted_at timestamptz
    )
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        SELECT waiting.letters, waiting.oldest,
               (SELECT count(*) FROM review.delivery
                WHERE state = 'failed' AND settled_at IS NULL),
               (SELECT min(counted_at) FROM review.site_counted)
        FROM (SELECT count(*) AS letters, min(queued_at) AS oldest
              FROM review.delivery WHERE state = 'queued' AND channel = 'mail') AS waiting
    $$
    """
    yield "REVOKE ALL ON FUNCTION review.monitored() FROM PUBLIC"
    yield f"GRANT EXECUTE ON FUNCTION review.monitored() TO {service_role}"
