"""The orderly stop of this server: whether a stop was requested, and how much time is left.

First, ``/readyz`` fails, so that the load balancer sends new browsers to other servers. Then each
open page is closed when its run is over, and its browser connects to another server. Finally, the
letter that is being sent is finished, and the process ends.
"""

from collections.abc import Callable
from time import monotonic

LONGEST = 20.0
"""Seconds from the request to stop until work that is not finished is interrupted."""

SECONDS_FOR_REQUESTS = 3
"""Seconds of ``LONGEST`` that are kept for the last requests, after the last page is closed."""

SECONDS_FOR_WORKERS = 5.0
"""Seconds of ``LONGEST`` that are kept for the background workers, after the last request."""

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
    """Return the seconds until unfinished work is interrupted; 0 if this time is over.

    If no stop was requested, return ``LONGEST``.
    """
    elapsed = 0.0 if _asked_at is None else monotonic() - _asked_at
    return max(0.0, LONGEST - elapsed)


def at_the_stop(stop: Callable[[], object]) -> None:
    """Register a function that asks a background worker to stop.

    It must not wait for the worker.
    """
    _stops.append(stop)


def ask_workers_to_stop() -> None:
    """Ask the background workers to start no further work."""
    for stop in _stops:
        stop()
    _stops.clear()
