"""The counts for medical leads, with the rules on who may read them and how they are recomputed.

A lead may not see any patient's record. So a function with the owner's rights, which can read all
records, writes counts into tables. Row security shows each lead the counts of the sites that the
lead watches. Nobody else sees the counts.

The functions work only in a transaction in which nobody acts. A background thread of the server and
a command open such transactions. There are two steps. First, ``count_sites`` takes the sites with
the oldest counts. It writes their exact counts, many of them small, into tables that the
application cannot read. Then a process claims an area. An area is a department, or all sites if
there are few. The process rounds the area's exact counts to steps (``clinical.sites.protection``).
``store_counts`` writes the rounded counts into the tables that leads read. Several processes share
the work, because each process skips what another has claimed.

A lead who watches all sites sees thousands of sites together, so the sums over all sites are stored
too. One transaction adds the new counts of a site to the sums and subtracts the old ones. So the
sums always match the counts.

The tiers of open episodes are computed by rules in Python. To count the tiers, a process claims a
nurse and reads the open episodes with this nurse's rights. The function ``store_tiers_in_steps``
then stores the counts by site and tier, also rounded to steps. It accepts counts only from a
session that acts as a claimed nurse.
"""

from collections.abc import Iterator

from sqlalchemy import Connection

from dashboard.clinical.sites.indicators import ALL, INDICATORS
from dashboard.database.counts.counting import counting_functions
from dashboard.database.schema.roles import APP_ROLE

_ME = "review.acting_practitioner()"
_A_LEAD = f"(SELECT FROM registry.practitioner WHERE id = {_ME} AND role = 'lead' AND active)"
_WATCHED = f"(SELECT site_id FROM registry.practitioner_site WHERE practitioner_id = {_ME})"

# The condition uses IN and not = ANY (ARRAY …), because a lead may watch thousands of sites and IN
# looks them up by hash. A lead without any site watches all sites (docs/registry.md).
WATCHED_SITES = (
    f"(SELECT EXISTS {_A_LEAD}) AND (NOT (SELECT EXISTS {_WATCHED}) OR site_id IN {_WATCHED})"
)
_WATCHES_ALL = f"(SELECT EXISTS {_A_LEAD}) AND NOT (SELECT EXISTS {_WATCHED})"

# A site whose counts are not yet rounded to steps still has exact counts, which nobody may see.
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
    # Leads who watch the nurse's sites see the age of the nurse's counts.
    "nurse_counted": ("nurse_id IN (SELECT nurse_id FROM review.nurse_tier)"),
    # Every lead may see this table. It holds the numbers of imported rows, and names no site and no
    # person.
    "registry_import": f"(SELECT EXISTS {_A_LEAD})",
}
"""The SQL condition on the rows that can be read, by table of counts.

The application cannot write these tables.
"""


EXACT_COUNTS = ("exact_month", "exact_wait", "exact_work", "count_secret")
"""The tables from which the counts for leads are made.

The application may neither read nor write them.
"""

AREA_SITES = 50
"""Largest number of sites that form a single area.

If there are more sites, each department is an area.
"""


def make_counts_due(connection: Connection) -> None:
    """Mark every site and nurse to be counted again, after the records have changed.

    Only the owner of the database may call this. Leads see the old counts, with their age, until
    the new counts are made.
    """
    for table in ("site_counted", "nurse_counted"):
        connection.exec_driver_sql(f"UPDATE review.{table} SET as_of = NULL")


def counting_for_leads(service_role: str) -> Iterator[str]:
    """Yield the SQL statements that create the functions that count for leads."""
    yield from counting_functions()
    # Only servers older than migration 0019 call ``store_tiers``. No such server can run after
    # migration 0020.
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
            # An earlier version of ``claim_nurse`` returned only the nurse. It is dropped first,
            # because PostgreSQL cannot replace a function by one that returns another type.
            yield "DROP FUNCTION IF EXISTS review.claim_nurse(interval, interval)"
        yield function
        yield f"REVOKE ALL ON FUNCTION review.{arguments} FROM PUBLIC, {APP_ROLE}"
        yield f"GRANT EXECUTE ON FUNCTION review.{arguments} TO {service_role}"


_NUMBERS = [column for indicator in INDICATORS.values() for column in indicator.columns]


def _added(table: str, was: str, of: str, keys: str, numbers: list[str]) -> str:
    """Return SQL that adds the new counts to the sums in ``table`` and subtracts the old ones.

    The new counts are in the table ``of``, the old counts in the variable ``was``. Only changed
    rows are written, because the counts of past months rarely change. All processes write the rows
    in the same order, so that they cannot deadlock.
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

# Servers of an earlier version, which had no separate exact counts, call ``count_sites`` too. Leads
# do not see the counts that such a server makes.
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

# An area can be claimed when all its sites are counted. At least one of the sites must have been
# counted after the area's counts were last rounded.
_CLAIM_AREA = f"""
CREATE OR REPLACE FUNCTION review.claim_area(unless_since interval) RETURNS bigint[]
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    area bigint[];
    taken bigint[];
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
        SELECT array_agg(site_id ORDER BY site_id) INTO taken FROM (
            SELECT site_id FROM review.site_counted
            WHERE site_id = ANY (area) AND (protected_at IS NULL OR protected_at < counted_at)
            ORDER BY site_id FOR UPDATE SKIP LOCKED
        ) locked;
        CONTINUE WHEN taken IS NULL;
        PERFORM FROM review.site_counted WHERE site_id = ANY (area) ORDER BY site_id FOR UPDATE;
        RETURN area;
    END LOOP;
    RETURN NULL;
END $$
"""


def _exact(table: str) -> str:
    """Return SQL that creates a function that returns the exact counts of sites in ``table``.

    The function raises an error if a practitioner is acting.
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
    """Return SQL that deletes counts from ``table`` and puts the deleted rows into ``into``.

    It deletes the counts of the sites in the variable ``sites``, and of sites that the registry no
    longer has.
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
    -- Last, for these rows are everybody's: whoever stores other sites waits for them.
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
    -- Random, 244 bits: whoever presents it reads as the nurse while the claim lasts.
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
