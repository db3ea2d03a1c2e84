"""Counts for medical leads: who may read them, and how they are made anew.

A lead sees no patient's record, so what they see of patients is counted where all records
can be read, by a function with the owner's rights, and kept in tables of counts. Row
security shows these to leads, each the sites that they watch, and to nobody else.

The function works where nobody acts, in the server's background and in a command: it takes
the sites whose counts are the oldest, counts them from the records and replaces what was
there, in one transaction. Several processes share the work, for each leaves alone what
another has in hand. A site's counts are what ``counting`` says of its records at that moment.

Whoever watches all sites is told of thousands together, so their sums are kept beside the
counts: what a site's counts have become is added in the same transaction, what they were is
taken off, and the sums are always those of the counts that anybody reads beside them.

The tiers of open episodes hang on the rules, which are Python. For them a nurse is claimed where
nobody acts, the nurse's own open episodes are read as that nurse, and a second function takes
the counts by site and tier from whoever acts as a nurse who is claimed.

The counts are exact and some are small: one case of a nurse, in a month, of a severity. The
screens and exports that show them suppress what is small.
"""

from collections.abc import Iterator

from sqlalchemy import Connection

from dashboard.clinical.indicators import INDICATORS
from dashboard.database.counting import counting_functions

_ME = "review.acting_practitioner()"
_A_LEAD = f"(SELECT FROM registry.practitioner WHERE id = {_ME} AND role = 'lead' AND active)"
_WATCHED = f"(SELECT site_id FROM registry.practitioner_site WHERE practitioner_id = {_ME})"

# IN, not = ANY (ARRAY …): a lead may watch thousands of sites, which are looked up by hash.
# A lead with no site of their own watches all (docs/registry.md).
WATCHED_SITES = (
    f"(SELECT EXISTS {_A_LEAD}) AND (NOT (SELECT EXISTS {_WATCHED}) OR site_id IN {_WATCHED})"
)
_WATCHES_ALL = f"(SELECT EXISTS {_A_LEAD}) AND NOT (SELECT EXISTS {_WATCHED})"

COUNT_VISIBILITY: dict[str, str] = {
    "site_counted": WATCHED_SITES,
    "site_month": WATCHED_SITES,
    "site_wait": WATCHED_SITES,
    "site_waited": WATCHED_SITES,
    "every_month": _WATCHES_ALL,
    "every_wait": _WATCHES_ALL,
    "site_work": WATCHED_SITES,
    "nurse_tier": WATCHED_SITES,
    # How old the counts of a nurse are, whose sites are watched.
    "nurse_counted": ("nurse_id IN (SELECT nurse_id FROM review.nurse_tier)"),
}
"""The tables of counts, and which rows can be read; the application writes none."""


def make_counts_due(connection: Connection) -> None:
    """Have every site and nurse counted anew at the next occasion, for the records have changed.

    As the owner. Until then the counts stay, with their age.
    """
    for table in ("site_counted", "nurse_counted"):
        connection.exec_driver_sql(f"UPDATE review.{table} SET as_of = NULL")


def counting_for_leads(app_role: str) -> Iterator[str]:
    """The statements that make the functions."""
    yield from counting_functions()
    for function, arguments in (
        (_COUNT_SITES, "count_sites(date, integer, interval)"),
        (_CLAIM_NURSE, "claim_nurse(interval, interval)"),
        (_STORE_TIERS, "store_tiers(date, bigint[], integer[], integer[])"),
    ):
        yield function
        yield f"REVOKE ALL ON FUNCTION review.{arguments} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION review.{arguments} TO {app_role}"


_NUMBERS = [column for indicator in INDICATORS.values() for column in indicator.columns]


def _added(table: str, was: str, of: str, keys: str, numbers: list[str]) -> str:
    """Adds to the sums what the sites' counts are now, and takes off what they ``was``.

    Only what has changed is written: most months are over. In one order, so that two
    processes never wait for each other.
    """
    changes = [f"sum(sign * {name})::integer" for name in numbers]
    return f"""
    INSERT INTO review.{table} AS sums ({keys}, {", ".join(numbers)})
        SELECT {keys}, {", ".join(changes)} FROM (
            SELECT -1 AS sign, before.* FROM unnest({was}) before
            UNION ALL
            SELECT 1, now.* FROM review.{of} now WHERE site_id = ANY (sites)
        ) change
        GROUP BY {keys} HAVING ({", ".join(changes)}) <> ({", ".join(["0"] * len(numbers))})
        ORDER BY {keys}
    ON CONFLICT ({keys}) DO UPDATE
        SET {", ".join(f"{name} = sums.{name} + EXCLUDED.{name}" for name in numbers)};
    """


