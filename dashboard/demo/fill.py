"""Filling an empty database with a synthetic registry, written with COPY in one transaction."""

import gc
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from signal import SIG_IGN, SIGINT, signal

from sqlalchemy import Connection

from dashboard.demo.agendas import meetings_of_the_demonstration
from dashboard.demo.copying import Block, block_of, write, writing_as_owner
from dashboard.demo.patients import Registry, rows_of
from dashboard.demo.record import chance_of
from dashboard.demo.rows import TABLES
from dashboard.demo.staff import staff_rows

PATIENTS_PER_BLOCK = 500
WORKERS = 2
WORKERS_PAY_FROM = 10_000
_BLOCKS_AHEAD = 2 * WORKERS


class RegistryNotEmpty(Exception):
    """Error: the database already holds a registry."""


def fill(
    connection: Connection,
    *,
    patients: int,
    seed: int,
    as_of: date,
    caseload: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write a registry of so many patients as it stands on a day, earlier reviews included.

    The database must be prepared and empty, and the connection its owner's. The rows are written in
    the transaction of the connection, in memory that does not grow with ``patients``. The same
    arguments make the same rows. ``caseload`` is the approximate number of open episodes of each
    psychiatrist. ``progress`` receives the number of finished patients and of all.
    """
    _check_empty(connection)
    registry = Registry(patients, seed, as_of, caseload)
    with writing_as_owner(connection):
        staff = staff_rows(chance_of(seed, "staff"), registry.staff, as_of)
        write(connection, block_of(staff))
        done = 0
        for numbers, block in _blocks(registry):
            write(connection, block)
            done += len(numbers)
            if progress:
                progress(done, patients)
        _analyze(connection)
        write(connection, block_of(meetings_of_the_demonstration(connection, seed, as_of)))
    _analyze(connection)


def _analyze(connection: Connection) -> None:
    for name in TABLES.values():
        connection.exec_driver_sql(f"ANALYZE {name}")


def _check_empty(connection: Connection) -> None:
    for name in ("patient", "practitioner", "site"):
        found = connection.exec_driver_sql(f"SELECT EXISTS (SELECT FROM registry.{name})")
        if found.scalar_one():
            raise RegistryNotEmpty(
                "The registry is not empty: the synthetic registry goes into an empty one."
            )


def _blocks(registry: Registry) -> Iterator[tuple[range, Block]]:
    """Yield the patients' rows by block, in order; several processes make large registries."""
    ranges = [
        range(first, min(first + PATIENTS_PER_BLOCK, registry.patients + 1))
        for first in range(1, registry.patients + 1, PATIENTS_PER_BLOCK)
    ]
    if registry.patients < WORKERS_PAY_FROM:
        return ((numbers, _block(registry, numbers)) for numbers in ranges)
    return _blocks_by_workers(registry, ranges)


def _block(registry: Registry, numbers: range) -> Block:
    return block_of(rows_of(registry, numbers))


def _blocks_by_workers(registry: Registry, ranges: list[range]) -> Iterator[tuple[range, Block]]:
    """Yield blocks made by other processes, which work only a few blocks ahead of the writer."""
    # Spawned, because a forked process would share the connection to the database.
    with ProcessPoolExecutor(WORKERS, get_context("spawn"), _begin_work) as pool:
        ahead: deque[tuple[range, Future[Block]]] = deque()
        for numbers in ranges:
            ahead.append((numbers, pool.submit(_block, registry, numbers)))
            if len(ahead) > _BLOCKS_AHEAD:
                first, future = ahead.popleft()
                yield first, future.result()
        while ahead:
            first, future = ahead.popleft()
            yield first, future.result()


def _begin_work() -> None:
    """Leave Ctrl-C to the writing process, and search for reference cycles less often.

    Rows form no cycles, and searching at the usual rate takes a sixth of the time.
    """
    signal(SIGINT, SIG_IGN)
    gc.set_threshold(200_000)
