"""The counts for medical leads: who may read them, and how they are made.

A lead may not see any patient's record. Functions with the rights of the owner, which can read all
records, therefore write counts into tables. Row security shows each lead the counts of the sites
that the lead watches. Nobody else can read them.

The counts of sites are made in two steps, by a background thread of the server or by a command.
First, ``count_sites`` writes the exact counts of some sites into tables that the application cannot
read. Then a process claims an area, which is a department, or all sites if there are few. It rounds
the exact counts to steps (``clinical.sites.protection``), and ``store_counts`` writes them into the
tables that leads read. The sums over all sites are stored too, and are updated in the same
transaction.

The tiers of open episodes are computed by rules in Python. A process claims a nurse, reads the open
episodes with the rights of this nurse, and counts the tiers. ``store_tiers_in_steps`` stores the
rounded counts. It accepts counts only from a process that has claimed the nurse.
"""

from collections.abc import Iterator

from sqlalchemy import Connection

from dashboard.clinical.sites.indicators import ALL, INDICATORS
from dashboard.database.counts.counting import counting_functions
from dashboard.database.schema.roles import APP_ROLE

_ME = "review.acting_practitioner()"
_A_LEAD = f"(SELECT FROM registry.practitioner WHERE id = {_ME} AND role = 'lead' AND active)"
_WATCHED = f"(SELECT site_id FROM registry.practitioner_site WHERE practitioner_id = {_ME})"

# IN is used and not = ANY (ARRAY …), because IN looks sites up by hash and a lead may watch
# thousands of them. A lead without any site watches all sites (docs/registry.md).
WATCHED_SITES = (
    f"(SELECT EXISTS {_A_LEAD}) AND (NOT (SELECT EXISTS {_WATCHED}) OR site_id IN {_WATCHED})"
)
_WATCHES_ALL = f"(SELECT EXISTS {_A_LEAD}) AND NOT (SELECT EXISTS {_WATCHED})"

# The counts of a site are visible only after they were rounded to steps. An earlier version stored
# exact counts in the same tables, which nobody may see.
_PROTECTED = "site_id IN (SELECT site_id FROM review.site_counted WHERE protected_at IS NOT NULL)"
_ALL_PROTECTED = "NOT (SELECT EXISTS (SELECT FROM review.site_counted WHERE protected_at IS NULL))"

COUNT_VISIBILITY: dict[str, str] = {
    "site_counted": WATCHED_SITES,
    "site_month": f"{WATCHED_SITES} AND {_PROTECTED}",
    "site_wait": f"{WATCHED_SITES} AND {_PROTECTED}",
    "site_waited": f"{WATCHED_SITES} AND {_PROTECTED}",
    "every_month": f"{_WATCHES_ALL} AND {_ALL_PROTECTED}",
    "every_wait": f"{_WATCHES_ALL} AND {_ALL_PROTECTED}",
    "site_work": f"{WATCHED_SITES} AND {_PROTECTED}",
    "nurse_tier": f"{WATCHED_SITES} AND in_steps",
    # The row says when a nurse's counts were made. The leads who watch the nurse's sites see it.
    "nurse_counted": ("nurse_id IN (SELECT nurse_id FROM review.nurse_tier)"),
    # Every lead may read this table. It has only numbers of imported rows, and no site or person.
    "registry_import": f"(SELECT EXISTS {_A_LEAD})",
}
"""The SQL condition on the rows that a practitioner may read, by name of the table of counts.

The application cannot write these tables.
"""


EXACT_COUNTS = ("exact_month", "exact_wait", "exact_work", "count_secret")
"""The tables with the exact counts, and with the secret that chooses the steps of rounding.

The application may neither read nor write them.
"""

AREA_SITES = 50
"""Largest number of sites that form one area, whose counts are rounded together.

If there are more sites, each department is an area.
"""


def make_counts_due(connection: Connection) -> None:
    """Mark every site and every nurse to be counted again.

    Call this after the records have changed. Only the owner of the database may do this. Leads see
    the old counts, with their age, until the new counts are made.
    """
    for table in ("site_counted", "nurse_counted"):
        connection.exec_driver_sql(f"UPDATE review.{table} SET as_of = NULL")


