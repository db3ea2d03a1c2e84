"""Filling of an empty database with a synthetic registry, by COPY in one transaction."""

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
    """Error: the database already contains a registry."""


def fill(
    connection: Connection,
    *,
    patients: int,
    seed: int,
    as_of: date,
    caseload: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write a synthetic registry of ``patients`` patients, with their reviews up to ``as_of``.

    The same arguments give the same rows. ``caseload`` is the approximate number of open episodes
    of each psychiatrist. ``progress`` is called with two numbers: the patients that are finished,
    and ``patients``.

    ``connection`` must be that of the owner of the tables, which must exist and be empty. The rows
    are written in its transaction. Raise ``RegistryNotEmpty`` if there are rows.
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
    """Return an iterator over blocks of patients, in the order of the patients' numbers.

    Each block is a range of patients' numbers, with the rows of these patients. The blocks of a
    large registry are made by several processes.
    """
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
    """Yield blocks that worker processes make.

    At most a few blocks are made in advance, so that little memory is used.
    """
    # The processes are spawned, because a forked process would share the database connection.
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
    """Prepare a worker process that makes blocks.

    The worker ignores Ctrl-C, because the main process handles it. The garbage collector is made to
    run less often, because the rows contain no reference cycles. By default, it would take a sixth
    of the worker's time.
    """
    signal(SIGINT, SIG_IGN)
    gc.set_threshold(200_000)
