"""The rows of the registry that the nightly import removes, and those that it must keep.

A signed review can be read only while its episode and patient are in the registry. If the files
would remove a patient or an episode, and anybody has written about the patient in the dashboard,
the patient's whole record is therefore kept. A single score of a patient who stays can be removed.
A practitioner to whom another row refers is kept too, but becomes inactive and can no longer sign
in.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from dashboard.database.loading.staging import LOADED, StagedFile, same_row
from dashboard.database.schema import registry, review

_NOT_WRITTEN = ("access_log", "kept_record", "last_look")
"""Tables about patients whose rows the dashboard makes by itself."""

ABOUT_PATIENTS = tuple(
    table.name
    for table in review.metadata.sorted_tables
    if "patient_id" in table.columns and table.name not in _NOT_WRITTEN
)
"""The tables of the schema ``review`` in which people write about patients."""

ABOUT_EPISODES = tuple(
    name
    for name in ABOUT_PATIENTS
    if "episode_id" in review.metadata.tables[f"review.{name}"].columns
)
"""The tables among them whose rows name an episode."""

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
"""Columns of the schema ``review`` with the id of a practitioner whose name pages show, by table.

If a row has the id of a practitioner in one of them, the practitioner is kept in the registry.
"""


def plan_removals(connection: Connection, file: StagedFile) -> int:
    """Write the keys of the rows to remove into a temporary table; return their number.

    A bad row that is set aside removes nothing. If a file holds a whole relation and one of its
    rows has no readable key, the file removes nothing, because this row could be any row of the
    registry.
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
    """Keep all rows of the patients who would be removed or lose an episode, if anybody has written
    about them in the dashboard. Keep also those of the patients whom an earlier import kept and
    whom the files still do not have.

    Return the number of rows that are kept, by relation.
    """
    _forget_named(connection, staged)
    written = written_of_patient("leaving.id")
    connection.exec_driver_sql(
        "CREATE TEMPORARY TABLE leaving_patient ON COMMIT DROP AS"
        f" SELECT id, EXISTS ({written}) AS kept FROM ({_leaving(staged)}) AS leaving (id)"
    )
    _remember_kept(connection, staged)
    kept = {file.relation: _keep_of_patients(connection, file) for file in staged}
    return {relation: rows for relation, rows in kept.items() if rows}


def _leaving(staged: Sequence[StagedFile]) -> str:
    """Return the query for the patients who would lose an episode or everything."""
    relations = {file.relation for file in staged}
    leaving = ["SELECT patient_id FROM review.kept_record"]
    if "patient" in relations:
        leaving.append("SELECT id FROM gone_patient")
    if "episode" in relations:
        leaving.append(
            "SELECT e.patient_id FROM registry.episode e JOIN gone_episode g ON g.id = e.id"
        )
    return " UNION ".join(leaving)


def _forget_named(connection: Connection, staged: Sequence[StagedFile]) -> None:
    """Forget the kept patients and episodes that the files have again."""
    for file in staged:
        if file.relation in _REMEMBERED:
            connection.exec_driver_sql(
                f"DELETE FROM review.kept_record k USING {file.staging} s"
                f" WHERE k.relation = '{file.relation}' AND k.id = s.id AND NOT s.deleted"
            )


def _remember_kept(connection: Connection, staged: Sequence[StagedFile]) -> None:
    """Remember the patients and episodes that are kept although the files no longer have them.

    Later files have no rows of these patients, and must not remove their other rows.
    """
    for file in staged:
        if file.relation in _REMEMBERED:
            patient = "id" if file.relation == "patient" else "patient_id"
            connection.exec_driver_sql(
                "INSERT INTO review.kept_record (patient_id, relation, id)"
                f" SELECT r.{patient}, '{file.relation}', r.id"
                f" FROM {_gone(file)} JOIN registry.{file.relation} r USING (id)"
                f" WHERE r.{patient} IN ({_KEPT_PATIENTS}) ON CONFLICT DO NOTHING"
            )


_REMEMBERED = ("patient", "episode")


def written_of_patient(patient: str) -> str:
    """Return the query for the rows that people have written about a patient.

    ``patient`` is the SQL expression of the patient's id.
    """
    return " UNION ALL ".join(
        f"SELECT FROM review.{table} r WHERE r.patient_id = {patient}" for table in ABOUT_PATIENTS
    )