def counting_for_leads(service_role: str) -> Iterator[str]:
    """Yield the SQL statements that create the functions that make the counts for leads."""
    yield from counting_functions()
    # ``store_tiers`` is removed, because only servers older than migration 0019 call it, and they
    # no longer run after migration 0020.
    yield "DROP FUNCTION IF EXISTS review.store_tiers(date, bigint[], integer[], integer[])"
    for function, arguments in (
        (_COUNT_SITES, "count_sites(date, integer, interval)"),
        (_CLAIM_AREA, "claim_area(interval)"),
        *((_exact(name), f"{name}s_of(bigint[])") for name in EXACT_COUNTS[:3]),
        (_SECRET_OF_COUNTS, "secret_of_counts()"),
        (_STORE_COUNTS, "store_counts(bigint[], jsonb, jsonb, jsonb)"),
        (_CLAIM_NURSE, "claim_nurse(interval, interval)"),
        (_STORE_TIERS, "store_tiers_in_steps(date, bigint[], integer[], integer[])"),
    ):
        if function is _CLAIM_NURSE:
            # The function is dropped first, because its earlier version has another result type,
            # and CREATE OR REPLACE cannot change the type.
            yield "DROP FUNCTION IF EXISTS review.claim_nurse(interval, interval)"
        yield function
        yield f"REVOKE ALL ON FUNCTION review.{arguments} FROM PUBLIC, {APP_ROLE}"
        yield f"GRANT EXECUTE ON FUNCTION review.{arguments} TO {service_role}"
    yield _EVERY_NURSE_COUNTED_AT
    yield "REVOKE ALL ON FUNCTION review.every_nurse_counted_at() FROM PUBLIC"
    yield f"GRANT EXECUTE ON FUNCTION review.every_nurse_counted_at() TO {APP_ROLE}"


_NUMBERS = [column for indicator in INDICATORS.values() for column in indicator.columns]


def _added(table: str, was: str, of: str, keys: str, numbers: list[str]) -> str:
    """Return SQL that updates the sums over all sites in ``table`` after some sites were counted.

    The SQL adds the new counts, from the table ``of``, and subtracts the old counts, from the SQL
    variable ``was``. It writes only changed rows, because the counts of past months rarely change.
    It writes them in a fixed order, so that two processes cannot deadlock.
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


_WHERE_NOBODY_ACTS = """
    IF review.acting_practitioner() IS NOT NULL THEN
        RAISE EXCEPTION 'sites are counted where nobody acts'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
"""

# Servers of an earlier version call ``count_sites`` too and do not round its counts. Leads do not
# see these counts, because they are written into the tables of exact counts.
_COUNT_SITES = f"""
CREATE OR REPLACE FUNCTION review.count_sites(as_of date, most integer, unless_since interval)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    sites bigint[];
    gone bigint[];
BEGIN
    {_WHERE_NOBODY_ACTS}
    INSERT INTO review.site_counted (site_id)
        SELECT id FROM registry.site ON CONFLICT DO NOTHING;
    WITH removed AS (
        DELETE FROM review.site_counted
        WHERE site_id NOT IN (SELECT id FROM registry.site) RETURNING site_id
    ) SELECT array_agg(site_id) INTO gone FROM removed;
    IF gone IS NOT NULL THEN
        UPDATE review.site_counted SET protected_at = NULL;
    END IF;
    SELECT array_agg(due.site_id) INTO sites FROM (
        SELECT site_id FROM review.site_counted c
        WHERE c.as_of IS NULL OR exactly_at IS NULL
           OR counted_at <= clock_timestamp() - unless_since
        ORDER BY c.as_of IS NOT NULL, counted_at NULLS FIRST, site_id
        LIMIT most FOR UPDATE SKIP LOCKED
    ) due;
    IF sites IS NULL AND gone IS NULL THEN
        RETURN 0;
    END IF;
    sites := coalesce(sites, '{{}}');
    DELETE FROM review.exact_month WHERE site_id = ANY (sites || gone);
    DELETE FROM review.exact_wait WHERE site_id = ANY (sites || gone);
    DELETE FROM review.exact_work WHERE site_id = ANY (sites || gone);
    INSERT INTO review.exact_month SELECT * FROM review.counts_of_sites(sites, as_of)
        WHERE kind <> '{ALL}' AND severity <> '{ALL}';
    INSERT INTO review.exact_wait SELECT * FROM review.waits_of_sites(sites, as_of);
    INSERT INTO review.exact_work SELECT * FROM review.work_of_sites(sites, as_of);
    UPDATE review.site_counted
        SET counted_at = clock_timestamp(), exactly_at = clock_timestamp(),
            as_of = count_sites.as_of
        WHERE site_id = ANY (sites);
    RETURN cardinality(sites);
