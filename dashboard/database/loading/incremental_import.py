"""The nightly import, which adds, changes and removes rows of the registry in one transaction.

A file such as ``assessment.csv`` holds changes. Its rows are added or updated, or removed if their
column ``deleted`` is true. A file such as ``assessment.full.csv`` holds a whole relation. Rows of
the registry that are missing from this file are removed (docs/registry.md).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from dashboard.calendar import PARIS, now, today
from dashboard.clinical.registry_imports import Arrived
from dashboard.database.connection import administering
from dashboard.database.counts.lead_counts import make_counts_due
from dashboard.database.loading.import_history import record_import
from dashboard.database.loading.load_record import (
    create_load_record,
    has_load_record,
    record_load,
)
from dashboard.database.loading.moved_episodes import moved_episodes
from dashboard.database.loading.quarantine import set_aside, write_quarantine
from dashboard.database.loading.registry_file import REPORTED, BadCell
from dashboard.database.loading.removals import (
    keep,
    keep_named_practitioners,
    keep_written_about,
    note_moved_episodes,
    plan_removals,
    remove_rows,
    still_referred_to,
    written_about_since,
)
from dashboard.database.loading.same_assessments import drop_same_assessments
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
from dashboard.database.operations.initialisation import check_registry, initialise
from dashboard.database.schema.contract import registry_kinds
from dashboard.vocabulary import ImportOutcome

LOST_AT_ONCE = 0.1
"""The largest share of a relation's rows that an import removes without confirmation."""


class Shrunk(Exception):
    """The error raised if the files would remove more than a tenth of a relation.

    Nothing was changed.
    """

    def __init__(self, relations: Sequence[Arrived]) -> None:
        super().__init__(relations)
        self.relations = relations

    def __str__(self) -> str:
        return "\n".join(
            f"{one.relation}: {one.removed:,} of {one.kept:,} rows would be removed, more than a"
            " tenth."
            for one in self.relations
        )


class WrittenAboutMeanwhile(Exception):
    """The error raised if somebody wrote about a patient or an episode while the import removed it,
    or gave the episode to another patient.

    Nothing was changed.
    """

    def __str__(self) -> str:
        return (
            "Somebody has just written about a patient or an episode that is gone from the files or"
            " has moved: import again."
        )


@dataclass(frozen=True)
class ImportChoices:
    """The choices of the person who starts an import."""

    as_of: date | None = None
    """The day that the files describe. If it is None, the day on which the newest file was
    written.
    """
    source: str = "files"
    shrunk: bool = False
    """Whether the import may remove more than a tenth of a relation's rows."""
    quarantine: Path | None = None
    """The folder to which rows with faults are written. If it is None, a fault stops the import."""


@dataclass(frozen=True)
class Imported:
    """The result of a nightly import."""

    arrived: tuple[Arrived, ...]
    cells: tuple[BadCell, ...] = ()
    """The first bad cells, in the rows that were not loaded."""
    aside: Path | None = None
    """The folder with the rows that were not loaded; None if there are none."""
    faults: tuple[StagedFile, ...] = ()
    """All imported files. Their ``findings`` give the reason for each row that was not loaded."""


def import_changes(url: str, folder: Path, choices: ImportChoices, say: Say) -> Imported:
    """Load a folder of CSV files into the registry, and record the import.

    ``url`` is the address of the database for its owner. The function opens its own transactions,
    because an import that stops is recorded too.

    Raise ``BadFolder``, ``Shrunk``, ``WrittenAboutMeanwhile`` or ``RegistryUnfit`` if the files or
    the registry do not allow the import. The rows of the registry are then unchanged.
    """
    as_of = choices.as_of or day_of(folder)
    with administering(url) as connection:
        check_registry(connection, tables_only=True)
        _prepare(connection, say)
    with stops_recorded(url, as_of, choices.source), administering(url) as connection:
        return _import(connection, folder, as_of, choices, say)