def written_of_episode(episode: str) -> str:
    """Return the query for the rows that people have written about an episode.

    ``episode`` is the SQL expression of its id.
    """
    return " UNION ALL ".join(
        f"SELECT FROM review.{table} r WHERE r.episode_id = {episode}" for table in ABOUT_EPISODES
    )


def note_moved_episodes(connection: Connection, staged: Sequence[StagedFile]) -> None:
    """Write the ids of the episodes that the files give to another patient into a temporary table.

    Call this function before the rows are written.
    """
    moved = "SELECT 0::bigint AS id WHERE false"
    for file in staged:
        if file.relation == "episode":
            moved = (
                f"SELECT kept.id FROM {file.staging} s JOIN registry.episode kept ON kept.id = s.id"
                f" WHERE {LOADED} AND s.patient_id <> kept.patient_id"
            )
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE moved_episode ON COMMIT DROP AS {moved}")


def written_about_since(connection: Connection) -> bool:
    """Return whether anybody has written, since the import began, about a patient or an episode
    that it removed, or about an episode that it gave to another patient.

    If the import did so, the function locks the tables in which people write about patients, until
    the end of the transaction. Call it last, so that people wait only for a short time.
    """
    changed = (
        "SELECT FROM leaving_patient l WHERE NOT l.kept{0} UNION ALL SELECT FROM moved_episode m{1}"
    )
    if not _is_any(connection, changed.format("", "")):
        return False
    tables = ", ".join(f"review.{table}" for table in sorted(ABOUT_PATIENTS))
    connection.exec_driver_sql(f"LOCK TABLE {tables} IN SHARE MODE")
    return _is_any(
        connection,
        changed.format(
            f" AND EXISTS ({written_of_patient('l.id')})",
            f" WHERE EXISTS ({written_of_episode('m.id')})",
        ),
    )


def _is_any(connection: Connection, query: str) -> bool:
    return bool(connection.exec_driver_sql(f"SELECT EXISTS ({query})").scalar())


_KEPT_PATIENTS = "SELECT id FROM leaving_patient WHERE kept"


def _keep_of_patients(connection: Connection, file: StagedFile) -> int:
    """Take the rows of kept patients off the list of rows to remove; return their number."""
    if file.relation == "patient":
        query = _KEPT_PATIENTS
    elif file.relation == "care_sequence":
        query = (
            "SELECT c.id FROM registry.care_sequence c JOIN registry.episode e ON"
            f" e.id = c.episode_id WHERE e.patient_id IN ({_KEPT_PATIENTS})"
        )
    elif "patient_id" in file.table.columns:
        query = f"SELECT id FROM registry.{file.relation} WHERE patient_id IN ({_KEPT_PATIENTS})"
    else:
        return 0
    return connection.exec_driver_sql(f"DELETE FROM {_gone(file)} WHERE id IN ({query})").rowcount


def keep_named_practitioners(connection: Connection, file: StagedFile) -> int:
    """Keep the practitioners to whom another row refers, but make them inactive.

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
    """Return the ids of the rows to remove to which another row of the registry still refers.

    Call this function after all other rows have been written and removed.
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
    """Take the rows with these ``ids`` off the list of rows to remove."""
    connection.exec_driver_sql(f"DELETE FROM {_gone(file)} WHERE id = ANY (%s)", (list(ids),))


def remove_rows(connection: Connection, file: StagedFile) -> int:
    """Remove the listed rows of one relation from the registry; return their number."""
    return connection.exec_driver_sql(
        f"DELETE FROM registry.{file.relation} kept USING {_gone(file)} s"
        f" WHERE {same_row(file.key)}"
    ).rowcount


def _references_to(file: StagedFile) -> Iterator[tuple[str, str]]:
    """Yield each relation and column of the registry that refers to the relation of ``file``."""
    for table in registry.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table is file.table:
                yield table.name, key.parent.name


def _number(connection: Connection, file: StagedFile) -> int:
    return int(connection.exec_driver_sql(f"SELECT count(*) FROM {_gone(file)}").scalar_one())


def _gone(file: StagedFile) -> str:
    return f"gone_{file.relation}"
