"""The columns that every page looks rows up by, and whether an index finds them.

The planner is asked, for an index on a table behind a view counts only where it holds the very
expression of the view: ``id_patient::bigint`` is not found by an index on ``id_patient``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from dashboard.database.schema import registry
from dashboard.database.schema.contract import registry_kinds

_NAMES = ("patient_id", "episode_id", "psychiatrist_id", "nurse_id", "gp_id")

LOOKED_UP = (
    ("site", "id"),
    ("practitioner", "id"),
    ("patient", "id"),
    ("episode", "id"),
    *(
        (table.name, column.name)
        for table in registry.metadata.sorted_tables
        for column in table.columns
        if column.name in _NAMES
    ),
)
"""Relation and column: who may see a row is decided by the care team on ``episode``, then by
``patient_id``."""


def missing_indexes(connection: Connection) -> list[str]:
    """Return sentences about the columns of ``LOOKED_UP`` for which whole tables would be read.

    Columns that are not there, or that the current role may not read, are left out.
    """
    there = registry_kinds(connection)
    return [
        sentence
        for relation, column in LOOKED_UP
        if relation in there
        for sentence in _slow(connection, relation, column)
    ]


_NOBODY = "'-7777777777'::bigint"
"""An id that no row has, as the planner writes it."""


def _slow(connection: Connection, relation: str, column: str) -> Iterator[str]:
    query = f"SELECT FROM registry.{relation} WHERE {column} = {_NOBODY}"
    for scan, asked in _whole_reads(connection, _plan(connection, query)):
        table = f"{scan['Schema']}.{scan['Relation Name']}"
        behind = "" if scan["Schema"] == "registry" else f" in {table}, which is behind it"
        yield (
            f"registry.{relation}.{column} has no index{behind}: pages will be slow."
            f" CREATE INDEX ON {table} ({asked if asked.isidentifier() else f'({asked})'});"
        )


def _plan(connection: Connection, query: str) -> Mapping[str, Any]:
    """Return how PostgreSQL would answer; empty where it may not be asked."""
    asking = connection.begin_nested()
    try:
        # With an index to use, none of these is worth it; without one, nothing else is there.
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        explained = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON, VERBOSE) {query}").scalar()
    except DBAPIError:
        return {}
    finally:
        asking.rollback()
    return explained[0]["Plan"] if explained else {}


def _whole_reads(
    connection: Connection, node: Mapping[str, Any]
) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield the scans of a whole table or index, with the expression that is asked for."""
    for condition in ("Filter", "Index Cond"):
        asked = _expression(node.get(condition, "")).replace(f"{node.get('Alias')}.", "")
        if not asked or "Relation Name" not in node:
            continue
        if condition == "Filter" and _is_one_page_with_index(connection, node, asked):
            continue
        if condition == "Filter" or not _begins_with(connection, node, asked):
            yield node, asked
    for inner in node.get("Plans", ()):
        yield from _whole_reads(connection, inner)


def _is_one_page_with_index(connection: Connection, scan: Mapping[str, Any], asked: str) -> bool:
    """Whether an index was read whole, of a table of one page, beside one that finds the row.

    To the planner the two cost the same there, and it may take either.
    """
    if "Index Name" not in scan:
        return False
    found = connection.execute(
        text(
            "SELECT pg_relation_size(c.oid) <= current_setting('block_size')::int AS is_one_page,"
            " array(SELECT pg_get_indexdef(indexrelid, 1, false) FROM pg_index"
            "       WHERE indrelid = c.oid AND indisvalid AND indpred IS NULL) AS firsts"
            " FROM pg_class c"
            " WHERE relname = :name AND relnamespace = to_regnamespace(quote_ident(:schema))"
        ),
        {"name": scan["Relation Name"], "schema": scan["Schema"]},
    ).one()
    return found.is_one_page and asked.strip("()") in {one.strip("()") for one in found.firsts}


def _expression(condition: str) -> str:
    """Return ``(s.ipp)::bigint`` of ``(… AND ((s.ipp)::bigint = …))``, or nothing."""
    before, found, _ = condition.partition(f" = {_NOBODY}")
    if not found:
        return ""
    depth = 0
    for place in range(len(before) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(before[place], 0)
        if depth < 0:
            return before[place + 1 :]
    return before


def _begins_with(connection: Connection, scan: Mapping[str, Any], asked: str) -> bool:
    """Return whether the index is in this order first, and leaves out no row."""
    found = connection.execute(
        text(
            "SELECT pg_get_indexdef(indexrelid, 1, false) AS first, indpred IS NULL AS whole"
            " FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
            " WHERE relname = :name AND relnamespace = to_regnamespace(quote_ident(:schema))"
        ),
        {"name": scan["Index Name"], "schema": scan["Schema"]},
    ).one()
    return bool(found.whole) and found.first.strip("()") == asked.strip("()")
