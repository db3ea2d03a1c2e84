"""``python -m tests.benchmarks.access_log``: the cost of the chains of the access log.

It writes one row, chained and not. It does so alone, and with others who write to chains of their
own or to the same one while each holds its transaction open, as a page does. Then it verifies many
rows.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from dashboard.database import acting_as, administering, connect_to
from dashboard.database.audit.access_log import log_access
from dashboard.database.audit.verification import Verification
from dashboard.database.operations.embedded import app_address_of, embedded_postgres
from dashboard.database.operations.schema_setup import create_reference_registry, prepare
from tests.benchmarks.timing import median, milliseconds, p95, report, summary
from tests.support.factories import Database
from tests.support.identity import everybody_is_signed_in

RUNS, USERS, PAGE_SECONDS = 300, 8, 0.1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="how many rows to verify")
    rows = parser.parse_args().rows
    with (
        TemporaryDirectory(prefix="case-review-", ignore_cleanup_errors=True) as folder,
        embedded_postgres(Path(folder) / "pg") as owner_url,
    ):
        with administering(owner_url) as connection:
            create_reference_registry(connection)
            prepare(connection)
        connect_to(app_address_of(owner_url, "postgres"))
        add = Database(owner_url=owner_url, app_url="")
        for _each in range(USERS + 1):
            add.practitioner("nurse")
        add.close()
        everybody_is_signed_in(owner_url)
        measure_who_acts()
        measure_a_row(owner_url)
        measure_together()
        measure_verifying(owner_url, rows)


def write(practitioner: int, hold_seconds: float = 0) -> None:
    """Open a record: the row is written first, and the page reads on."""
    with acting_as(practitioner) as connection:
        log_access(connection, "case_opened", 1, episode_id=1)
        if hold_seconds:
            time.sleep(hold_seconds)


def measure_who_acts() -> None:
    """Compare a transaction that proves who acts with one that only sets it, in turn.

    The quickest tenth of each counts, because the rest includes other work on the machine.
    """
    proven, said = [], []
    for _each in range(RUNS):
        proven += milliseconds(_prove, 1)
        said += milliseconds(_say, 1)
    more = quantiles(proven, n=10)[0] - quantiles(said, n=10)[0]
    report(
        "a transaction that proves who acts, beside one that says it",
        f"{quantiles(proven, n=10)[0]:.2f} ms, {more:+.2f} ms",
        "at most 0.3 ms more",
        reached=more <= 0.3,
    )


def _prove() -> None:
    with acting_as(1):
        pass


def _say() -> None:
    with acting_as(None) as connection:
        connection.exec_driver_sql("SET LOCAL case_review.practitioner = '1'")


def measure_a_row(owner_url: str) -> None:
    """Within one run, so that only the ratio matters."""
    chained = milliseconds(lambda: write(1), RUNS)
    with unchained(owner_url):
        plain = milliseconds(lambda: write(1), RUNS)
    report(
        f"a transaction with one row of the log (unchained: {summary(plain)})",
        f"{summary(chained)}, {median(chained) - median(plain):+.2f} ms",
        "at most 2 ms more",
        reached=median(chained) - median(plain) <= 2,
    )


def measure_together() -> None:
    """Measure pages that hold their transaction for 100 ms: none must wait for another."""
    for title, whose in (("of one person", lambda _: 1), ("of eight", lambda one: one + 1)):
        begun = time.perf_counter()
        with ThreadPoolExecutor(USERS) as pool:
            took = [
                one
                for each in pool.map(
                    partial(_ten_pages, whose),
                    range(USERS),
                )
                for one in each
            ]
        report(
            f"{USERS} pages at once {title}, each held open for {PAGE_SECONDS * 1000:.0f} ms",
            f"{summary(took)}, {80 / (time.perf_counter() - begun):.0f} pages/s",
            "p95 at most twice the time that it is held open",
            reached=p95(took) <= 2_000 * PAGE_SECONDS,
        )


def _ten_pages(whose: Callable[[int], int], user: int) -> list[float]:
    return milliseconds(lambda: write(whose(user), PAGE_SECONDS), 10)


def write_rows(owner_url: str, rows: int) -> None:
    """Write this number of rows to the log, a few per transaction.

    Each chain's head is one row, which changes with every row of the chain.
    """
    for first in range(0, rows, 2_000):
        with administering(owner_url) as connection:
            connection.exec_driver_sql(
                "INSERT INTO review.access_log (id, practitioner_id, action, patient_id, detail)"
                " SELECT gen_random_uuid(), mod(n, 200), 'case_opened', mod(n, 3000),"
                " '{\"episode_id\": 7}'"
                f" FROM generate_series({first + 1}, {min(first + 2_000, rows)}) n"
            )


def measure_verifying(owner_url: str, rows: int) -> None:
    """Measure the verification of many rows, which needs the memory of a few."""
    write_rows(owner_url, rows)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.perf_counter()
    with administering(owner_url) as connection:
        done = Verification(connection).verified()
    seconds = time.perf_counter() - begun
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    report(
        f"verifying {done.rows:,} rows in {done.chains} chains",
        f"{seconds:.1f} s, {done.rows / seconds:,.0f} rows/s, memory +{grown:.0f} MB",
        "sound, at most 50 MB more",
        reached=not done.findings and grown <= 50,
    )


@contextmanager
def unchained(owner_url: str) -> Iterator[None]:
    """Write rows without a digest within the block, and delete them at its end."""
    for switch in ("DISABLE", "ENABLE"):
        with administering(owner_url) as connection:
            for trigger in ("chain", "stamp"):
                connection.exec_driver_sql(
                    f"ALTER TABLE review.access_log {switch} TRIGGER {trigger}"
                )
        if switch == "DISABLE":
            try:
                yield
            finally:
                # Rows written without a digest are deleted, because they belong to no chain.
                with administering(owner_url) as connection:
                    connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
                    connection.exec_driver_sql(
                        "DELETE FROM review.access_log WHERE id NOT IN"
                        " (SELECT log_id FROM review.access_chain)"
                    )


if __name__ == "__main__":
    sys.exit(main())
