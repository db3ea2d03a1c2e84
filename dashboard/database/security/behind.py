"""The relations that the application's database role can read besides those of the contract.

Most of them are tables behind the registry's views. A ``security_invoker`` view shows the rows that
its reader may read in the tables behind it. The row security that hides other people's patients
must therefore be on these tables. PostgreSQL's catalogue says which tables are behind a view, even
through other views, and which policies each table has.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, text

from dashboard.database.counts.lead_counts import COUNT_VISIBILITY
from dashboard.database.schema.contract import registry_relations
from dashboard.database.schema.roles import APP_ROLE
from dashboard.database.security.policies import GRANTS, LOADED, REFERENCE_TABLES

DECLARED = "case_review_reference"
"""Name of the policy with which a site declares that a table behind the views has no patient
data.
"""


@dataclass(frozen=True)
class Reached:
    """A relation that the application's role can read, directly or through views of the
    registry.
    """

    name: str
    """The name of the relation with its schema, quoted where SQL needs it."""
    schema: str
    kind: str
    """The kind: ``r`` or ``p`` for a table, ``v`` or ``m`` for a view, ``f`` for a foreign
    table.
    """
    entries: tuple[str, ...]
    """The views of the registry through which this relation is read; empty if there are none."""
    as_reader: bool
    """Whether the relation is read with the rights of the reader.

    This is so if at least one chain of views that leads to it has only ``security_invoker`` views.
    """
    invoker: bool
    """Whether the relation itself is a view with ``security_invoker``."""
    row_security: bool
    admitted: bool
    """Whether a policy of the relation allows the application's role to read rows."""
    limited: bool
    """Whether the policies of the relation can hide rows from the application's role."""
    declared: bool
    """Whether the site has declared that the relation has no patient data (``DECLARED``)."""
    schema_usable: bool
    readable: bool
    """Whether the application's role may read at least one column of the relation."""
    columns_refused: tuple[str, ...]
    """The columns that the registry's views need, but that the application's role may not read."""

    @property
    def about_patients(self) -> bool:
        """Whether the relation can hold patient data.

        It cannot if only the registry's views of sites and practitioners read it.
        """
        return not self.entries or not set(self.entries) <= set(REFERENCE_TABLES)

    @property
    def must_hide(self) -> bool:
        """Whether the relation is a table that must hide other people's patients from its
        reader.
        """
        return self.kind in "rp" and self.about_patients and not self.declared

    @property
    def where(self) -> str:
        """The relation in words for a sentence: ``dossier.suivi, behind registry.episode,``."""
        if not self.entries:
            return f"{self.name}, which the role {APP_ROLE} can read,"
        behind = " and ".join(f"registry.{entry}" for entry in self.entries)
        return f"{self.name}, behind {behind},"


def reached_relations(connection: Connection) -> list[Reached]:
    """Return the relations behind the registry's views, and all others that the role can read.

    The role is that of the application. A relation can be behind several views, at any depth. The
    relations of the contract, ``registry.loaded``, those of the schema ``review`` that the role may
    read, and those of the system and of extensions are left out.
    """
    known = {
        "role": APP_ROLE,
        "declared": DECLARED,
        "contract": list(registry_relations()),
        "known": [
            *(f"registry.{name}" for name in registry_relations()),
            f"registry.{LOADED}",
            *(f"review.{name}" for name in (*GRANTS, *COUNT_VISIBILITY)),
        ],
    }
    return [
        Reached(
            name=row.name,
            schema=row.schema,
            kind=row.kind,
            entries=tuple(row.entries),
            as_reader=row.as_reader,
            invoker=row.invoker,
            row_security=row.row_security,
            admitted=row.admitted,
            limited=row.limited,
            declared=row.declared,
            schema_usable=row.schema_usable,
            readable=row.readable,
            columns_refused=tuple(row.columns_refused),
        )
        for row in connection.execute(text(_REACHED), known)
    ]


def open_behind(reached: Iterable[Reached]) -> Iterator[str]:
    """Yield sentences about relations that show all patients to anybody with the application's
    role.
    """
    for one in reached:
        if one.about_patients and not one.declared:
            yield from _open(one)


