"""The rows of the registry that an incremental import removes, and those that it must keep.

A signed review can be read only while its episode and patient are in the registry. So if somebody
has written about a patient in the schema ``review``, the patient's whole record stays. It stays
even if the files no longer have the patient or the episode. A practitioner whom the schema
``review`` or another row names stays too, but becomes inactive and can no longer sign in.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from dashboard.database.loading.staging import StagedFile, same_row
from dashboard.database.schema import registry, review

_NOT_WRITTEN = ("access_log", "last_look")
"""Tables with the id of a patient that contain nothing that a person wrote or decided."""

_ABOUT_PATIENTS = tuple(
    table.name
    for table in review.metadata.sorted_tables
    if "patient_id" in table.columns and table.name not in _NOT_WRITTEN
)

_NAMING_PRACTITIONERS = {
    "account": ("practitioner_id",),
    "answer": ("practitioner_id",),
    "case_review": ("psychiatrist_id", "covered_id"),
    "cover": ("covered_id", "covering_id"),
    "delivery": ("recipient_id", "settled_by"),
    "draft": ("psychiatrist_id",),
    "emergency_access": ("practitioner_id",),
    "incident": ("practitioner_id",),
    "letter": ("recipient_id",),
    "meeting": ("psychiatrist_id", "nurse_id"),
    "preparation": ("nurse_id",),
    "settlement": ("settled_by",),
}
"""The columns of the schema ``review`` that name a practitioner, by table.