END $$
"""

# ``claim_area`` returns an area whose sites were all counted within ``unless_since``. At least one
# of them must have been counted since the area's counts were last rounded.
_CLAIM_AREA = f"""
CREATE OR REPLACE FUNCTION review.claim_area(unless_since interval) RETURNS bigint[]
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    area bigint[];
BEGIN
    {_WHERE_NOBODY_ACTS}
    FOR area IN
        SELECT array_agg(c.site_id ORDER BY c.site_id)
        FROM review.site_counted c JOIN registry.site s ON s.id = c.site_id
        GROUP BY CASE WHEN (SELECT count(*) FROM registry.site) > {AREA_SITES}
                      THEN s.department END
        HAVING bool_and(c.as_of IS NOT NULL AND exactly_at IS NOT NULL
                        AND counted_at > clock_timestamp() - unless_since)
           AND bool_or(protected_at IS NULL OR protected_at < counted_at)
        ORDER BY min(protected_at) NULLS FIRST, 1
    LOOP
        -- Two processes that each hold some sites of an area would wait for each other.
        PERFORM FROM review.site_counted WHERE site_id = area[1] FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        PERFORM FROM review.site_counted WHERE site_id = ANY (area) ORDER BY site_id FOR UPDATE;
        -- Another process may have rounded the counts since the areas were read.
        CONTINUE WHEN NOT EXISTS (
            SELECT FROM review.site_counted
            WHERE site_id = ANY (area) AND (protected_at IS NULL OR protected_at < counted_at)
        );
        RETURN area;
    END LOOP;
    RETURN NULL;
END $$
"""


def _exact(table: str) -> str:
    """Return SQL for a function that returns the exact counts of some sites from ``table``.

    The function raises an error in a transaction that runs for a practitioner.
    """
    return f"""
CREATE OR REPLACE FUNCTION review.{table}s_of(sites bigint[]) RETURNS SETOF review.{table}
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    {_WHERE_NOBODY_ACTS}
    RETURN QUERY SELECT * FROM review.{table} WHERE site_id = ANY (sites);
END $$
"""


_SECRET_OF_COUNTS = f"""
CREATE OR REPLACE FUNCTION review.secret_of_counts() RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    {_WHERE_NOBODY_ACTS}
    INSERT INTO review.count_secret (purpose, secret)
        VALUES ('steps', gen_random_uuid()::text) ON CONFLICT DO NOTHING;
    RETURN (SELECT secret FROM review.count_secret WHERE purpose = 'steps');
END $$
"""

_SUMS = ", ".join(f"coalesce(sum({name}), 0)::integer" for name in _NUMBERS)


def _removed(table: str, into: str) -> str:
    """Return SQL that moves the old counts from ``table`` into the SQL variable ``into``.

    The old counts are those of the sites in the SQL variable ``sites``, and of sites that are no
    longer in the registry.
    """
    return f"""
    WITH removed AS (
        DELETE FROM review.{table}
        WHERE site_id = ANY (sites) OR site_id NOT IN (SELECT id FROM registry.site)
        RETURNING {table}.*
    ) SELECT coalesce(array_agg(removed::review.{table}), '{{}}') INTO {into} FROM removed;
    """


_STORE_COUNTS = f"""
CREATE OR REPLACE FUNCTION review.store_counts(
    sites bigint[], months jsonb, waits jsonb, work jsonb
) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    months_before review.site_month[];
    waits_before review.site_wait[];