def refused_behind(reached: Iterable[Reached]) -> Iterator[str]:
    """Yield sentences about tables behind the registry's views that the application cannot read.

    Each sentence says which right or policy is missing.
    """
    lacking = [one for one in reached if one.entries and one.as_reader]
    for schema in sorted({one.schema for one in lacking if not one.schema_usable}):
        yield (
            f"The role {APP_ROLE} may not use schema {schema}, where tables behind the views are:"
            f" GRANT USAGE ON SCHEMA {schema} TO {APP_ROLE};"
        )
    for one in lacking:
        if one.columns_refused or not one.readable:
            columns = f" ({', '.join(one.columns_refused)})" if one.columns_refused else ""
            yield (
                f"The role {APP_ROLE} may not read {one.where.rstrip(',')}:"
                f" GRANT SELECT{columns} ON {one.name} TO {APP_ROLE};"
            )
    for one in lacking:
        if one.kind in "rp" and one.row_security and not one.admitted:
            yield (
                f"No policy on {one.where} admits the role {APP_ROLE}, so nobody would see a row:"
                f" CREATE POLICY case_review_admits ON {one.name} TO {APP_ROLE} USING (true);"
            )


def definer_functions(connection: Connection) -> list[str]:
    """Return a sentence for each SECURITY DEFINER function that a view about patients calls.

    Such a function reads with the rights of its owner, so no policy hides rows from it.
    """
    given = {"contract": [one for one in registry_relations() if one not in REFERENCE_TABLES]}
    return [
        f"registry.{row.entry} calls {row.function}, which is SECURITY DEFINER: it reads with the"
        f" rights of its owner, and no policy hides a row from it. Make it SECURITY INVOKER."
        for row in connection.execute(text(_DEFINERS), given)
    ]


def _open(one: Reached) -> Iterator[str]:
    if one.kind == "v" and not one.entries:
        yield f"{one.where} is none of the contract's: {_revoked(one)}"
    elif one.kind == "v" and not one.invoker:
        yield (
            f"{one.where} is a view without security_invoker: it shows everyone every row."
            f" ALTER VIEW {one.name} SET (security_invoker = true);"
        )
    elif one.kind in "mf":
        kind = "materialised view" if one.kind == "m" else "foreign table"
        mend = _revoked(one) if not one.entries else "Read the tables, or use init --copy."
        yield f"{one.where} is a {kind}: no row of it can be hidden. {mend}"
    elif one.kind in "rp" and not one.row_security:
        mend = (
            f"ALTER TABLE {one.name} ENABLE ROW LEVEL SECURITY; and its policies"
            " (docs/connecting.md)."
        )
        yield f"{one.where} has no row security: {mend if one.entries else _revoked(one)}"
    elif one.kind in "rp" and not one.limited:
        yield (
            f"{one.where} has no policy that hides other people's rows from the role {APP_ROLE}:"
            f" CREATE POLICY case_review_reads ON {one.name} AS RESTRICTIVE TO {APP_ROLE}"
            " USING (…); (docs/connecting.md)."
        )


def _revoked(one: Reached) -> str:
    return f"REVOKE ALL ON {one.name} FROM {APP_ROLE}, PUBLIC;"


_INVOKER = """coalesce((
    SELECT option_value::boolean FROM pg_options_to_table({0}.reloptions)
    WHERE option_name = 'security_invoker'), false)"""

# The relations and columns that each view reads, in SQL.
_READS = """
    reads AS (
        SELECT r.ev_class AS reader, d.refobjid AS relation, d.refobjsubid AS number
        FROM pg_rewrite r
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
         AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
        WHERE r.ev_type = '1'
    ),
    entries AS (
        SELECT oid, relname::text AS entry FROM pg_class
        WHERE relnamespace = to_regnamespace('registry') AND relname = ANY (:contract)
          AND relkind IN ('v', 'm')
    )
"""

