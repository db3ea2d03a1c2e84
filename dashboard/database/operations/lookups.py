"""A check that the columns by which pages look rows up have an index.

The check reads PostgreSQL's query plans. If a relation is a view, the table behind the view must
have the index, on the same expression as in the view. For example, an index on ``id_patient`` does
not help if the view has ``id_patient::bigint``.
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
"""Pairs of a relation and a column by which pages look rows up.

The columns have ids of sites, practitioners, patients and episodes. In ``episode``, the ids of the
care team decide who may see a row.
"""


def missing_indexes(connection: Connection) -> list[str]:
    """Return a sentence for each column of ``LOOKED_UP`` that needs an index and has none.

    Without an index, each look-up reads the whole table. Columns that are missing, or that the
    current role may not read, are left out.
    """
    there = registry_kinds(connection)
    return [
        sentence
        for relation, column in LOOKED_UP
        if relation in there
        for sentence in _slow(connection, relation, column)
    ]


_NOBODY = "'-7777777777'::bigint"
"""An id that no row has, written as PostgreSQL writes it in a query plan."""


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
    """Return PostgreSQL's query plan; empty if the current role may not run the query."""
    asking = connection.begin_nested()
    try:
        # With these settings, PostgreSQL reads a whole table only if no index helps.
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
    """Yield each scan in a query plan that reads a whole table or a whole index.

    Each scan is yielded with the expression that the query compares with an id.
    """
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
    """Return whether the table fits on one page and has an index on the expression ``asked``.

    All scans of such a small table cost the same, so PostgreSQL's plan may use another index.
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
    """Return the expression that ``condition`` compares with an id; empty if there is none.

    For example, return ``(s.ipp)::bigint`` for ``(… AND ((s.ipp)::bigint = …))``.
    """
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
    """Return whether the index of this scan begins with the expression ``asked`` and is not
    partial.
    """
    found = connection.execute(
        text(
            "SELECT pg_get_indexdef(indexrelid, 1, false) AS first, indpred IS NULL AS whole"
            " FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
            " WHERE relname = :name AND relnamespace = to_regnamespace(quote_ident(:schema))"
        ),
        {"name": scan["Index Name"], "schema": scan["Schema"]},
    ).one()
    return bool(found.whole) and found.first.strip("()") == asked.strip("()")
