"""Garbage collection in the background, while no page is drawn.

Streamlit's sessions and runs leave objects that refer to each other. Python frees them only by a
full garbage collection, which takes about 0.1 s and stops all threads. Streamlit's own collection
after each run is switched off (``runner.postScriptGC``), so that no reader waits for it.
"""

import gc
import threading
from threading import Event, Thread
from time import monotonic

EVERY = 30.0
"""Seconds between two collections."""

LONGEST_WAIT = 10.0
"""Maximum number of seconds that a collection waits for a moment without a run."""

_BETWEEN_LOOKS = 0.02
_SECONDS_TO_STOP = 5.0
_RUN = "ScriptRunner.scriptThread"
"""Name that Streamlit gives to the thread of a run. The thread ends with the run."""


def start_collecting(every: float = EVERY, longest_wait: float = LONGEST_WAIT) -> "Collector":
    """Start a thread that collects garbage until it is stopped."""
    collector = Collector(every, longest_wait)
    collector.thread.start()
    return collector


class Collector:
    """A thread that collects garbage at an interval, in seconds, when no page is drawn."""

    def __init__(self, every: float, longest_wait: float) -> None:
        self._every, self._longest_wait = every, longest_wait
        self._stopping = Event()
        self.thread = Thread(target=self._run, name="collecting garbage", daemon=True)

    def stop(self) -> None:
        """Stop the thread once the collection in progress has ended."""
        self._stopping.set()
        self.thread.join(_SECONDS_TO_STOP)

    def _run(self) -> None:
        while not self._stopping.wait(self._every):
            last = monotonic() + self._longest_wait
            while a_page_is_drawn() and monotonic() < last:
                if self._stopping.wait(_BETWEEN_LOOKS):
                    return
            gc.collect()


def a_page_is_drawn() -> bool:
    """Return whether a run of Streamlit is in progress in this process."""
    return any(thread.name == _RUN for thread in threading.enumerate())
