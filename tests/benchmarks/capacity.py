"""``make capacity``: the measured costs from which docs/capacity.md computes.

Processor time depends less on other programs than the clock, so it is measured instead of waits: of
the server, and of all processes of PostgreSQL, for each run of a page.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import psutil
from sqlalchemy import text

from dashboard.calendar import PARIS
from dashboard.database import acting_as, administering, connect_to
from dashboard.database.operations.embedded import address_of, app_address_of
from dashboard.letters.pdf import letter_pdf
from dashboard.queries.caseload.review_list import review_list
from tests.benchmarks import registries, serving
from tests.browser.websocket import client, run
from tests.support.identity import everybody_is_signed_in
from tests.support.letter_samples import case, letter

PATIENTS = 2910
RUNS = 100
PAUSE = 0.05


@dataclass(frozen=True)
class Used:
    """Processor time so far, in seconds."""

    server: float
    database: float


def main() -> None:
    options = _options()
    day = datetime.now(PARIS).date()
    with registries.server(options.data) as owner_url:
        caseload = registries.USUAL_CASELOAD
        registries.registry(owner_url, PATIENTS, day, caseload)
        name = registries.name_of(PATIENTS, caseload)
        registry_url = address_of(owner_url, database=name)
        connect_to(app_address_of(owner_url, name))
        everybody_is_signed_in(registry_url)
        with serving.quiet_server(
            app_address_of(owner_url, name), CASE_REVIEW_BACKGROUND_DELIVERY="true"
        ) as (url, process):
            used = _meter(process, options.data)
            measure_pages(url, registry_url, used, day)
        measure_disk(registry_url, day)


def measure_pages(url: str, registry_url: str, used: Callable[[], Used], day: date) -> None:
    """Print the processor time of each page: run again, and opened in a new session."""
    psychiatrist = registries.psychiatrist_with(registry_url, registries.USUAL_CASELOAD)
    nurse = _busiest_nurse(registry_url)
    with acting_as(psychiatrist) as connection:
        cases = review_list(connection, day).episode_id.tolist()
    cookies = {one: serving.cookie_of(registry_url, one) for one in (psychiatrist, nurse)}
    pages = (
        ("list", psychiatrist, lambda number: ("review-list", "")),
        ("case", psychiatrist, lambda number: ("case", f"episode={cases[number % len(cases)]}")),
        ("inbox", nurse, lambda number: ("inbox", "")),
    )
    print(f"{len(cases)} open episodes on the list; {RUNS} runs of each page")
    print(f"{'page':<8}{'':<22}{'Python ms':>10}{'PostgreSQL ms':>15}")
    for name, reader, page in pages:
        with client(url, cookie=cookies[reader]) as connection:
            for number in range(5):
                run(connection, *page(number))
            before = used()
            for number in range(RUNS):
                time.sleep(PAUSE)
                run(connection, *page(number))
            _print_cost(name, "run again", before, used(), RUNS)
        before = used()
        for number in range(RUNS // 4):
            with client(url, cookie=cookies[reader]) as connection:
                run(connection, *page(number))
        _print_cost(name, "in a new session", before, used(), RUNS // 4)
    before = used()
    time.sleep(10)
    after = used()
    idle = (after.server - before.server) * 100, (after.database - before.database) * 100
    print(f"at rest, per second: {idle[0]:.1f} ms of Python, {idle[1]:.1f} ms of PostgreSQL")


def measure_disk(owner_url: str, day: date) -> None:
    """Print the bytes of a patient and year, and of a row of the access log."""
    with administering(owner_url) as connection:
        patients, years, reviews, letters = connection.execute(text(_CARE), {"day": day}).one()
        sizes = connection.execute(text(_SIZES)).all()
        rows, log = connection.execute(text(_LOG)).one()
    print(f"{patients} patients, {years:.0f} patient-years, {reviews} reviews, {letters} letters")
    for schema, size in sizes:
        each = float(size) / float(years) / 1e3
        print(f"schema {schema}: {float(size) / 1e6:.1f} MB, {each:.1f} kB a patient-year")
    print(f"access log: {rows} rows of {log / max(1, rows):.0f} bytes")
    # The generated reviews have no letters, and a real review has one for the GP and the nurse.
    print(f"letter: {len(letter_pdf(letter(case()))) / 1e3:.0f} kB")


_CARE = """
    SELECT count(DISTINCT patient_id),
           sum(least(coalesce(closed_on, :day), :day) - enrolled_on) / 365.25,
           (SELECT count(*) FROM review.case_review), (SELECT count(*) FROM review.letter)
    FROM registry.episode
"""

_SIZES = """
    SELECT n.nspname, sum(pg_total_relation_size(c.oid))
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('registry', 'review') AND c.relkind = 'r' AND c.relname <> 'access_log'
    GROUP BY 1 ORDER BY 1
"""

_LOG = """
    SELECT count(*), pg_total_relation_size('review.access_log')
                     + pg_total_relation_size('review.access_chain')
    FROM review.access_log
"""


def _print_cost(page: str, kind: str, before: Used, after: Used, runs: int) -> None:
    server = (after.server - before.server) * 1000 / runs
    database = (after.database - before.database) * 1000 / runs
    print(f"{page:<8}{kind:<22}{server:>10.1f}{database:>15.1f}", flush=True)


def _busiest_nurse(owner_url: str) -> int:
    with administering(owner_url) as connection:
        return connection.execute(
            text(
                "SELECT nurse_id FROM registry.episode WHERE status <> 'closed'"
                " AND nurse_id IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
            )
        ).scalar_one()


def _meter(server: psutil.Process, data: Path) -> Callable[[], Used]:
    """Return a function that reads the processor time of the server and of PostgreSQL."""
    postmaster = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))

    def read() -> Used:
        own = server.cpu_times()
        ended = postmaster.cpu_times()
        database = ended.user + ended.system + ended.children_user + ended.children_system
        for child in postmaster.children():
            times = child.cpu_times()
            database += times.user + times.system
        return Used(own.user + own.system, database)

    return read


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.capacity", description=__doc__
    )
    parser.add_argument("--data", type=Path, default=Path("var/benchmarks"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
