"""Loaders for PostgreSQL's dates and instants that accept values outside Python's calendar.

PostgreSQL accepts ``infinity``, days before Christ and days after the year 9999. Registries use
such dates, or 0001-01-01 or 9999-12-31, to mean "unknown" or "for ever". One such row must not make
a whole list unreadable, so every day is limited to the range from ``EARLIEST`` to ``LATEST``. This
range is smaller than Python's, so that calculations with these days do not overflow.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from psycopg import DataError
from psycopg.abc import Buffer
from psycopg.pq import Format
from psycopg.types.datetime import DateLoader, TimestamptzBinaryLoader, TimestamptzLoader

EARLIEST, LATEST = date(1000, 1, 1), date(8999, 12, 31)

_EPOCH = date(2000, 1, 1)
"""The day from which PostgreSQL's binary format counts.

A date is a number of days in four bytes. An instant is a number of microseconds in eight bytes.
"""


def read_every_day(driver_connection: Any, _record: object) -> None:
    """Register the loaders on a new psycopg connection.

    SQLAlchemy calls this function whenever it opens a connection.
    """
    for day in (_Day, _DayInBinary):
        driver_connection.adapters.register_loader("date", day)
    for instant in (_Instant, _InstantInBinary):
        driver_connection.adapters.register_loader("timestamptz", instant)


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
    """Return the day if its year is between 1000 and 8999, otherwise None.

    Results are cached, because a list reads thousands of days, most of them many times.
    """
    text = written.decode("ascii")
    ordinary = len(text) == 10 and text[4] == "-" and "1000" <= text < "9000"
    return date.fromisoformat(text) if ordinary else None


class _DayInBinary(DateLoader):
    format = Format.BINARY

    def load(self, data: Buffer) -> date:
        return _numbered(int.from_bytes(data, signed=True))


@lru_cache(maxsize=50_000)
def _numbered(days: int) -> date:
    """Return the day that is ``days`` after 1 January 2000, limited to ``EARLIEST`` …
    ``LATEST``.
    """
    first, last = EARLIEST.toordinal(), LATEST.toordinal()
    return date.fromordinal(min(max(_EPOCH.toordinal() + days, first), last))


class _Instant(TimestamptzLoader):
    def load(self, data: Buffer) -> datetime:
        try:
            return min(max(super().load(data), _FIRST), _LAST)
        except DataError:
            return _instant(_end_of_time(str(data, "ascii")))


class _InstantInBinary(TimestamptzBinaryLoader):
    def load(self, data: Buffer) -> datetime:
        microseconds = int.from_bytes(data, signed=True)
        if _FIRST_IN_BINARY <= microseconds <= _LAST_IN_BINARY:
            return super().load(data)
        return _FIRST if microseconds < 0 else _LAST


def _end_of_time(written: str) -> date:
    return EARLIEST if written.startswith("-") or written.endswith("BC") else LATEST


def _instant(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


_FIRST, _LAST = _instant(EARLIEST), _instant(LATEST)
_FIRST_IN_BINARY, _LAST_IN_BINARY = (
    (instant - _instant(_EPOCH)) // timedelta(microseconds=1) for instant in (_FIRST, _LAST)
)
