"""``make soak``: the memory of a server while sessions come and go, and of sessions that are open.

Each session opens the list and one case over a websocket, and ends. The readers are all the
psychiatrists and nurses of the registry, in turn. The resident memory of the server is printed
after every hundred sessions. With ``--before`` (a git worktree) a server with the code of that tree
is measured first, on the same registry.
"""

import argparse
import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import psutil
from sqlalchemy import text

from dashboard.calendar import PARIS
from dashboard.database import acting_as, administering, connect_to
from dashboard.database.operations.embedded import address_of, app_address_of
from dashboard.queries.caseload.review_list import review_list
from tests.benchmarks import registries, serving
from tests.benchmarks.timing import report
from tests.browser.websocket import client, run
from tests.support.identity import everybody_is_signed_in

PATIENTS = 2910
ROUND = 100
"""Number of sessions between two readings of the memory."""

AT_ONCE = 4
"""Number of clients that open sessions at the same time."""

WARM_UP = 200
"""Number of sessions after which the memory must be flat."""

FLAT_MB = 15.0
"""Largest difference that counts as flat, in MB: below 0.01 MB for each of 1,800 sessions."""

OPEN_SESSIONS = 100
OPEN_MB = 1.0
"""Largest memory of an open session, in MB."""


@dataclass(frozen=True)
class Reader:
    """A person whose sessions are opened: the cookie, and the cases on the list."""

    cookie: str
    cases: list[int]


def main() -> None:
    options = _options()
    day = datetime.now(PARIS).date()
    with registries.server(options.data) as owner_url:
        registries.registry(owner_url, PATIENTS, day, options.caseload)
        name = registries.name_of(PATIENTS, options.caseload)
        registry_url = address_of(owner_url, database=name)
        app_url = app_address_of(owner_url, name)
        connect_to(app_url)
        everybody_is_signed_in(registry_url)
        readers = [_reader(registry_url, one, day) for one in _pairs(registry_url)]
        print(
            f"{len(readers)} readers, {sum(len(one.cases) for one in readers)} cases on their lists"
        )
        trees = {"before": options.before} if options.before else {}
        for version, tree in {**trees, "after": Path.cwd()}.items():
            with serving.quiet_server(app_url, tree) as (url, process):
                soak(f"{version}: ", url, process, readers, options)


def soak(
    label: str,
    url: str,
    process: psutil.Process,
    readers: list[Reader],
    options: argparse.Namespace,
) -> None:
    """Measure the memory of one server: of open sessions, and of sessions that came and went."""
    at_first = _resident_mb(process)
    _open_and_close(url, readers, AT_ONCE * len(readers), seed=0)
    opened = _of_open_sessions(url, process, readers)
    report(
        f"{label}memory of an open session, of {OPEN_SESSIONS}",
        f"{opened:.2f} MB",
        f"at most {OPEN_MB:.0f} MB",
        reached=opened <= OPEN_MB,
    )
    readings = {}
    for done in range(ROUND, options.sessions + 1, ROUND):
        _open_and_close(url, readers, ROUND, seed=done)
        readings[done] = _resident_mb(process)
        print(f"   {label}{done} sessions: {readings[done]:.0f} MB", flush=True)
    warm, last = readings[WARM_UP], readings[options.sessions]
    highest = max(mb for done, mb in readings.items() if done >= WARM_UP)
    each = (last - warm) / max(1, options.sessions - WARM_UP)
    report(
        f"{label}{options.sessions} sessions that came and went ({at_first:.0f} MB at first)",
        f"{warm:.0f} → {last:.0f} MB, highest {highest:.0f} ({each:+.3f} MB each)",
        f"at most {FLAT_MB:.0f} MB more after the first {WARM_UP}",
        reached=highest - warm <= FLAT_MB,
    )


def _of_open_sessions(url: str, process: psutil.Process, readers: list[Reader]) -> float:
    """Return by how many MB the memory grows for each session that is open at the same time."""
    before = _resident_mb(process)
    with ExitStack() as still_open:
        for number in range(OPEN_SESSIONS):
            reader = readers[number % len(readers)]
            connection = still_open.enter_context(client(url, cookie=reader.cookie))
            _read(connection, reader, random.Random(number))  # noqa: S311
        return (_resident_mb(process) - before) / OPEN_SESSIONS


def _open_and_close(url: str, readers: list[Reader], sessions: int, seed: int) -> None:
    def one(number: int) -> None:
        reader = readers[number % len(readers)]
        with client(url, cookie=reader.cookie) as connection:
            _read(connection, reader, random.Random(seed + number))  # noqa: S311

    with ThreadPoolExecutor(AT_ONCE) as clients:
        list(clients.map(one, range(sessions)))


def _read(connection, reader: Reader, chance: random.Random) -> None:
    run(connection, "review-list")
    run(connection, "case", f"episode={chance.choice(reader.cases)}")


def _pairs(owner_url: str) -> list[int]:
    """Return the psychiatrists and nurses who have open episodes."""
    with administering(owner_url) as connection:
        found = connection.execute(
            text(
                "SELECT DISTINCT of FROM registry.episode, unnest(ARRAY[psychiatrist_id, nurse_id])"
                " AS of WHERE status <> 'closed' AND of IS NOT NULL ORDER BY of"
            )
        )
        return list(found.scalars())


def _reader(owner_url: str, practitioner_id: int, day: date) -> Reader:
    with acting_as(practitioner_id) as connection:
        cases = review_list(connection, day).episode_id.tolist()
    return Reader(serving.cookie_of(owner_url, practitioner_id), cases)


def _resident_mb(process: psutil.Process) -> float:
    return process.memory_info().rss / 2**20


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.soak", description=__doc__)
    parser.add_argument("--sessions", type=int, default=2000)
    parser.add_argument("--before", type=Path, help="the tree to compare with")
    parser.add_argument("--caseload", type=int, default=registries.USUAL_CASELOAD)
    parser.add_argument("--data", type=Path, default=Path("var/benchmarks"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