_COUNT_SITES = f"""
CREATE OR REPLACE FUNCTION review.count_sites(as_of date, most integer, unless_since interval)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    sites bigint[];
    gone bigint[];
    months_before review.site_month[];
    waits_before review.site_wait[];
BEGIN
    IF review.acting_practitioner() IS NOT NULL THEN
        RAISE EXCEPTION 'sites are counted where nobody acts'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO review.site_counted (site_id)
        SELECT id FROM registry.site ON CONFLICT DO NOTHING;
    WITH removed AS (
        DELETE FROM review.site_counted
        WHERE site_id NOT IN (SELECT id FROM registry.site) RETURNING site_id
    ) SELECT array_agg(site_id) INTO gone FROM removed;
    SELECT array_agg(due.site_id) INTO sites FROM (
        SELECT site_id FROM review.site_counted c
        WHERE c.as_of IS NULL OR counted_at <= clock_timestamp() - unless_since
        ORDER BY c.as_of IS NOT NULL, counted_at NULLS FIRST, site_id
        LIMIT most FOR UPDATE SKIP LOCKED
    ) due;
    IF sites IS NULL AND gone IS NULL THEN
        RETURN 0;
    END IF;
    sites := coalesce(sites, '{{}}');
    months_before := ARRAY (SELECT m FROM review.site_month m WHERE site_id = ANY (sites || gone));
    waits_before := ARRAY (SELECT w FROM review.site_wait w WHERE site_id = ANY (sites || gone));
    DELETE FROM review.site_month WHERE site_id = ANY (sites || gone);
    DELETE FROM review.site_wait WHERE site_id = ANY (sites || gone);
    DELETE FROM review.site_waited WHERE site_id = ANY (sites || gone);
    DELETE FROM review.site_work WHERE site_id = ANY (sites || gone);
    INSERT INTO review.site_month SELECT * FROM review.counts_of_sites(sites, as_of);
    INSERT INTO review.site_wait SELECT * FROM review.waits_of_sites(sites, as_of);
    INSERT INTO review.site_waited
        SELECT wait, site_id, nurse_id, month, sum(cases) FROM review.site_wait
        WHERE site_id = ANY (sites) GROUP BY wait, site_id, nurse_id, month;
    INSERT INTO review.site_work SELECT * FROM review.work_of_sites(sites, as_of);
    UPDATE review.site_counted SET counted_at = clock_timestamp(), as_of = count_sites.as_of
        WHERE site_id = ANY (sites);
    -- Last, for these rows are everybody's: whoever counts other sites waits for them.
    {_added("every_month", "months_before", "site_month", "kind, severity, month", _NUMBERS)}
    {_added("every_wait", "waits_before", "site_wait", "wait, month, days", ["cases"])}
    RETURN cardinality(sites);
END $$
"""

_CLAIM_NURSE = """
CREATE OR REPLACE FUNCTION review.claim_nurse(unless_since interval, lease interval)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    claimed bigint;
BEGIN
    IF review.acting_practitioner() IS NOT NULL THEN
        RAISE EXCEPTION 'nurses are claimed where nobody acts'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO review.nurse_counted (nurse_id, claimed_at)
        SELECT id, '-infinity' FROM registry.practitioner WHERE role = 'nurse'
        ON CONFLICT DO NOTHING;
    SELECT nurse_id INTO claimed FROM review.nurse_counted
        WHERE (as_of IS NULL OR counted_at <= clock_timestamp() - unless_since)
          AND (claimed_at <= counted_at OR claimed_at <= clock_timestamp() - lease)
        ORDER BY as_of IS NOT NULL, counted_at NULLS FIRST, nurse_id
        LIMIT 1 FOR UPDATE SKIP LOCKED;
    UPDATE review.nurse_counted SET claimed_at = clock_timestamp() WHERE nurse_id = claimed;
    RETURN claimed;
END $$
"""

_STORE_TIERS = """
CREATE OR REPLACE FUNCTION review.store_tiers(
    as_of date, sites bigint[], tiers integer[], episodes integer[]
) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me bigint := review.acting_practitioner();
BEGIN
    UPDATE review.nurse_counted c SET counted_at = clock_timestamp(), as_of = store_tiers.as_of
        WHERE nurse_id = me AND (counted_at IS NULL OR counted_at < claimed_at);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'tiers are stored as a nurse who is claimed'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    DELETE FROM review.nurse_tier WHERE nurse_id = me;
    INSERT INTO review.nurse_tier (nurse_id, site_id, tier, episodes)
        SELECT me, site, tier, number FROM unnest(sites, tiers, episodes) AS t (site, tier, number);
END $$
"""
