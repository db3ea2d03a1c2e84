"""The stop of this server: when it was asked for, and how long its parts may still take.

The order: readiness fails; the balancer has time to notice; open pages are closed when their runs
are over, so their browsers go to another server; the last letter is sent; the process ends.
"""

from collections.abc import Callable
from time import monotonic

LONGEST = 20.0
"""Seconds from the request to stop until what still runs is interrupted."""

SECONDS_FOR_REQUESTS = 3
"""Part of ``LONGEST`` that is kept for requests that are no pages, after the last page."""

SECONDS_FOR_WORKERS = 5.0
"""Part of ``LONGEST`` that is kept for the background workers after the last request."""

_asked_at: float | None = None
_stops: list[Callable[[], object]] = []


def ask_to_stop() -> None:
    """Record that this server has been asked to stop. A signal handler may call it."""
    global _asked_at
    if _asked_at is None:
        _asked_at = monotonic()


def is_stopping() -> bool:
    """Return whether this server has been asked to stop."""
    return _asked_at is not None


def seconds_left() -> float:
    """Return the seconds until what still runs is interrupted; 0 once they are over."""
    elapsed = 0.0 if _asked_at is None else monotonic() - _asked_at
    return max(0.0, LONGEST - elapsed)


def at_the_stop(stop: Callable[[], object]) -> None:
    """Register a function that asks a background worker to stop, and does not wait for it."""
    _stops.append(stop)


def ask_workers_to_stop() -> None:
    """Ask the background workers to begin nothing new."""
    for stop in _stops:
        stop()
    _stops.clear()
