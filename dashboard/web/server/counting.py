"""Counting for medical leads: once, or for as long as the server runs.

Several processes may count at once: each takes the work that no other process has claimed.
"""

import logging
from threading import Event, Thread
from time import monotonic

from dashboard.calendar import today
from dashboard.queries.sites.counting import Done, count_all, count_some
from dashboard.web.server.readiness import refuse_if_unsafe

EVERY = 30.0
"""Seconds between two searches for counts that are due."""

_SECONDS_TO_STOP = 5.0

_log = logging.getLogger(__name__)


def summarise() -> Done:
    """Count every site and nurse once; raise ``CannotServe``."""
    # The database must fulfil the same conditions as for the server.
    refuse_if_unsafe(demonstration=False)
    return count_all(today())


def start_counting(every: float = EVERY) -> "Counter":
    """Start a thread that counts what is due until it is stopped."""
    counter = Counter(every)
    counter.thread.start()
    return counter


class Counter:
    """A thread that counts what is due, every so many seconds."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._stopping = Event()
        self.thread = Thread(target=self._run, name="counting", daemon=True)

    def stop(self) -> None:
        """Wait up to 5 seconds for the count in progress.

        If it takes longer, nothing of it is kept.
        """
        self._stopping.set()
        self.thread.join(_SECONDS_TO_STOP)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._count_what_is_due()
            except Exception as error:
                # The text of the error may hold data of patients.
                _log.error("Counting: %s", type(error).__name__)
            self._stopping.wait(self._every)

    def _count_what_is_due(self) -> None:
        started = monotonic()
        while count_some(today()):
            # Counting takes at most half of the time, so that the pages have the database too.
            if self._stopping.wait(monotonic() - started):
                return
            started = monotonic()
