"""Comparison of a registry with the contract: the relations and columns that it must have.

The contract is described in docs/registry.md.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError

from dashboard.database.schema import registry
from dashboard.vocabulary import (
    Adherence,
    CareKind,
    ContactKind,
    EpisodeStatus,
    FlagKind,
    Role,
    SequenceKind,
    Sex,
)

CODES: dict[tuple[str, str], tuple[str, ...]] = {
    ("site", "department"): ("75", "78", "92", "93", "95"),
    ("site", "kind"): ("msp", "centre_sante", "cabinet_groupe", "cabinet_isole"),
    ("practitioner", "role"): tuple(Role),
    ("patient", "sex"): tuple(Sex),
    ("episode", "status"): tuple(EpisodeStatus),
    ("episode", "closed_reason"): (
        "completed",
        "referred_to_specialist",
        "lost",
        "refused",
        "moved",
        "deceased",
        "other",
    ),
    ("care_sequence", "kind"): tuple(SequenceKind),
    ("care_sequence", "number"): ("1", "2", "3", "4"),
    ("contact", "kind"): tuple(ContactKind),
    ("medication", "adherence"): tuple(Adherence),
    ("psychosocial_care", "kind"): tuple(CareKind),
    ("flag", "kind"): tuple(FlagKind),
}
"""The values that a coded column of the registry may have, by relation and column.

Instruments are not listed, because an unknown instrument is allowed. Its scores are plotted without
bands.
"""


@dataclass(frozen=True)
class Breach:
    """A difference between the registry and the contract.

    ``column`` is None if the whole relation is missing.
    """

    relation: str
    column: str | None
    expected: str
    found: str | None
    """The type that the registry's column has; None if the column or the relation is missing."""


def sql_type(column: Column[Any]) -> str:
    """Return the SQL type of ``column`` as PostgreSQL writes it, in lower case."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no types.
    return column.type.compile(dialect).lower()


def check_contract(connection: Connection, schema: str = "registry") -> list[Breach]:
    """Return each missing relation, missing column and wrong type, in the order of the contract.

    Views are checked like tables. Relations and columns that are not in the contract are ignored.
    """
    found = _columns(connection, schema)
    return [
        breach
        for table in registry.metadata.sorted_tables
        for breach in _breaches(table, found.get(table.name))
    ]


def report(breaches: Iterable[Breach], schema: str = "registry") -> str:
    """Return the differences from the contract as text for a person, one on each line."""
    return "\n".join(_line(breach, schema) for breach in breaches)


def is_breach(error: Exception) -> bool:
    """Return whether ``error`` means that a relation or a column does not exist."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _GONE


_GONE = ("42P01", "42703")
"""SQLSTATE codes of an undefined table and of an undefined column."""


def leaking_relations(connection: Connection) -> list[str]:
    """Return a sentence for each relation of the registry that cannot hide rows from a reader.

    Such relations are views without ``security_invoker``, which show all rows that their owner may
    see, materialised views and foreign tables.
    """
    return [
        _HIDES_NOTHING[row.relkind].format(row.relname)
        for row in connection.exec_driver_sql(_RELATIONS)
        if row.relname in registry_relations()
        and (row.relkind in "mf" or (row.relkind == "v" and not row.invoker))
    ]


def registry_kinds(connection: Connection) -> dict[str, str]:
    """Return the kind of each relation of the contract that exists, by its name.

    The kinds ``r`` and ``p`` are tables, ``v`` and ``m`` are views, ``f`` is a foreign table.
    """
    return {
        row.relname: row.relkind
        for row in connection.exec_driver_sql(_RELATIONS)
        if row.relname in registry_relations()
    }


def registry_relations() -> tuple[str, ...]:
    """Return the names of the contract's relations, each after the relations to which it refers."""
    return tuple(table.name for table in registry.metadata.sorted_tables)


_HIDES_NOTHING = {
    "v": "registry.{0} is a view without security_invoker: it shows everyone every row."
    " ALTER VIEW registry.{0} SET (security_invoker = true).",
    "m": "registry.{0} is a materialised view: no row of it can be hidden.",
    "f": "registry.{0} is a foreign table: no row of it can be hidden.",
}

_RELATIONS = """
SELECT relname, relkind,
       coalesce((SELECT option_value::boolean FROM pg_options_to_table(reloptions)
                 WHERE option_name = 'security_invoker'), false) AS invoker
FROM pg_class
WHERE relnamespace = to_regnamespace('registry') AND relkind IN ('r', 'p', 'v', 'm', 'f')
ORDER BY relname
"""

# Types are compared without length or precision, so numeric(8, 2) counts as numeric.
_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, NULL) AS type
FROM pg_class c
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = to_regnamespace(%s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
"""


def _columns(connection: Connection, schema: str) -> dict[str, dict[str, str]]:
    """Return the SQL type of each column in ``schema``, by relation and column."""
    found: dict[str, dict[str, str]] = {}
    for row in connection.exec_driver_sql(_COLUMNS, (schema,)):
        columns = found.setdefault(row.relname, {})
        if row.attname is not None:
            columns[row.attname] = row.type
    return found


def _breaches(table: Table, found: Mapping[str, str] | None) -> Iterator[Breach]:
    if found is None:
        yield Breach(table.name, None, "a table or a view", None)
        return
    for column in table.columns:
        expected = sql_type(column)
        if found.get(column.name) != expected:
            yield Breach(table.name, column.name, expected, found.get(column.name))


def _line(breach: Breach, schema: str) -> str:
    where = f"{schema}.{breach.relation}"
    if breach.column is not None:
        where += f".{breach.column}"
    if breach.found is None:
        return f"{where}: missing ({breach.expected})"
    return f"{where}: {breach.found} where {breach.expected} is expected"
