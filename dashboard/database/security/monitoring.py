"""The figures of the outbox and of the counts that monitoring reads: numbers and instants only."""

from collections.abc import Iterator


def monitoring(service_role: str) -> Iterator[str]:
    """Yield the statements for the function that returns the figures. Only the server's own role
    may call it.

    That role may not read the letters themselves. Partial indexes answer both counts.
    """
    # The columns that the function returns may differ from those of the previous version.
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
