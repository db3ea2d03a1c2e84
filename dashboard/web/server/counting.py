"""Updates of the counts for medical leads, once or as long as the server runs.

Several processes may count at the same time. Each process does only work that no other process has
claimed.
"""

import logging
from threading import Event, Thread
from time import monotonic

from dashboard.calendar import today
from dashboard.queries.sites.counting import Done, count_all, count_some
from dashboard.web.server.readiness import refuse_if_unsafe

EVERY = 30.0
"""Seconds between two checks whether counts are due."""

_SECONDS_TO_STOP = 5.0

_log = logging.getLogger(__name__)


def summarise() -> Done:
    """Count every site and nurse once. Raise ``CannotServe`` if the database cannot be used."""
    # This command reads the same database as the server, so it makes the same safety checks.
    refuse_if_unsafe(demonstration=False)
    return count_all(today())


def start_counting(every: float = EVERY) -> "Counter":
    """Start a thread that makes the counts that are due, every ``every`` seconds."""
    counter = Counter(every)
    counter.thread.start()
    return counter


class Counter:
    """A thread that makes the counts that are due, at a regular interval in seconds."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._stopping = Event()
        self.thread = Thread(target=self._run, name="counting", daemon=True)

    def ask_to_stop(self) -> None:
        """Ask the thread to begin no other count; return without waiting."""
        self._stopping.set()

    def stop(self) -> None:
        """Stop the thread. Wait up to 5 seconds for the count in progress.

        A count that takes longer is lost.
        """
        self.ask_to_stop()
        self.thread.join(_SECONDS_TO_STOP)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._count_what_is_due()
            except Exception as error:
                # The text of the error may contain patient data, so only its class is logged.
                _log.error("Counting: %s", type(error).__name__)
            self._stopping.wait(self._every)

    def _count_what_is_due(self) -> None:
        started = monotonic()
        while count_some(today()):
            # After each count, the thread pauses for the time that the count took. Counting thus
            # loads the database for at most half of the time.
            if self._stopping.wait(monotonic() - started):
                return
            started = monotonic()
