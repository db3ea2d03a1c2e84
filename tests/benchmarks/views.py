"""``python -m tests.benchmarks.views``: the list over views against the same over tables.

One registry is made twice: as the reference registry's tables, and as the foreign tables of
docs/connecting.md behind its views. The lists of every practitioner must be the same; how long
one takes is measured in turn, so that both meet the same machine.
"""

import argparse
import sys
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from dashboard.database import acting_as, administering, connect_to
from dashboard.database.loading.copying import copy_registry, create_copy
from dashboard.database.operations.embedded import address_of, app_address_of, embedded_postgres
from dashboard.database.operations.schema_setup import create_reference_registry, prepare
from dashboard.demo.fill import fill
from dashboard.queries.caseload.review_list import review_list
from tests.benchmarks.registries import CASELOAD, psychiatrist_with
from tests.benchmarks.timing import median, milliseconds, report, summary
from tests.conftest import create_database
from tests.support.foreign_tables import (
    AFTER_FIRST_INIT,
    move_behind_views,
    run,
    run_block,
    statements_of,
)
from tests.support.identity import everybody_is_signed_in

AT_MOST = 1.3
COPY_AT_MOST = 60
"""Seconds: a copy every five minutes leaves the server to the pages."""

DAY = date(2026, 11, 24)
ROUNDS = 12
RUNS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=100_000)
    wanted = parser.parse_args()
    with (
        TemporaryDirectory(prefix="case-review-", ignore_cleanup_errors=True) as folder,
        embedded_postgres(Path(folder) / "pg") as server,
    ):
        make(server, wanted.patients)
        for database in ("tables", "views"):
            everybody_is_signed_in(address_of(server, database=database))
        measure(server, wanted.patients)
        compare(server)
        measure_copy(server, wanted.patients)


def make(server: str, patients: int) -> None:
    """Make the same registry twice: databases ``tables`` and ``views``."""
    create_database(server, "tables")
    with administering(address_of(server, database="tables")) as connection:
        create_reference_registry(connection)
        prepare(connection)
        print(f"Making a registry of {patients} patients …", flush=True)
        fill(connection, patients=patients, seed=1, as_of=DAY, caseload=CASELOAD)
    create_database(server, "views", template="tables")
    with administering(address_of(server, database="views")) as connection:
        print("Moving it behind views …", flush=True)
        move_behind_views(connection)
        prepare(connection)
        for block in AFTER_FIRST_INIT:
            run_block(connection, block)
        connection.exec_driver_sql("ANALYZE")


def compare(server: str) -> None:
    """Report that every practitioner's list is the same over both."""
    with administering(address_of(server, database="tables")) as connection:
        practitioners = (
            connection.exec_driver_sql(
                "SELECT id FROM registry.practitioner WHERE active ORDER BY id"
            )
            .scalars()
            .all()
        )
    differing = [one for one in practitioners if not lists_of(server, one)]
    report(
        f"lists of {len(practitioners):,} practitioners that differ over views",
        f"{len(differing)}",
        "none",
        reached=not differing,
    )


def lists_of(server: str, practitioner: int) -> bool:
    """Return whether this practitioner's list is the same over both."""
    lists = [
        list_over(server, database, practitioner).to_dict("records")
        for database in ("tables", "views")
    ]
    return lists[0] == lists[1]


def list_over(server: str, database: str, practitioner: int) -> pd.DataFrame:
    """Return one list of one practitioner."""
    connect_to(app_address_of(server, database))
    with acting_as(practitioner) as connection:
        return review_list(connection, DAY)


def measure(server: str, patients: int) -> None:
    """Measure both in turn, and compare the medians."""
    psychiatrist = psychiatrist_with(address_of(server, database="tables"), CASELOAD)
    took: dict[str, list[float]] = {"tables": [], "views": []}
    for _ in range(ROUNDS):
        for database, times in took.items():
            times += milliseconds(
                lambda name=database: list_over(server, name, psychiatrist), RUNS, warm_up=1
            )
    for database, times in took.items():
        report(
            f"review list over {database}, {patients:,} patients", summary(times), "", reached=True
        )
    ratio = median(took["views"]) / median(took["tables"])
    report(
        f"review list, views against tables, {patients:,} patients",
        f"{ratio:.2f} times",
        f"at most {AT_MOST} times",
        reached=ratio <= AT_MOST,
    )


def measure_copy(server: str, patients: int) -> None:
    """Measure the first copy over the same views, and one after a hundred rows have changed."""
    owner_url = address_of(server, database="views")
    with administering(owner_url) as connection:
        run(connection, statements_of("copy"))
    with administering(owner_url) as connection:
        create_copy(connection)
    first = seconds_of_a_copy(owner_url)
    with administering(owner_url) as connection:
        run(
            connection,
            ["UPDATE dossier.questionnaire SET score = 0 WHERE num_questionnaire <= 100"],
        )
    again = seconds_of_a_copy(owner_url)
    report(f"first copy, {patients:,} patients", f"{first:.0f} s", "", reached=True)
    report(
        f"copy of a hundred changes, {patients:,} patients",
        f"{again:.0f} s",
        f"at most {COPY_AT_MOST} s",
        reached=again <= COPY_AT_MOST,
    )


def seconds_of_a_copy(owner_url: str) -> float:
    """Return the duration of one copy in seconds, its commit included."""
    began = time.perf_counter()
    with administering(owner_url) as connection:
        copy_registry(connection)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