def day_of(folder: Path) -> date:
    """Return the day on which the newest file of ``folder`` was written.

    Return today if there is no file, or if that day is in the future. The day of import is not
    used, because an old folder can be imported again.
    """
    written = [file.stat().st_mtime for file in folder.iterdir() if not file.name.startswith(".")]
    if not written:
        return today()
    return min(datetime.fromtimestamp(max(written), PARIS).date(), today())


@contextmanager
def stops_recorded(url: str, as_of: date, source: str) -> Iterator[None]:
    """Run the block. If it raises an error, add a stopped import to the history.

    If the database cannot record it, the error of the block is raised all the same.
    """
    try:
        yield
    except Exception as reason:
        with suppress(SQLAlchemyError), administering(url) as connection:
            record_import(connection, as_of, source, ImportOutcome.STOPPED, _numbers_of(reason))
        raise


def _numbers_of(reason: Exception) -> list[Arrived]:
    """Return the numbers of rows because of which an import stopped, by relation."""
    if isinstance(reason, BadFolder):
        return [Arrived(name, refused=rows) for name, rows in reason.refused.items()]
    if isinstance(reason, Shrunk):
        return [Arrived(one.relation, removed=one.removed) for one in reason.relations]
    return []


def _import(
    connection: Connection, folder: Path, as_of: date, choices: ImportChoices, say: Say
) -> Imported:
    files = files_of(folder, incremental=True)
    make_room(connection)
    _lock(connection)
    staged = [stage(connection, file, say, incremental=True) for file in files]
    say("Checking ids and references.")
    _refuse_files(staged)
    if choices.quarantine is None:
        _refuse_rows(connection, staged)
    else:
        set_aside(connection, staged)
    say("Comparing with the registry.")
    kept = _plan(connection, staged, shrunk=choices.shrunk)
    same = {
        file.relation: drop_same_assessments(connection, file)
        for file in staged
        if file.relation == "assessment"
    }
    written = [_write(connection, file, say) for file in staged]
    arrived = _remove(connection, staged, written, kept, same, choices)
    if written_about_since(connection):
        raise WrittenAboutMeanwhile
    refused = any(one.refused for one in arrived)
    record_load(connection, as_of, choices.source)
    outcome = ImportOutcome.SET_ASIDE if refused else ImportOutcome.LOADED
    record_import(connection, as_of, choices.source, outcome, arrived)
    make_counts_due(connection)
    cells = in_order([cell for file in staged for cell in file.findings.cells])[:REPORTED]
    aside = None
    if refused and choices.quarantine is not None:
        report = "\n".join([*map(str, arrived), "", *map(str, cells)])
        aside = write_quarantine(choices.quarantine, now(), staged, report)
    return Imported(tuple(arrived), tuple(cells), aside, tuple(staged))


def _prepare(connection: Connection, say: Say) -> None:
    """Create the relations that record imports if one is missing, and set the rights on them.

    This is done before the import, in a short transaction of its own, because readers of the
    registry wait until it ends.
    """
    latest = connection.exec_driver_sql("SELECT to_regclass('review.kept_record')").scalar()
    if latest is None or not has_load_record(connection):
        say("Setting access rights.")
        create_load_record(connection)
        initialise(connection)


def _lock(connection: Connection) -> None:
    """Lock the registry, so that other imports wait until this transaction ends. Readers do not
    wait.
    """
    names = ", ".join(f"registry.{name}" for name in registry_kinds(connection))
    connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")


def _refuse_files(staged: Sequence[StagedFile]) -> None:
    """Raise ``BadFolder`` if a file as a whole has a fault, such as a missing column.

    Rows of such a file cannot be set aside one by one.
    """
    if any(file.findings.of_the_file for file in staged):
        _refuse(staged, [], 0)


