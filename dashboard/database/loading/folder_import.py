"""Loading of a whole registry from a folder of CSV files.

The registry is changed only if every cell of every file is valid (``staging``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from sqlalchemy import Connection

from dashboard.calendar import today
from dashboard.database.counts.lead_counts import make_counts_due
from dashboard.database.loading.load_record import has_load_record, record_load
from dashboard.database.loading.moved_episodes import moved_episodes
from dashboard.database.loading.registry_file import REPORTED
from dashboard.database.loading.staging import (
    BadFolder,
    Say,
    StagedFile,
    add_rows,
    change_rows,
    faults_across_rows,
    files_of,
    in_order,
    make_room,
    stage,
)
from dashboard.database.operations.initialisation import Initialised, check_registry, initialise
from dashboard.database.operations.schema_setup import create_reference_registry
from dashboard.database.schema.contract import registry_kinds


@dataclass(frozen=True)
class Loaded:
    """The numbers of rows that an import has read, added and changed in one relation."""

    relation: str
    read: int
    added: int
    changed: int

    def __str__(self) -> str:
        return (
            f"{self.relation}: {self.read:,} read, {self.added:,} added, {self.changed:,} changed"
        )


@dataclass(frozen=True)
class Imported:
    """The result of loading a folder: the numbers of rows, and the changes of the database."""

    loaded: list[Loaded]
    initialised: Initialised


def import_folder(connection: Connection, folder: Path, say: Say) -> Imported:
    """Load the CSV files of ``folder`` into the reference registry.

    If there is no registry, create it. A row with a new id is added. A row with a known id updates
    the registry's row. No row is removed. ``say`` is called with messages of progress.

    Raise ``BadFolder`` with the bad cells, or ``RegistryUnfit`` if the registry cannot be loaded.
    The caller must then roll back.
    """
    files = files_of(folder)
    if not registry_kinds(connection):
        create_reference_registry(connection)
    check_registry(connection, tables_only=True)
    make_room(connection)
    staged = [stage(connection, file, say) for file in files]
    say("Checking ids and references.")
    _refuse_bad_cells(connection, staged)
    loaded = [_write(connection, file, say) for file in staged]
    say("Setting who may see what.")
    done = initialise(connection)
    make_counts_due(connection)
    if has_load_record(connection):
        record_load(connection, today(), "files")
    return Imported(loaded, done)


def _refuse_bad_cells(connection: Connection, staged: Sequence[StagedFile]) -> None:
    cells = [cell for file in staged for cell in file.findings.cells]
    count = sum(file.findings.count for file in staged)
    faults = chain(faults_across_rows(connection, staged), moved_episodes(connection, staged))
    for _file, found, number in faults:
        cells += found
        count += number
    if count:
        raise BadFolder(in_order(cells)[:REPORTED], count)


def _write(connection: Connection, file: StagedFile, say: Say) -> Loaded:
    say(f"Writing {file.relation}.")
    # This lock makes a second import wait. It does not make readers wait.
    connection.exec_driver_sql(f"LOCK TABLE registry.{file.relation} IN SHARE ROW EXCLUSIVE MODE")
    changed = change_rows(connection, file)
    added = add_rows(connection, file)
    connection.exec_driver_sql(f"ANALYZE registry.{file.relation}")
    loaded = Loaded(file.relation, file.rows, added, changed)
    say(str(loaded))
    return loaded