Such a practitioner must stay in the registry, so that the name can be shown.
"""


def plan_removals(connection: Connection, file: StagedFile) -> int:
    """Write the keys of the rows to remove into the table ``gone_…``; return their number.

    A row that was set aside removes nothing. If a row of a whole relation has no readable key, this
    row may be any row of the registry. So the file then removes nothing.
    """
    key = ", ".join(f"kept.{name}" for name in file.key)
    unread = " OR ".join(f"s.{name} IS NULL" for name in file.key)
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE {_gone(file)} ON COMMIT DROP AS"
        f" SELECT {key} FROM registry.{file.relation} kept WHERE "
        + (
            f"NOT EXISTS (SELECT FROM {file.staging} s WHERE {same_row(file.key)})"
            f" AND NOT EXISTS (SELECT FROM {file.staging} s WHERE {unread})"
            if file.is_whole
            else f"EXISTS (SELECT FROM {file.staging} s WHERE {same_row(file.key)}"
            " AND s.deleted AND NOT s.aside)"
        )
    )
    connection.exec_driver_sql(f"ANALYZE {_gone(file)}")
    return _number(connection, file)


def keep_written_about(connection: Connection, staged: Sequence[StagedFile]) -> dict[str, int]:
    """Keep the records of patients about whom somebody has written.

    Return the number of kept rows, by relation.
    """
    by_relation = {file.relation: file for file in staged}
    leaving = [
        query
        for relation, query in (
            ("patient", "SELECT id FROM gone_patient"),
            (
                "episode",
                "SELECT e.patient_id FROM registry.episode e JOIN gone_episode g ON g.id = e.id",
            ),
        )
        if relation in by_relation
    ]
    if not leaving:
        return {}
    written = " UNION ALL ".join(
        f"SELECT FROM review.{table} r WHERE r.patient_id = leaving.id" for table in _ABOUT_PATIENTS
    )
    connection.exec_driver_sql(
        "CREATE TEMPORARY TABLE kept_patient ON COMMIT DROP AS SELECT id"
        f" FROM ({' UNION '.join(leaving)}) AS leaving (id) WHERE EXISTS ({written})"
    )
    kept = {file.relation: _keep_of_patients(connection, file) for file in staged}
    return {relation: rows for relation, rows in kept.items() if rows}


def written_about_since(connection: Connection, staged: Sequence[StagedFile]) -> bool:
    """Return whether somebody has written about a removed patient since the removals were planned.

    The function locks the tables in which people write about patients, until the end of the
    transaction. Call it last, so that writers wait only for a short time.
    """
    if not any(file.relation == "patient" and _number(connection, file) for file in staged):
        return False
    tables = ", ".join(f"review.{table}" for table in sorted(_ABOUT_PATIENTS))
    connection.exec_driver_sql(f"LOCK TABLE {tables} IN SHARE MODE")
    written = " UNION ALL ".join(
        f"SELECT FROM review.{table} r JOIN gone_patient g ON g.id = r.patient_id"
        for table in _ABOUT_PATIENTS
    )
    return bool(connection.exec_driver_sql(f"SELECT EXISTS ({written})").scalar())


def _keep_of_patients(connection: Connection, file: StagedFile) -> int:
    """Keep the rows of ``file`` that belong to a kept patient; return their number."""
    if file.relation == "patient":
        query = "SELECT id FROM kept_patient"
    elif file.relation == "care_sequence":
        query = (
            "SELECT c.id FROM registry.care_sequence c JOIN registry.episode e ON"
            " e.id = c.episode_id WHERE e.patient_id IN (SELECT id FROM kept_patient)"
        )
    elif "patient_id" in file.table.columns:
        query = (
            f"SELECT id FROM registry.{file.relation}"
            " WHERE patient_id IN (SELECT id FROM kept_patient)"
        )
    else:
        return 0
    return connection.exec_driver_sql(f"DELETE FROM {_gone(file)} WHERE id IN ({query})").rowcount


def keep_named_practitioners(connection: Connection, file: StagedFile) -> int:
    """Do not remove the practitioners to whom another row refers. Make them inactive instead.

    Return the number of practitioners that are kept. Call this function after all other rows have
    been written and removed.
    """
    named = [
        f"SELECT {column} FROM review.{table}"
        for table, columns in _NAMING_PRACTITIONERS.items()
        for column in columns
    ]
    named += [f"SELECT {column} FROM registry.{name}" for name, column in _references_to(file)]
    kept = (
        connection.exec_driver_sql(
            f"DELETE FROM {_gone(file)} WHERE id IN ({' UNION ALL '.join(named)}) RETURNING id"
        )
        .scalars()
        .all()
    )
    connection.exec_driver_sql(
        "UPDATE registry.practitioner SET active = false WHERE active AND id = ANY (%s)",
        (list(kept),),
    )
    return len(kept)


def still_referred_to(connection: Connection, file: StagedFile) -> list[int]:
    """Return the ids of the planned rows to which another row of the registry still refers.

    Call it after all other rows have been written and removed.
    """
    referring = [
        f"SELECT FROM registry.{name} r WHERE r.{column} = g.id"
        for name, column in _references_to(file)
    ]
    if not referring:
        return []
    return list(
        connection.exec_driver_sql(
            f"SELECT g.id FROM {_gone(file)} g WHERE EXISTS ({' UNION ALL '.join(referring)})"
            " ORDER BY 1"
        ).scalars()
    )


def keep(connection: Connection, file: StagedFile, ids: Sequence[int]) -> None:
    """Keep the rows with these ``ids`` by deleting them from the list of rows to remove."""
    connection.exec_driver_sql(f"DELETE FROM {_gone(file)} WHERE id = ANY (%s)", (list(ids),))


def remove_rows(connection: Connection, file: StagedFile) -> int:
    """Remove the planned rows of one relation from the registry; return their number."""
    return connection.exec_driver_sql(
        f"DELETE FROM registry.{file.relation} kept USING {_gone(file)} s"
        f" WHERE {same_row(file.key)}"
    ).rowcount


def _references_to(file: StagedFile) -> Iterator[tuple[str, str]]:
    """Yield the relations and columns of the registry that refer to the relation of this file."""
    for table in registry.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table is file.table:
                yield table.name, key.parent.name


def _number(connection: Connection, file: StagedFile) -> int:
    return int(connection.exec_driver_sql(f"SELECT count(*) FROM {_gone(file)}").scalar_one())


def _gone(file: StagedFile) -> str:
    return f"gone_{file.relation}"