def _refuse_rows(connection: Connection, staged: Sequence[StagedFile]) -> None:
    cells: list[BadCell] = []
    count = 0
    faults = chain(faults_across_rows(connection, staged), moved_episodes(connection, staged))
    for file, found, number in faults:
        cells += found
        count += number
        for cell in found:
            file.findings.rows.setdefault(cell.line or 0, (cell.column, cell.expected))
    if count or any(file.findings.count for file in staged):
        _refuse(staged, cells, count)


def _refuse(staged: Sequence[StagedFile], cells: list[BadCell], count: int) -> None:
    every = in_order([*(cell for file in staged for cell in file.findings.cells), *cells])
    raise BadFolder(
        every[:REPORTED],
        count + sum(file.findings.count for file in staged),
        {
            file.relation: len(file.findings.rows)
            for file in staged
            if file.findings.rows or file.findings.of_the_file
        },
    )


def _plan(connection: Connection, staged: Sequence[StagedFile], *, shrunk: bool) -> dict[str, int]:
    """Find the rows to remove. Return the number of rows that are kept nevertheless, by relation.

    ``keep_written_about`` says whose rows are kept. Raise ``Shrunk`` if more than a tenth of a
    relation would be removed, unless ``shrunk`` allows this.
    """
    lost = []
    for file in staged:
        removed = plan_removals(connection, file)
        rows: int = connection.exec_driver_sql(
            f"SELECT count(*) FROM registry.{file.relation}"
        ).scalar_one()
        if removed > LOST_AT_ONCE * rows:
            lost.append(Arrived(file.relation, removed=removed, kept=rows))
    if lost and not shrunk:
        raise Shrunk(lost)
    note_moved_episodes(connection, staged)
    return keep_written_about(connection, staged)


def _write(connection: Connection, file: StagedFile, say: Say) -> tuple[int, int]:
    """Write the rows of a file to the registry; return the numbers of updated and of added rows."""
    say(f"Writing {file.relation}.")
    changed, added = change_rows(connection, file), add_rows(connection, file)
    if added > LOST_AT_ONCE * file.rows:
        connection.exec_driver_sql(f"ANALYZE registry.{file.relation}")
    return changed, added


def _remove(
    connection: Connection,
    staged: Sequence[StagedFile],
    written: Sequence[tuple[int, int]],
    kept: dict[str, int],
    same: dict[str, int],
    choices: ImportChoices,
) -> list[Arrived]:
    """Remove the rows found by ``_plan``; return the result of the import for each relation.

    Referring rows are removed before the rows to which they refer. A row to which another row still
    refers is kept. A practitioner is then made inactive. For any other row, ``BadFolder`` is raised
    if there is no quarantine.
    """
    kept = dict(kept)
    removed: dict[str, int] = {}
    wrong: list[BadCell] = []
    for file in reversed(staged):
        if file.relation == "practitioner":
            kept[file.relation] = keep_named_practitioners(connection, file)
        if "id" in file.key and (ids := still_referred_to(connection, file)):
            wrong += [_still_needed(file, one) for one in ids]
            keep(connection, file, ids)
            kept[file.relation] = kept.get(file.relation, 0) + len(ids)
        removed[file.relation] = remove_rows(connection, file)
    if wrong and choices.quarantine is None:
        refused = {file.relation: 0 for file in staged if any(c.file == file.file for c in wrong)}
        raise BadFolder(in_order(wrong)[:REPORTED], len(wrong), refused)
    return [
        Arrived(
            file.relation,
            read=file.rows,
            added=added,
            changed=changed,
            removed=removed[file.relation],
            kept=kept.get(file.relation, 0),
            same=same.get(file.relation, 0),
            refused=len(file.findings.rows),
        )
        for file, (changed, added) in zip(staged, written, strict=True)
    ]


def _still_needed(file: StagedFile, row_id: int) -> BadCell:
    where = "missing from the file" if file.is_whole else "deleted"
    return BadCell(
        file.file, None, "id", f"no row to be {where} to which another row refers", str(row_id)
    )
