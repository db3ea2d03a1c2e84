"""A row in every table of schema ``review`` at any version, with every column filled.

The tables and columns are read from the catalogue. So an added table or column is covered by the
tests of backups, migrations and erasure.
"""

import json
import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, text

from dashboard.database.schema import registry, review

DAY = date(2026, 9, 1)
"""The day of birth, referral and enrolment of every registered patient."""

WRITTEN_BY_THE_DATABASE = {"access_chain", "access_head", "schema_version"}

# Where a column takes one of a few values, or one that fits another column's.
_FITTING: dict[tuple[str, str], Any] = {
    ("account_notice", "action"): "invite",
    ("account_notice", "state"): "queued",
    ("agenda_item", "chosen_by"): "nurse",
    ("agenda_item", "outcome"): "deferred",
    ("registry_import", "outcome"): "loaded",
    ("kept_record", "relation"): "patient",
    ("case_review", "outcome"): "reviewed",
    ("case_review", "risk_level"): "moderate",
    ("recommendation", "kind"): "medication",
    ("recommendation", "action"): "start",
    ("recommendation", "owner_role"): "gp",
    ("answer", "outcome"): "declined",
    ("settlement", "kind"): "replaced",
    ("settlement", "due_on"): None,
    ("letter", "language"): "fr",
    ("delivery", "channel"): "mail",
    ("delivery", "state"): "queued",
    ("delivery", "transport"): "folder",
    ("delivery", "settled_how"): "phone",
    ("delivery", "reminder"): 0,
    ("delivery", "settlement_id"): None,
    ("delivery", "notice"): None,
    ("emergency_access", "reason"): "on_call",
    ("access_log", "action"): "case_opened",
    ("access_log", "why"): "care",
    ("access_log", "role"): "nurse",
    ("access_log", "detail"): '{"episode_id": 1}',
    ("sign_in", "awaits"): None,
    ("sign_in", "ended_at"): None,
}
_ID_OF = {
    "meeting_id": "meeting",
    "case_review_id": "case_review",
    "recommendation_id": "recommendation",
    "replaced_by": "recommendation",
    "current_item_id": "agenda_item",
    "supersedes": "case_review",
}


def fill(connection: Connection, patient: int, marker: str) -> list[str]:
    """Add one row to each existing table, about this patient where it has one; return the tables.

    Texts about the patient contain ``marker``. The ids of practitioners are the patient's id and
    slightly larger ones.
    """
    filled = []
    for table in _tables(connection):
        row = dict(_row(connection, table, patient, marker))
        names = ", ".join(row)
        values = ", ".join(f"CAST(:{name} AS {kind})" for name, (kind, _) in row.items())
        connection.execute(
            text(f"INSERT INTO review.{table} ({names}) VALUES ({values})"),
            {name: value for name, (_, value) in row.items()},
        )
        filled.append(table)
    return filled


def register(connection: Connection, patient: int) -> None:
    """Add this patient to the registry, with the episode that the rows of ``fill`` name."""
    connection.execute(
        insert(registry.site),
        {"id": patient, "name": "Parc", "department": "75", "kind": "msp", "opened_on": DAY},
    )
    team = {role: patient * 10 + n for n, role in enumerate(("gp", "nurse", "psychiatrist"))}
    connection.execute(
        insert(registry.practitioner),
        [
            {"id": n, "role": role, "family_name": "Roux", "given_name": role, "active": True}
            for role, n in team.items()
        ],
    )
    person = {"family_name": "Durand", "given_name": "Camille", "sex": "female", "birth_date": DAY}
    connection.execute(insert(registry.patient), {"id": patient} | person)
    connection.execute(
        insert(registry.episode),
        {
            "id": _number("episode_id", patient),
            "patient_id": patient,
            "site_id": patient,
            **{f"{role}_id": n for role, n in team.items()},
            "referred_on": DAY,
            "enrolled_on": DAY,
            "status": "active",
            "problem": "",
        },
    )


def everything(connection: Connection) -> dict[str, list[str]]:
    """Return every row of every table of schema ``review`` as text, sorted."""
    return {
        table: sorted(
            connection.exec_driver_sql(f"SELECT t::text FROM review.{table} AS t").scalars()
        )
        for table in connection.exec_driver_sql(
            "SELECT relname FROM pg_class WHERE relnamespace = 'review'::regnamespace"
            " AND relkind = 'r' ORDER BY 1"
        ).scalars()
    }


def _tables(connection: Connection) -> list[str]:
    there = set(
        connection.exec_driver_sql(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'review'"
        ).scalars()
    )
    known = [table.name for table in review.metadata.sorted_tables]
    assert there - WRITTEN_BY_THE_DATABASE <= set(known)
    return [name for name in known if name in there - WRITTEN_BY_THE_DATABASE]


def _row(
    connection: Connection, table: str, patient: int, marker: str
) -> Iterator[tuple[str, tuple[str, Any]]]:
    columns = connection.exec_driver_sql(
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute"
        f" WHERE attrelid = 'review.{table}'::regclass AND attnum > 0 AND NOT attisdropped"
    ).all()
    if table == "access_log" or "patient_id" not in dict(tuple(column) for column in columns):
        marker = f"team {patient:x}"
    # At the first version a case had no decision and no time of one.
    decided = "decided_at" in {name for name, _ in columns}
    for name, kind in columns:
        if (table, name) == ("agenda_item", "outcome") and not decided:
            yield name, (kind, None)
        elif (table, name) in _FITTING:
            yield name, (kind, _FITTING[table, name])
        else:
            yield name, (kind, _value(table, name, kind, patient, marker))


def _number(name: str, patient: int) -> int:
    return patient + sum(map(ord, name))


def _value(table: str, name: str, kind: str, patient: int, marker: str) -> Any:
    if kind == "uuid":
        of = table if name == "id" else _ID_OF.get(name, f"{table}.{name}")
        return uuid.uuid5(uuid.NAMESPACE_OID, f"{patient} {of}")
    return {
        "bigint": patient if name == "patient_id" else _number(name, patient),
        "integer": 1,
        "numeric": 12.5,
        "boolean": True,
        "date": "2026-09-01",
        "timestamp with time zone": "2026-09-01 12:00+02",
        "text": f"{marker} {table} {name}",
        "text[]": [f"{marker} {table} {name}"],
        "jsonb": json.dumps({name: marker}),
        "bytea": f"{marker} {name}".encode(),
    }[kind]
