"""``python -m tests.benchmarks.importing``: the time of a nightly import of a million assessments.

Two files are measured: one that holds the whole relation, in which 1 % of the rows have changed,
and one that holds these changes alone.
"""

import argparse
import resource
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from dashboard.database import administering
from dashboard.database.loading.folder_import import import_folder
from dashboard.database.loading.incremental_import import ImportChoices, import_changes
from dashboard.database.operations.embedded import address_of, embedded_postgres
from dashboard.database.operations.schema_setup import create_reference_registry, prepare
from tests.benchmarks.timing import report
from tests.database.loading.test_folder_import import FOLDER

LONGEST = 60
"""Seconds that the import of a million assessments may take."""

FIRST_DAY = date(2024, 1, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with (
        TemporaryDirectory(prefix="case-review-", ignore_cleanup_errors=True) as directory,
        embedded_postgres(Path(directory) / "pg") as server,
    ):
        url = address_of(server, database="postgres")
        first = written(Path(directory) / "first", "assessment.csv", rows)
        with administering(url) as connection:
            create_reference_registry(connection)
            prepare(connection)
            import_folder(connection, first, say=lambda sentence: None)
        for night, (name, changed) in enumerate(
            (("assessment.full.csv", 1), ("assessment.csv", 2)), start=1
        ):
            folder = written(Path(directory) / f"night{night}", name, rows, score=changed)
            measure(url, folder, rows)


def written(directory: Path, name: str, rows: int, score: int = 0) -> Path:
    """Write a folder with assessments of 100 patients a hundred; 1 % have this score added."""
    directory.mkdir()
    for relation in ("site", "practitioner", "practitioner_site", "patient"):
        (directory / f"{relation}.csv").write_text(FOLDER[relation])
    patients = rows // 100 + 1
    with (directory / "patient.csv").open("a") as file:
        file.writelines(f"{1000 + n},Nom{n},Prénom,1980-01-01,female,,\n" for n in range(patients))
    whole = "full" in name or score == 0
    with (directory / name).open("w") as file:
        file.write("id,patient_id,instrument,taken_on,total,items,recorded_by\n")
        for n in range(rows):
            changes = n % 100 == 0
            if whole or changes:
                total = n % 20 + (score if changes else 0)
                day = FIRST_DAY + timedelta(days=n // patients * 7)
                file.write(
                    f"{n},{1000 + n % patients},phq9,{day},{total},2;1;;3;0;0;1;0;{n % 4},2\n"
                )
    return directory


def measure(url: str, folder: Path, rows: int) -> None:
    """Import the folder, and report the time and the memory of this process."""
    started = time.perf_counter()
    done = import_changes(url, folder, ImportChoices(), say=lambda sentence: None)
    took = time.perf_counter() - started
    assessments = next(one for one in done.arrived if one.relation == "assessment")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    report(
        f"nightly import, {assessments.read:,} rows read, {assessments.changed:,} changed",
        f"{took:.1f} s, {peak} MB at most",
        f"under {LONGEST} s for a million",
        reached=took < LONGEST and assessments.changed == (rows + 99) // 100,
    )


if __name__ == "__main__":
    sys.exit(main())