_REACHED = f"""
WITH RECURSIVE {_READS},
    behind AS (
        SELECT e.entry, e.oid AS reader, r.relation, {_INVOKER.format("c")} AS as_reader
        FROM entries e JOIN reads r ON r.reader = e.oid JOIN pg_class c ON c.oid = e.oid
        UNION
        SELECT b.entry, c.oid, r.relation, b.as_reader AND {_INVOKER.format("c")}
        FROM behind b JOIN reads r ON r.reader = b.relation JOIN pg_class c ON c.oid = b.relation
    ),
    app AS (SELECT to_regrole(:role)::oid AS oid),
    -- The role, and all roles that it inherits from or may switch to. It can read what they can.
    mine AS (
        SELECT r.oid FROM pg_roles r, app
        WHERE NOT r.rolsuper AND pg_has_role(app.oid, r.oid, 'MEMBER')
    ),
    relation AS (
        SELECT c.*, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
          AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
          AND n.nspname || '.' || c.relname <> ALL (:known)
          AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_class'::regclass
                          AND x.objid = c.oid AND x.deptype = 'e')
    ),
    applying AS (
        SELECT p.polrelid, p.polname, p.polpermissive,
               pg_get_expr(p.polqual, p.polrelid) AS condition
        FROM pg_policy p, app
        WHERE p.polcmd IN ('r', '*') AND (0 = ANY (p.polroles) OR app.oid = ANY (p.polroles))
    )
SELECT quote_ident(c.nspname) || '.' || quote_ident(c.relname) AS name,
       quote_ident(c.nspname) AS schema, c.relkind::text AS kind,
       found.entries, found.as_reader, {_INVOKER.format("c")} AS invoker,
       c.relrowsecurity AS row_security,
       EXISTS (SELECT FROM applying a WHERE a.polrelid = c.oid AND a.polpermissive) AS admitted,
       EXISTS (SELECT FROM applying a WHERE a.polrelid = c.oid
               AND NOT a.polpermissive AND a.condition <> 'true')
       OR NOT EXISTS (SELECT FROM applying a WHERE a.polrelid = c.oid
                      AND a.polpermissive AND a.condition = 'true') AS limited,
       EXISTS (SELECT FROM applying a WHERE a.polrelid = c.oid AND a.polname = :declared)
           AS declared,
       coalesce((SELECT has_schema_privilege(app.oid, c.relnamespace, 'USAGE') FROM app), false)
           AS schema_usable,
       EXISTS (SELECT FROM mine WHERE has_any_column_privilege(mine.oid, c.oid, 'SELECT'))
           AS readable,
       ARRAY (
           SELECT DISTINCT quote_ident(a.attname) FROM behind b
           JOIN reads r ON r.reader = b.reader AND r.relation = c.oid
           JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = r.number AND a.attnum > 0
           CROSS JOIN app
           WHERE b.relation = c.oid
             AND NOT coalesce(has_column_privilege(app.oid, c.oid, a.attnum, 'SELECT'), false)
           ORDER BY 1
       ) AS columns_refused
FROM relation c
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(DISTINCT entry ORDER BY entry), '{{}}') AS entries,
           coalesce(bool_or(as_reader), true) AS as_reader
    FROM behind WHERE behind.relation = c.oid
) found
WHERE cardinality(found.entries) > 0
   OR EXISTS (SELECT FROM mine WHERE has_any_column_privilege(mine.oid, c.oid, 'SELECT')
              AND has_schema_privilege(mine.oid, c.relnamespace, 'USAGE'))
ORDER BY 1
"""

_DEFINERS = f"""
WITH RECURSIVE {_READS},
    behind AS (
        SELECT entry, oid AS reader FROM entries
        UNION
        SELECT b.entry, r.relation FROM behind b JOIN reads r ON r.reader = b.reader
    )
SELECT DISTINCT b.entry, p.oid::regprocedure::text AS function
FROM behind b
JOIN pg_rewrite r ON r.ev_class = b.reader
JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
 AND d.refclassid = 'pg_proc'::regclass
JOIN pg_proc p ON p.oid = d.refobjid AND p.prosecdef
ORDER BY 1, 2
"""
