"""A registry that is a copy of views, for sites that want no policies on their own tables.

The views are in the schema ``registry_source``, which the application may not read. They have the
names, columns and types of the contract (docs/registry.md). Each copy is one transaction. It reads
all views from one snapshot, and writes the rows that differ from the previous copy.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Table

from dashboard.calendar import today
from dashboard.database.loading.kept_copies import (
    find_kept_patients,
    leaves_kept_patient,
    number_kept,
    of_kept_patient,
    written_about_since,
)
from dashboard.database.loading.load_record import (
    create_load_record,
    has_load_record,
    record_load,
)
from dashboard.database.operations.examination import Findings
from dashboard.database.operations.initialisation import RegistryUnfit
from dashboard.database.operations.schema_setup import create_reference_registry
from dashboard.database.schema import registry
from dashboard.database.schema.contract import check_contract, registry_kinds, report

SOURCE = "registry_source"
"""The schema that contains the views from which the registry is copied."""

LOST_AT_ONCE = 0.1
"""The largest share of a relation's rows that one copy may remove, unless ``shrunk`` is true."""

FEW = 50
"""The number of a relation's rows that one copy may always remove, even if that is a large
share.
"""


class CopyRefused(Exception):
    """The error raised if nothing was copied. Its text gives the reason.

    The previous copy is unchanged.
    """


@dataclass(frozen=True)
class Copied:
    """The numbers of rows that a copy has read, added, changed and removed in one relation."""

    relation: str
    read: int
    added: int
    changed: int
    removed: int
    kept: int = 0
    """Number of rows that were not removed, or not given to another patient, because somebody has
    written about their patient in the dashboard.
    """

    def __str__(self) -> str:
        said = (
            f"{self.relation}: {self.read:,} read, {self.added:,} added,"
            f" {self.changed:,} changed, {self.removed:,} removed"
        )
        return said + (f", {self.kept:,} kept that reviews name" if self.kept else "")


def create_copy(connection: Connection) -> None:
    """Create the tables for a copy of the registry, if there is no registry yet.

    The tables have no foreign keys, and only the columns of the primary key refuse nulls, so that
    they accept every row of the views that has a key. Raise ``RegistryUnfit`` if the views do not
    match the contract, or if the registry is not made of tables.
    """
    wrong = [
        f"registry.{name} is not a table: a copy is made into tables. Rename the schema of the"
        f" views: ALTER SCHEMA registry RENAME TO {SOURCE};"
        for name, kind in registry_kinds(connection).items()
        if kind not in "rp"
    ]
    if breaches := check_contract(connection, SOURCE):
        wrong.append(f"The views are not what this program expects:\n{report(breaches, SOURCE)}")
    if wrong:
        raise RegistryUnfit(Findings(preparing=tuple(wrong)))
    if not registry_kinds(connection):
        create_reference_registry(connection)
        for statement in connection.exec_driver_sql(_CONSTRAINTS).scalars().all():
            connection.exec_driver_sql(statement)
    create_load_record(connection)


def copy_registry(connection: Connection, *, shrunk: bool = False) -> list[Copied]:
    """Update the registry's tables from the views, and record the load.

    ``connection`` must not have run any query yet. ``shrunk`` allows the copy to remove more than a
    tenth of a relation's rows. Raise ``CopyRefused`` if the copy is not possible. The caller must
    then roll back.
    """
    # All views must be read from one snapshot, because their data may change during the copy.
    connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    if not connection.exec_driver_sql(_ALONE).scalar():
        raise CopyRefused("Another copy is under way.")
    if not has_load_record(connection):
        raise CopyRefused("There is no copy yet: run init --copy.")
    if breaches := check_contract(connection, SOURCE):
        raise CopyRefused(
            f"The views are not what this program expects:\n{report(breaches, SOURCE)}"
        )
    connection.exec_driver_sql("SET LOCAL work_mem = '128MB'")
    tables = registry.metadata.sorted_tables
    for table in tables:
        _read(connection, table)
    find_kept_patients(connection)
    done = [_copy(connection, table, shrunk) for table in tables]
    if written_about_since(connection):
        raise CopyRefused(
            "Somebody has just written about a patient or an episode that the views no longer have,"
            " or have with another patient: copy again."
        )
    record_load(connection, today(), "copy")
    return done


