"""Timing, and saying what came of it."""

import statistics
import time
from collections.abc import Callable, Sequence


def milliseconds(do: Callable[[], object], runs: int, *, warm_up: int = 3) -> list[float]:
    """Return the duration of each run in ms, after a few that do not count."""
    for _ in range(warm_up):
        do()
    return [_one(do) for _ in range(runs)]


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def p95(values: Sequence[float]) -> float:
    """Return the value that 95 of 100 do not exceed."""
    return sorted(values)[max(0, round(0.95 * len(values)) - 1)]


def summary(values: Sequence[float]) -> str:
    """p50 and p95, in words."""
    return f"p50 {median(values):.0f} ms, p95 {p95(values):.0f} ms"


def report(what: str, result: str, goal: str, *, reached: bool) -> None:
    """Print one line of the table."""
    print(f"{'ok ' if reached else 'NO '} {what:<66} {result:<36} {goal}", flush=True)


def _one(do: Callable[[], object]) -> float:
    started = time.perf_counter()
    do()
    return (time.perf_counter() - started) * 1000
