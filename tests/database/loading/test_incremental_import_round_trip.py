"""Three nights of files from a registry that changes: the copy is equal to it each morning."""

import csv
from datetime import date
from pathlib import Path

from dashboard.database import administering
from dashboard.database.loading.incremental_import import ImportChoices, import_changes
from dashboard.database.schema.registry import metadata
from dashboard.demo.fill import fill
from tests.support.factories import Database

TABLES = {table.name: table for table in metadata.sorted_tables}


def registry_of(database: Database) -> dict[str, dict[tuple, tuple]]:
    """Return every row by its key, by relation, with cells as a file has them."""
    found = {}
    with database.owner().connect() as connection:
        for name, table in TABLES.items():
            key = [table.columns.keys().index(column.name) for column in table.primary_key]
            rows = connection.execute(table.select()).all()
            cells = [tuple(map(cell, row)) for row in rows]
            found[name] = {tuple(row[place] for place in key): row for row in cells}
    return found


def cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ";".join("" if item is None else str(item) for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def write_whole(folder: Path, registry: dict) -> None:
    for name, rows in registry.items():
        with (folder / f"{name}.full.csv").open("w", newline="") as file:
            csv.writer(file).writerows([TABLES[name].columns.keys(), *rows.values()])


def write_changes(folder: Path, before: dict, after: dict) -> None:
    for name, rows in after.items():
        columns = TABLES[name].columns.keys()
        changed = [(*row, "") for key, row in rows.items() if before[name].get(key) != row]
        gone = [(*row, "true") for key, row in before[name].items() if key not in rows]
        if changed or gone:
            with (folder / f"{name}.csv").open("w", newline="") as file:
                csv.writer(file).writerows([[*columns, "deleted"], *changed, *gone])


A_DAY_OF_CARE = (
    "INSERT INTO registry.assessment SELECT 9000000 + p.id, p.id, 'phq9', date '2026-11-25', 7,"
    " NULL, NULL FROM registry.patient p WHERE p.id % 3 = 0",
    "UPDATE registry.medication SET stopped_on = date '2026-11-25', stop_reason = 'Dit \"stop\"'"
    " WHERE stopped_on IS NULL AND id % 4 = 0",
    "UPDATE registry.patient SET phone = NULL WHERE id % 5 = 0",
    "DELETE FROM registry.contact WHERE id % 23 = 0",
    "DELETE FROM registry.assessment WHERE id % 29 = 0",
    "UPDATE registry.episode SET status = 'closed', closed_on = date '2026-11-25',"
    " closed_reason = 'completed' WHERE status = 'active' AND id % 7 = 0",
)

ANOTHER = (
    "DELETE FROM registry.flag WHERE id % 2 = 0",
    "INSERT INTO registry.site VALUES (900001, 'MSP « Été »', '95', 'msp', '2026-11-26')",
    "UPDATE registry.assessment SET total = total + 1 WHERE id % 31 = 0 AND total < 20",
)


def test_three_nights_of_files_make_the_same_registry(database, copy, tmp_path):
    with administering(database.owner_url) as connection:
        fill(connection, patients=60, seed=3, as_of=date(2026, 11, 24))
    nights = [tmp_path / name for name in ("first", "second", "third")]
    for night in nights:
        night.mkdir()
    first = registry_of(database)
    write_whole(nights[0], first)
    run(database, A_DAY_OF_CARE)
    second = registry_of(database)
    write_changes(nights[1], first, second)
    run(database, ANOTHER)
    third = registry_of(database)
    write_whole(nights[2], third)
    assert first != second != third
    for night, expected in zip(nights, (first, second, third), strict=True):
        import_changes(copy.owner_url, night, ImportChoices(shrunk=True), say=lambda sentence: None)
        assert registry_of(copy) == expected


def run(database: Database, statements: tuple[str, ...]) -> None:
    with administering(database.owner_url) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement.replace("%", "%%"))
