"""Garbage collection in the background, if possible while no page is drawn.

Streamlit's sessions and runs leave objects that refer to each other. Only a full collection frees
them, which takes about 0.1 s and stops all threads. Streamlit's own collection after each run is
switched off (``runner.postScriptGC``), so that nobody waits for it.
"""

import gc
import threading
from collections.abc import Callable
from threading import Event, Thread
from time import monotonic

EVERY = 30.0
"""Seconds after a garbage collection until the next one is due."""

RUNS = 100
"""Number of runs after which a collection is due even if ``EVERY`` has not passed yet.

This limits the memory that garbage takes on a busy server.
"""

LONGEST_WAIT = 10.0
"""Maximum number of seconds that a due collection is put off because a page is being drawn."""

_BETWEEN_COUNTS = 1.0
_BETWEEN_LOOKS = 0.02
_SECONDS_TO_STOP = 5.0
_RUN = "ScriptRunner.scriptThread"
"""Name that Streamlit gives to the thread of a run. The thread ends with the run."""


def start_collecting(
    runs: Callable[[], int], every: float = EVERY, longest_wait: float = LONGEST_WAIT
) -> "Collector":
    """Start a thread that collects garbage until it is stopped.

    ``runs`` returns the number of runs of pages and fragments so far. ``every`` and
    ``longest_wait`` are in seconds.
    """
    collector = Collector(runs, every, longest_wait)
    collector.thread.start()
    return collector


class Collector:
    """A thread that collects garbage at intervals, if possible while no page is drawn."""

    def __init__(self, runs: Callable[[], int], every: float, longest_wait: float) -> None:
        self._runs, self._every, self._longest_wait = runs, every, longest_wait
        self._stopping = Event()
        self.thread = Thread(target=self._run, name="collecting garbage", daemon=True)

    def stop(self) -> None:
        """Stop the thread once the collection in progress has ended."""
        self._stopping.set()
        self.thread.join(_SECONDS_TO_STOP)

    def _run(self) -> None:
        while self._is_due():
            last = monotonic() + self._longest_wait
            while a_page_is_drawn() and monotonic() < last:
                if self._stopping.wait(_BETWEEN_LOOKS):
                    return
            gc.collect()

    def _is_due(self) -> bool:
        """Wait until the next collection is due. Return False if the thread must stop instead."""
        runs, latest = self._runs() + RUNS, monotonic() + self._every
        while self._runs() < runs and monotonic() < latest:
            if self._stopping.wait(min(_BETWEEN_COUNTS, self._every)):
                return False
        return not self._stopping.is_set()


def a_page_is_drawn() -> bool:
    """Return whether a run of Streamlit is in progress in this process."""
    return any(thread.name == _RUN for thread in threading.enumerate())