def _read(connection: Connection, table: Table) -> None:
    """Copy the rows of a view into a temporary table.

    Raise ``CopyRefused`` if a row has no key, or the same key as another row.
    """
    columns = [column.name for column in table.columns]
    key = [column.name for column in table.primary_key]
    incoming = f"incoming_{table.name}"
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE {incoming} ON COMMIT DROP AS"
        f" SELECT {', '.join(columns)} FROM {SOURCE}.{table.name}"
    )
    connection.exec_driver_sql(f"ANALYZE {incoming} ({', '.join(key)})")
    _refuse_keys(connection, table.name, incoming, key)


def _copy(connection: Connection, table: Table, shrunk: bool) -> Copied:
    columns = [column.name for column in table.columns]
    key = [column.name for column in table.primary_key]
    others = [name for name in columns if name not in key]
    name, incoming = f"registry.{table.name}", f"incoming_{table.name}"
    same = " AND ".join(f"kept.{column} = new.{column}" for column in key)
    read = connection.exec_driver_sql(f"SELECT count(*) FROM {incoming}").scalar_one()
    gone = f"NOT EXISTS (SELECT FROM {incoming} new WHERE {same})"
    kept = number_kept(connection, table, same)
    before = connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()
    removed = connection.exec_driver_sql(
        f"DELETE FROM {name} kept WHERE {gone} AND NOT ({of_kept_patient(table)})"
    ).rowcount
    if not shrunk and removed > max(FEW, LOST_AT_ONCE * before):
        raise CopyRefused(
            f"{SOURCE}.{table.name} has lost {removed:,} rows since the last copy, more than a"
            " tenth: look whether it is whole, then copy with --shrunk."
        )
    changed = _change(connection, table, incoming, others, same) if others else 0
    added = connection.exec_driver_sql(
        f"INSERT INTO {name} ({', '.join(columns)}) SELECT {', '.join(columns)}"
        f" FROM {incoming} new WHERE NOT EXISTS (SELECT FROM {name} kept WHERE {same})"
    ).rowcount
    if added > max(FEW, LOST_AT_ONCE * before):
        connection.exec_driver_sql(f"ANALYZE {name}")
    return Copied(table.name, read, added, changed, removed, kept)


def _change(
    connection: Connection, table: Table, incoming: str, others: list[str], same: str
) -> int:
    """Update the rows of a table that differ from the incoming row with the same key.

    Return the number of updated rows.
    """
    sets = ", ".join(f"{column} = new.{column}" for column in others)
    kept, new = (", ".join(f"{row}.{column}" for column in others) for row in ("kept", "new"))
    return connection.exec_driver_sql(
        f"UPDATE registry.{table.name} kept SET {sets} FROM {incoming} new"
        f" WHERE {same} AND ({kept}) IS DISTINCT FROM ({new})"
        f" AND NOT ({leaves_kept_patient(table)})"
    ).rowcount


def _refuse_keys(connection: Connection, relation: str, incoming: str, key: list[str]) -> None:
    """Raise ``CopyRefused`` if an incoming row has no key, or the same key as another row.

    The next copy could not find such a row again.
    """
    for wrong in _wrong_keys(connection, incoming, key):
        raise CopyRefused(f"{SOURCE}.{relation} has rows {wrong}.")


def _wrong_keys(connection: Connection, incoming: str, key: list[str]) -> Iterator[str]:
    columns = ", ".join(key)
    empty = " OR ".join(f"{column} IS NULL" for column in key)
    if connection.exec_driver_sql(f"SELECT EXISTS (SELECT FROM {incoming} WHERE {empty})").scalar():
        yield f"without a key ({columns})"
    twice = connection.exec_driver_sql(
        f"SELECT {columns} FROM {incoming} GROUP BY {columns} HAVING count(*) > 1"
        f" ORDER BY {columns} LIMIT 1"
    ).first()
    if twice is not None:
        yield f"of the same key ({columns}): {', '.join(map(str, twice))}"


_ALONE = "SELECT pg_try_advisory_xact_lock(hashtext('case_review.copy'))"

_CONSTRAINTS = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname)
FROM pg_constraint WHERE connamespace = 'registry'::regnamespace AND contype = 'f'
UNION ALL
SELECT format('ALTER TABLE %%s ALTER %%I DROP NOT NULL', a.attrelid::regclass, a.attname)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'registry'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
  AND a.attnotnull AND NOT EXISTS (
    SELECT FROM pg_index i
    WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey))
"""
