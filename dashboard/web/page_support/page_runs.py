"""The duration of each run of a page, by page and role, for the metrics."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter

from dashboard.metrics import PAGE_RUNS, PARTIAL_RUNS

SIGN_IN, START, NOBODY = "sign-in", "start", "none"

_described: ContextVar[tuple[str, str]] = ContextVar("described", default=(SIGN_IN, NOBODY))


@contextmanager
def timed_run() -> Iterator[None]:
    """Record the duration of the block, which is a full run of a page.

    ``describe_run`` sets the page and the role that are recorded.
    """
    before = _described.set((SIGN_IN, NOBODY))
    started = perf_counter()
    try:
        yield
    finally:
        PAGE_RUNS.labels(*_described.get()).observe(perf_counter() - started)
        _described.reset(before)


def describe_run(address: str, role: str) -> None:
    """Set the page and the role that ``timed_run`` records.

    ``address`` is the path of the page. It is empty for the root address.
    """
    _described.set((address or START, role))


@contextmanager
def timed_partial_run(role: str) -> Iterator[None]:
    """Record the duration of the block, which is the run of one fragment."""
    started = perf_counter()
    try:
        yield
    finally:
        PARTIAL_RUNS.labels(role).observe(perf_counter() - started)
