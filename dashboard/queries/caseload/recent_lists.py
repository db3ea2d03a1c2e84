"""A cache of the review lists that this process has made last.

The database is read each time. A cached list is returned if the rows from which it was made have
not changed, so that the list need not be made again. A list takes about 12 kB for each episode,
which would be too much for every session. All sessions of the process therefore share one cache of
limited size.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from threading import Lock
from time import monotonic

from sqlalchemy import Connection

from dashboard.queries.caseload.review_list import ReadList, read_list

EPISODES_KEPT = 6_000
"""Maximum number of episodes in all cached lists together. They take about 70 MB."""

SECONDS_KEPT = 600.0
"""Seconds from the last reading of a list until the list is removed from the cache.

It is removed when any list is read after this time.
"""


@dataclass(frozen=True)
class _Kept:
    read: ReadList
    until: float


class RecentLists:
    """The last review list of each practitioner. Several threads may use this cache at the same
    time.

    The lists are in order of their last reading, the oldest first.
    """

    def __init__(
        self,
        episodes: int = EPISODES_KEPT,
        seconds: float = SECONDS_KEPT,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._episodes, self._seconds, self._clock = episodes, seconds, clock
        self._lists: OrderedDict[int, _Kept] = OrderedDict()
        self._lock = Lock()

    def last_of(self, practitioner_id: int) -> ReadList | None:
        """Return the cached review list of this practitioner; None if there is none."""
        with self._lock:
            kept = self._lists.get(practitioner_id)
        return None if kept is None else kept.read

    def keep(self, practitioner_id: int, read: ReadList) -> None:
        """Put the review list ``read`` of this practitioner into the cache.

        Remove the lists that are too old. Then remove the oldest lists until the limit of episodes
        is met.
        """
        with self._lock:
            now = self._clock()
            self._lists[practitioner_id] = _Kept(read, now + self._seconds)
            self._lists.move_to_end(practitioner_id)
            while self._lists and self._is_to_go(next(iter(self._lists.values())), now):
                self._lists.popitem(last=False)

    def _is_to_go(self, oldest: _Kept, now: float) -> bool:
        too_many = sum(len(kept.read.episodes) for kept in self._lists.values()) > self._episodes
        return oldest.until <= now or too_many


_recent = RecentLists()


def read_recent_list(connection: Connection, practitioner_id: int, as_of: date) -> ReadList:
    """Return the review list of this practitioner, like ``read_list``.

    If the rows of the database have not changed, the cached list is returned.
    """
    read = read_list(connection, as_of, _recent.last_of(practitioner_id))
    _recent.keep(practitioner_id, read)
    return read
