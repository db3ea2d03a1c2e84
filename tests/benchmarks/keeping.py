"""``python -m tests.benchmarks.keeping``: the time for backing up, restoring and erasing.

The programme has 2,910 patients with the letters of its reviews, and as many rows of the access log
as some years produce. The waits that this causes to other users are measured too.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from dashboard.database import acting_as, administering, connect_to
from dashboard.database.audit.access_log import log_access
from dashboard.database.operations.backup import back_up, restore
from dashboard.database.operations.embedded import (
    address_of,
    app_address_of,
    embedded_postgres,
    ensure_database,
)
from dashboard.database.operations.erasure import erase
from dashboard.database.operations.schema_setup import create_reference_registry, prepare
from dashboard.demo.fill import fill
from tests.benchmarks.access_log import write_rows
from tests.benchmarks.timing import report
from tests.support.identity import everybody_is_signed_in

AN_HOUR = 3_600
"""Seconds in which a programme is to be at work again."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=2_910)
    parser.add_argument("--rows", type=int, default=300_000, help="of the access log")
    wanted = parser.parse_args()
    with (
        TemporaryDirectory(prefix="case-review-", ignore_cleanup_errors=True) as folder,
        embedded_postgres(Path(folder) / "pg") as server,
    ):
        owner_url = address_of(server, database="postgres")
        with administering(owner_url) as connection:
            create_reference_registry(connection)
            prepare(connection)
            fill(connection, patients=wanted.patients, seed=1, as_of=date(2026, 11, 24))
        write_rows(owner_url, wanted.rows)
        connect_to(app_address_of(server, "postgres"))
        everybody_is_signed_in(owner_url)
        file = Path(folder) / "review.backup"
        measure_backup(owner_url, file)
        measure_restore(server, file)
        measure_erasure(owner_url)


def measure_backup(owner_url: str, file: Path) -> None:
    """People go on working: each row of the log that they write is timed."""
    with somebody_works() as waits:
        begun = time.perf_counter()
        size = back_up(owner_url, file)
        seconds = time.perf_counter() - begun
    with administering(owner_url) as connection:
        stored = int(connection.exec_driver_sql(_SIZE).scalar_one())
    report(
        f"backing up {stored / 1e6:.0f} MB",
        f"{seconds:.1f} s, {size / 1e6:.0f} MB",
        "nobody waits for a second",
        reached=max(waits) < 1,
    )
    report("the longest wait meanwhile", f"{max(waits) * 1000:.0f} ms", "", reached=True)


def measure_restore(server: str, file: Path) -> None:
    ensure_database(server, "elsewhere")
    url = address_of(server, database="elsewhere")
    with administering(url) as connection:
        create_reference_registry(connection)
    begun = time.perf_counter()
    done = restore(url, file)
    seconds = time.perf_counter() - begun
    report(
        f"restoring it, {done.verified.rows:,} rows of the log verified",
        f"{seconds:.1f} s",
        "sound, within an hour",
        reached=not done.verified.findings and seconds < AN_HOUR,
    )


def measure_erasure(owner_url: str) -> None:
    """Measure erasure, for which every writer about any patient waits."""
    with administering(owner_url) as connection:
        patient = connection.exec_driver_sql(_WITH_MOST_REVIEWS).scalar_one()
    with somebody_works() as waits:
        begun = time.perf_counter()
        with administering(owner_url) as connection:
            rows = erase(connection, patient)
        seconds = time.perf_counter() - begun
    report(
        f"erasing a patient, {sum(rows.values())} rows",
        f"{seconds * 1000:.0f} ms, longest wait {max(waits) * 1000:.0f} ms",
        "nobody waits for a second",
        reached=max(waits) < 1,
    )


@contextmanager
def somebody_works() -> Iterator[list[float]]:
    """Yield the seconds that each opening of a record takes while the block runs."""
    waits, done = [0.0], Event()

    def work() -> None:
        while not done.is_set():
            begun = time.perf_counter()
            with acting_as(1) as connection:
                log_access(connection, "case_opened", 1, episode_id=1)
            waits.append(time.perf_counter() - begun)
            time.sleep(0.01)

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work)
        try:
            yield waits
        finally:
            done.set()
            working.result()


_SIZE = """
    SELECT sum(pg_total_relation_size(oid)) FROM pg_class
    WHERE relnamespace = 'review'::regnamespace AND relkind = 'r'
"""

_WITH_MOST_REVIEWS = """
    SELECT patient_id FROM review.case_review GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1
"""

if __name__ == "__main__":
    sys.exit(main())
