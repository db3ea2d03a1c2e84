"""The review lists that this process has read last. They are kept so that an unchanged list is not
made again.

A list takes about 12 kB for each episode, which is too much for every session. So all sessions of
the process share the lists, up to a limit. The rows are read from the database each time. A kept
list is returned only if its rows equal the rows just read.
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
"""Largest number of episodes in all kept lists together. They take about 70 MB."""

SECONDS_KEPT = 600.0
"""Age in seconds at which a list is dropped, counted from its last reading. Lists that are too old
are dropped when any list is read.
"""


@dataclass(frozen=True)
class _Kept:
    read: ReadList
    until: float


class RecentLists:
    """The last list of each reader, in order of the last reading, the oldest first. Several threads
    may use it.
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
        """Return the list that this practitioner was shown last; None if it is not kept."""
        with self._lock:
            kept = self._lists.get(practitioner_id)
        return None if kept is None else kept.read

    def keep(self, practitioner_id: int, read: ReadList) -> None:
        """Keep ``read`` as the last list of this practitioner. Drop the lists that are too old, and
        then the oldest lists until the limit of episodes is met.
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
    """Return the review list of this practitioner, as ``read_list`` does. If its rows have not
    changed, return the kept list.
    """
    read = read_list(connection, as_of, _recent.last_of(practitioner_id))
    _recent.keep(practitioner_id, read)
    return read
