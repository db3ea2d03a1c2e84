"""A report on the rows of a registry that break the contract (docs/registry.md).

A page shows such a row with a warning. This report tells the registry's owner about all such rows,
before anybody reviews a case. It gives numbers of rows and a few examples. The examples are codes
and numbers, never texts.
"""

from collections.abc import Callable, Iterable, Iterator

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError

from dashboard.database.schema import registry
from dashboard.database.schema.contract import CODES, registry_kinds
from dashboard.vocabulary import FlagKind, Role

EXAMPLES = 5
"""The maximum number of examples in one sentence of the report."""

LONGEST_CODE = 20
"""The maximum length of a value that the report shows, in characters.

A longer value is not shown, because it may be a text about a patient.
"""

CARE_TEAM = {"psychiatrist_id": Role.PSYCHIATRIST, "nurse_id": Role.NURSE, "gp_id": Role.GP}
"""The columns of ``episode`` that name a practitioner, with the role that the practitioner must
have.
"""


def odd_registry_rows(connection: Connection) -> list[str]:
    """Return sentences about the rows of the registry that break the contract.

    The function reads the whole registry, except relations that the current role may not read.
    Missing relations and columns are reported by ``check_contract``.
    """
    return [
        sentence
        for ask in (
            _codes,
            _nothing,
            _twice,
            _pointing_nowhere,
            _open_twice,
            _other_roles,
            _cleared_by_nobody,
            _without_their_episode,
        )
        for sentence in _as_far_as_read(connection, ask)
    ]


def _as_far_as_read(
    connection: Connection, ask: Callable[[Connection, Table], Iterator[str]]
) -> Iterator[str]:
    """Run the check ``ask`` on each relation of the registry, and yield its sentences.

    A relation that the current role may not read is skipped, so that the others are still checked.
    """
    there = registry_kinds(connection)
    for table in registry.metadata.sorted_tables:
        if table.name in there:
            asking = connection.begin_nested()
            try:
                yield from [*ask(connection, table)]
            except DBAPIError:
                continue
            finally:
                asking.rollback()


def _codes(connection: Connection, table: Table) -> Iterator[str]:
    for (relation, column), known in CODES.items():
        if relation != table.name:
            continue
        found = connection.exec_driver_sql(
            f"SELECT {column}::text AS code, count(*) AS number FROM registry.{relation}"
            f" WHERE {column}::text <> ALL (%s) GROUP BY 1 ORDER BY 2 DESC, 1",
            (list(known),),
        ).all()
        if found:
            rows = sum(row.number for row in found)
            codes = _listed([f"{_code(row.code)} ({row.number:,})" for row in found])
            yield (
                f"registry.{relation}.{column} has {rows:,} {_rows(rows)} of other values than"
                f" {', '.join(known)}: {codes}."
            )


def _nothing(connection: Connection, table: Table) -> Iterator[str]:
    required = [column.name for column in table.columns if not column.nullable]
    counts = ", ".join(f"count(*) FILTER (WHERE {name} IS NULL)" for name in required)
    numbers = connection.exec_driver_sql(f"SELECT {counts} FROM registry.{table.name}").one()
    for name, number in zip(required, numbers, strict=True):
        if number:
            yield (
                f"registry.{table.name}.{name} is empty in {number:,} {_rows(number)},"
                " where the contract asks for a value."
            )


def _twice(connection: Connection, table: Table) -> Iterator[str]:
    key = ", ".join(column.name for column in table.primary_key)
    found = _examples(
        connection,
        f"SELECT {key.replace(', ', ' || $$/$$ || ')} FROM registry.{table.name}"
        f" WHERE ({key}) IS NOT NULL GROUP BY {key} HAVING count(*) > 1",
    )
    if found:
        yield f"registry.{table.name} has rows of the same key ({key}): {found}."


def _pointing_nowhere(connection: Connection, table: Table) -> Iterator[str]:
    for key in sorted(table.foreign_keys, key=lambda one: one.parent.name):
        column, target = key.parent.name, key.column.table.name
        number = connection.exec_driver_sql(
            f"SELECT count(*) FROM registry.{table.name} r WHERE {column} IS NOT NULL"
            f" AND NOT EXISTS (SELECT FROM registry.{target} t WHERE t.id = r.{column})"
        ).scalar_one()
        if number:
            yield (
                f"registry.{table.name}.{column} names a {target} that registry.{target} does not"
                f" have, in {number:,} {_rows(number)}."
            )


