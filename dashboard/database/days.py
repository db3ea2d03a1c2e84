"""Days as they are read from the database, also those that Python's calendar does not hold.

PostgreSQL knows ``infinity``, days before Christ and after 9999; registries write them, and
0001-01-01 or 9999-12-31, for "unknown" or "for ever". One such row must not keep a whole
list from being read. So every day is brought between ``EARLIEST`` and ``LATEST``, well
inside the calendar: whatever was read can be reckoned with and drawn.
"""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

from psycopg import DataError
from psycopg.abc import Buffer
from psycopg.types.datetime import DateLoader, TimestamptzLoader

EARLIEST, LATEST = date(1000, 1, 1), date(8999, 12, 31)


def read_every_day(driver_connection: Any, _record: object) -> None:
    """Let this psycopg connection read every day; a listener for SQLAlchemy's ``connect``."""
    driver_connection.adapters.register_loader("date", _Day)
    driver_connection.adapters.register_loader("timestamptz", _Instant)


class _Day(DateLoader):
    def load(self, data: Buffer) -> date:
        written = bytes(data)
        if (day := _ordinary(written)) is not None:
            return day
        try:
            return min(max(super().load(written), EARLIEST), LATEST)
        except DataError:
            return _end_of_time(written.decode("ascii"))


@lru_cache(maxsize=50_000)
def _ordinary(written: bytes) -> date | None:
    """Nearly every day; remembered, for a list reads thousands, most of them again and again."""
    text = written.decode("ascii")
    ordinary = len(text) == 10 and text[4] == "-" and "1000" <= text < "9000"
    return date.fromisoformat(text) if ordinary else None


class _Instant(TimestamptzLoader):
    def load(self, data: Buffer) -> datetime:
        try:
            return min(max(super().load(data), _FIRST), _LAST)
        except DataError:
            return _instant(_end_of_time(str(data, "ascii")))


def _end_of_time(written: str) -> date:
    return EARLIEST if written.startswith("-") or written.endswith("BC") else LATEST


def _instant(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


_FIRST, _LAST = _instant(EARLIEST), _instant(LATEST)
