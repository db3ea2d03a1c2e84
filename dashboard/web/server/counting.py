"""Making the counts for medical leads: once, or for as long as the server runs.

Several processes may do it at once: each takes what no other has in hand.
"""

import logging
from threading import Event, Thread
from time import monotonic

from dashboard.calendar import today
from dashboard.queries.sites.counting import Done, count_all, count_some
from dashboard.web.server.readiness import refuse_if_unsafe

EVERY = 30.0
"""Seconds between two looks for what is due."""

_SECONDS_TO_STOP = 5.0

_log = logging.getLogger(__name__)


def summarise() -> Done:
    """Count every site and nurse once. Raises ``CannotServe``."""
    # The same database as the server, under the same conditions.
    refuse_if_unsafe(demonstration=False)
    return count_all(today())


def start_counting(every: float = EVERY) -> "Counter":
    """Start a thread that counts what is due, until it is stopped."""
    counter = Counter(every)
    counter.thread.start()
    return counter


class Counter:
    """A thread that counts what is due, and looks again every so many seconds."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._stopping = Event()
        self.thread = Thread(target=self._run, name="counting", daemon=True)

    def stop(self) -> None:
        """Finish what is in hand, if that takes a few seconds; else it is as if not begun."""
        self._stopping.set()
        self.thread.join(_SECONDS_TO_STOP)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._count_what_is_due()
            except Exception as error:
                # Its text may hold anything.
                _log.error("Counting: %s", type(error).__name__)
            self._stopping.wait(self._every)

    def _count_what_is_due(self) -> None:
        started = monotonic()
        while count_some(today()):
            # Counting has at most half of the time: the pages have the database too.
            if self._stopping.wait(monotonic() - started):
                return
            started = monotonic()
