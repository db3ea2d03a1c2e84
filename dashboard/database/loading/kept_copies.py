"""The rows that a copy of a registry keeps although the views no longer have them.

A signed review can be read only while its episode and patient are in the registry. Two kinds of
patients therefore keep their whole record. Of the first kind, the views no longer have the patient
or an episode, and somebody has written about the patient in the dashboard. Of the second kind, the
views give an episode to another patient, and somebody has written about this episode.
"""

from sqlalchemy import Connection, Table

from dashboard.database.loading.removals import (
    ABOUT_EPISODES,
    ABOUT_PATIENTS,
    written_of_episode,
    written_of_patient,
)


def find_kept_patients(connection: Connection) -> None:
    """Write the ids of the patients whose record is kept into a temporary table.

    Call this function after the views were read into the tables ``incoming_…``, and before the
    registry is changed.
    """
    for statement in (_LEAVING, _MOVED, _KEPT):
        connection.exec_driver_sql(statement)


_LEAVING = f"""
CREATE TEMPORARY TABLE leaving_patient ON COMMIT DROP AS
SELECT id, EXISTS ({written_of_patient("leaving.id")}) AS kept
FROM (
    SELECT p.id FROM registry.patient p
    WHERE NOT EXISTS (SELECT FROM incoming_patient new WHERE new.id = p.id)
    UNION
    SELECT e.patient_id FROM registry.episode e
    WHERE NOT EXISTS (SELECT FROM incoming_episode new WHERE new.id = e.id)
) AS leaving (id)
"""

_MOVED = f"""
CREATE TEMPORARY TABLE moved_episode ON COMMIT DROP AS
SELECT e.id, e.patient_id, EXISTS ({written_of_episode("e.id")}) AS kept
FROM registry.episode e JOIN incoming_episode new ON new.id = e.id
WHERE new.patient_id IS DISTINCT FROM e.patient_id
"""

_KEPT = """
CREATE TEMPORARY TABLE kept_patient ON COMMIT DROP AS
SELECT id FROM leaving_patient WHERE kept UNION SELECT patient_id FROM moved_episode WHERE kept
"""


def of_kept_patient(table: Table) -> str:
    """Return the SQL condition that the row ``kept`` of ``table`` belongs to a kept patient."""
    if table.name == "patient":
        return "EXISTS (SELECT FROM kept_patient k WHERE k.id = kept.id)"
    if table.name == "care_sequence":
        return (
            "EXISTS (SELECT FROM registry.episode e JOIN kept_patient k ON k.id = e.patient_id"
            " WHERE e.id = kept.episode_id)"
        )
    if "patient_id" in table.columns:
        return "EXISTS (SELECT FROM kept_patient k WHERE k.id = kept.patient_id)"
    return "false"


def leaves_kept_patient(table: Table) -> str:
    """Return the SQL condition that the row ``kept`` of ``table`` belongs to a kept patient, and
    that the row ``new`` names another one.
    """
    if "patient_id" not in table.columns:
        return "false"
    return f"kept.patient_id IS DISTINCT FROM new.patient_id AND {of_kept_patient(table)}"


def number_kept(connection: Connection, table: Table, same: str) -> int:
    """Return the number of rows of ``table`` that stay as they are because of a kept patient.

    The copy would otherwise remove them or give them to another patient. ``same`` is the SQL
    condition that ``kept`` and ``new`` have the same key.
    """
    if not connection.exec_driver_sql("SELECT EXISTS (SELECT FROM kept_patient)").scalar():
        return 0
    return int(
        connection.exec_driver_sql(
            f"SELECT count(*) FROM registry.{table.name} kept"
            f" LEFT JOIN incoming_{table.name} new ON {same}"
            f" WHERE CASE WHEN new IS NULL THEN {of_kept_patient(table)}"
            f" ELSE {leaves_kept_patient(table)} END"
        ).scalar_one()
    )


def written_about_since(connection: Connection) -> bool:
    """Return whether anybody has written, since the copy began, about a patient or an episode that
    it removed, or about an episode that it gave to another patient.

    If the copy did so, the function locks the tables in which people write about patients, until
    the end of the transaction. It reads them on a second connection, because the transaction of the
    copy sees them as they were at its beginning.
    """
    patients, episodes = (
        list(connection.exec_driver_sql(f"SELECT id FROM {name} WHERE NOT kept").scalars())
        for name in ("leaving_patient", "moved_episode")
    )
    if not (patients or episodes):
        return False
    tables = ", ".join(f"review.{table}" for table in sorted(ABOUT_PATIENTS))
    connection.exec_driver_sql(f"LOCK TABLE {tables} IN SHARE MODE")
    written = [
        *(f"SELECT FROM review.{name} WHERE patient_id = ANY (%(p)s)" for name in ABOUT_PATIENTS),
        *(f"SELECT FROM review.{name} WHERE episode_id = ANY (%(e)s)" for name in ABOUT_EPISODES),
    ]
    with connection.engine.connect() as latest:
        return bool(
            latest.exec_driver_sql(
                f"SELECT EXISTS ({' UNION ALL '.join(written)})", {"p": patients, "e": episodes}
            ).scalar()
        )
