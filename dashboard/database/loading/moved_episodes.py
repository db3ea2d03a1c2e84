"""The episodes for which the files name another patient than the registry.

A review can be read only while its episode belongs to the patient of the review. So an episode
about which somebody has written in the dashboard must keep its patient.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from dashboard.database.loading.registry_file import REPORTED, BadCell
from dashboard.database.loading.removals import ABOUT_EPISODES
from dashboard.database.loading.staging import LOADED, StagedFile


def moved_episodes(
    connection: Connection, staged: Sequence[StagedFile]
) -> Iterator[tuple[StagedFile, list[BadCell], int]]:
    """Find the episodes to which the files give another patient, if somebody has written about
    them.

    Yield the file of the episodes, its first ``REPORTED`` bad cells, and the number of all such
    cells. If there is none, yield nothing.
    """
    for file in staged:
        if file.relation == "episode" and (found := _find(connection, file)):
            yield file, [_bad_cell(file, *one) for one in found[:REPORTED]], len(found)


def set_moved_aside(connection: Connection, staged: Sequence[StagedFile]) -> None:
    """Mark the episodes that ``moved_episodes`` finds as not to be loaded, and record the reasons.

    The other rows that would leave the same patient are marked too, so that the facts of an episode
    stay with it.
    """
    for file in staged:
        if file.relation == "episode" and (found := _find(connection, file)):
            _mark(connection, file, found)
            patients = [patient_id for _line, patient_id, _given in found]
            for other in staged:
                if other is not file and "patient_id" in other.columns and other.is_keyed:
                    _mark(connection, other, _leaving(connection, other, patients))


_Moved = tuple[int, int, int]
"""The line of a row, the patient of this row in the registry, and the patient in the file."""


def _find(connection: Connection, file: StagedFile) -> list[_Moved]:
    if not file.is_keyed or "patient_id" not in file.columns:
        return []
    # Before the first preparation of a database, the schema review may be missing or older.
    tables = connection.exec_driver_sql(
        "SELECT name FROM unnest(%s::text[]) name WHERE to_regclass('review.' || name) IS NOT NULL",
        (list(ABOUT_EPISODES),),
    ).scalars()
    written = " UNION ALL ".join(
        f"SELECT FROM review.{table} r WHERE r.episode_id = kept.id" for table in tables
    )
    return _moved(connection, file, f"EXISTS ({written})") if written else []


def _leaving(connection: Connection, file: StagedFile, patients: list[int]) -> list[_Moved]:
    return _moved(connection, file, "kept.patient_id = ANY (%s)", (patients,))


def _moved(
    connection: Connection, file: StagedFile, condition: str, values: tuple[list[int], ...] = ()
) -> list[_Moved]:
    """Return the rows to load that have another patient than in the registry, in the order of their
    lines. They must meet the SQL ``condition``.
    """
    rows = connection.exec_driver_sql(
        f"SELECT s.line, kept.patient_id, s.patient_id AS given FROM {file.staging} s"
        f" JOIN registry.{file.relation} kept ON kept.id = s.id"
        f" WHERE {LOADED} AND s.patient_id <> kept.patient_id AND {condition} ORDER BY 1",
        values,
    ).all()
    return [(row.line, row.patient_id, row.given) for row in rows]


def _mark(connection: Connection, file: StagedFile, moved: list[_Moved]) -> None:
    connection.exec_driver_sql(
        f"UPDATE {file.staging} SET aside = true WHERE line = ANY (%s)",
        ([line for line, _patient_id, _given in moved],),
    )
    for one in moved:
        file.findings.add(_bad_cell(file, *one), of_a_row=True)


def _bad_cell(file: StagedFile, line: int, patient_id: int, given: int) -> BadCell:
    return BadCell(
        file.file,
        line,
        "patient_id",
        f"{patient_id} as in the registry, because somebody has written about the episode of this"
        " patient",
        str(given),
    )