def _open_twice(connection: Connection, table: Table) -> Iterator[str]:
    if table.name == "episode" and (
        found := _examples(
            connection,
            "SELECT patient_id FROM registry.episode"
            " WHERE status IS DISTINCT FROM 'closed'"
            " OR closed_on > (now() AT TIME ZONE 'Europe/Paris')::date"
            " GROUP BY patient_id HAVING count(*) > 1",
        )
    ):
        yield f"Patients have more than one open episode at a time: patient_id {found}."


def _other_roles(connection: Connection, table: Table) -> Iterator[str]:
    if table.name != "episode":
        return
    for column, role in CARE_TEAM.items():
        found = _examples(
            connection,
            f"SELECT {column} FROM registry.episode e JOIN registry.practitioner p"
            f" ON p.id = e.{column} WHERE p.role IS DISTINCT FROM '{role}' GROUP BY {column}",
        )
        if found:
            yield (
                f"registry.episode.{column} names practitioners whose role is not {role}:"
                f" they could not open these cases: practitioner {found}."
            )


def _cleared_by_nobody(connection: Connection, table: Table) -> Iterator[str]:
    if table.name == "flag" and (
        found := _examples(
            connection,
            f"SELECT id FROM registry.flag WHERE kind = '{FlagKind.SAFETY}'"
            " AND cleared_at IS NOT NULL AND cleared_by IS NULL",
        )
    ):
        yield (
            "registry.flag has flags of kind safety with cleared_at but without cleared_by. They"
            f" count as not cleared, because only a named practitioner clears them: id {found}."
        )


def _without_their_episode(connection: Connection, table: Table) -> Iterator[str]:
    if table.name == "episode" and (
        found := _examples(
            connection,
            "SELECT DISTINCT r.episode_id FROM review.case_review r WHERE NOT EXISTS (SELECT"
            " FROM registry.episode e WHERE e.id = r.episode_id AND e.patient_id = r.patient_id)",
        )
    ):
        yield (
            "Signed reviews cannot be read, because registry.episode no longer has their episode,"
            f" or has it with another patient: episode {found}."
        )


def _examples(connection: Connection, query: str) -> str:
    """Return a text such as ``3: 12, 47, 50``, with the number of rows and their first values.

    Return an empty string if the query returns no rows.
    """
    number, first = connection.exec_driver_sql(
        f"SELECT count(*), (array_agg(found ORDER BY found))[:{EXAMPLES}]"
        f" FROM ({query}) AS wrong (found)"
    ).one()
    if not number:
        return ""
    return f"{number:,}: {', '.join(map(str, first))}{', …' if number > len(first) else ''}"


def _listed(words: list[str]) -> str:
    return ", ".join([*words[:EXAMPLES], *(["…"] if len(words) > EXAMPLES else [])])


def _code(value: str) -> str:
    return f"“{value}”" if len(value) <= LONGEST_CODE else f"a text of {len(value)} characters"


def _rows(number: int) -> str:
    return "row" if number == 1 else "rows"


def hidden_from(connection: Connection, behind: Iterable[tuple[str, str]]) -> list[str]:
    """Return a sentence for each relation that has rows, none of which the current role can see.

    Each pair in ``behind`` has a relation of the registry, and the table behind it with its schema.
    """
    hidden = []
    for relation, table in behind:
        asking = connection.begin_nested()
        try:
            rows = connection.exec_driver_sql(
                f"SELECT EXISTS (SELECT FROM registry.{relation}),"
                f" (SELECT reltuples > 0 FROM pg_class WHERE oid = '{table}'::regclass),"
                f" row_security_active('{table}')"
            ).one()
        except DBAPIError:
            continue
        finally:
            asking.rollback()
        if tuple(rows) == (False, True, True):
            hidden.append(
                f"The policies on {table} hide every row of registry.{relation} from the role that"
                " runs init, as which the counts for medical leads are made."
            )
    return hidden