BEGIN
    {_WHERE_NOBODY_ACTS}
    {_removed("site_month", "months_before")}
    {_removed("site_wait", "waits_before")}
    DELETE FROM review.site_waited
        WHERE site_id = ANY (sites) OR site_id NOT IN (SELECT id FROM registry.site);
    DELETE FROM review.site_work
        WHERE site_id = ANY (sites) OR site_id NOT IN (SELECT id FROM registry.site);
    INSERT INTO review.site_month (kind, severity, site_id, nurse_id, month, {", ".join(_NUMBERS)})
        SELECT CASE WHEN grouping(kind) = 1 THEN '{ALL}' ELSE kind END,
               CASE WHEN grouping(severity) = 1 THEN '{ALL}' ELSE severity END,
               site_id, nurse_id, month, {_SUMS}
        FROM jsonb_populate_recordset(NULL::review.site_month, months)
        WHERE site_id = ANY (sites)
        GROUP BY site_id, nurse_id, month,
                 GROUPING SETS ((), (kind), (severity), (kind, severity));
    INSERT INTO review.site_wait
        SELECT * FROM jsonb_populate_recordset(NULL::review.site_wait, waits)
        WHERE site_id = ANY (sites);
    INSERT INTO review.site_waited (wait, site_id, nurse_id, month, cases)
        SELECT wait, site_id, nurse_id, month, sum(cases) FROM review.site_wait
        WHERE site_id = ANY (sites) GROUP BY wait, site_id, nurse_id, month;
    INSERT INTO review.site_work
        SELECT * FROM jsonb_populate_recordset(NULL::review.site_work, work)
        WHERE site_id = ANY (sites);
    UPDATE review.site_counted SET protected_at = clock_timestamp() WHERE site_id = ANY (sites);
    -- These rows belong to all sites. They are changed last, so that other processes wait briefly.
    {_added("every_month", "months_before", "site_month", "kind, severity, month", _NUMBERS)}
    {_added("every_wait", "waits_before", "site_wait", "wait, month, days", ["cases"])}
END $$
"""

_CLAIM_NURSE = """
CREATE FUNCTION review.claim_nurse(unless_since interval, lease interval)
RETURNS TABLE (nurse bigint, claim text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    claimed bigint;
    -- It has 244 random bits, because it lets its holder read as the nurse during the claim.
    made text := gen_random_uuid()::text || gen_random_uuid()::text;
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
    IF claimed IS NULL THEN
        RETURN;
    END IF;
    UPDATE review.nurse_counted
        SET claimed_at = clock_timestamp(),
            claim_hash = encode(sha256(convert_to(made, 'UTF8')), 'hex')
        WHERE nurse_id = claimed;
    RETURN QUERY SELECT claimed, made;
END $$
"""

_STORE_TIERS = """
CREATE OR REPLACE FUNCTION review.store_tiers_in_steps(
    as_of date, sites bigint[], tiers integer[], episodes integer[]
) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me bigint := review.acting_practitioner();
BEGIN
    UPDATE review.nurse_counted c
        SET counted_at = clock_timestamp(), as_of = store_tiers_in_steps.as_of, claim_hash = NULL
        WHERE nurse_id = me AND (counted_at IS NULL OR counted_at < claimed_at);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'tiers are stored as a nurse who is claimed'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    DELETE FROM review.nurse_tier WHERE nurse_id = me;
    INSERT INTO review.nurse_tier (nurse_id, site_id, tier, episodes, in_steps)
        SELECT me, site, tier, number, true
        FROM unnest(sites, tiers, episodes) AS t (site, tier, number);
END $$
"""

# Once every nurse was counted, a site without rows in ``nurse_tier`` has no open episode of a
# nurse. Before that, the result is null.
_EVERY_NURSE_COUNTED_AT = """
CREATE OR REPLACE FUNCTION review.every_nurse_counted_at() RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT min(c.counted_at)
    FROM registry.practitioner p LEFT JOIN review.nurse_counted c ON c.nurse_id = p.id
    WHERE p.role = 'nurse'
    HAVING bool_and(c.counted_at IS NOT NULL)
$$
"""
