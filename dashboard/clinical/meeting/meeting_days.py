"""The usual weekday of the meetings of a psychiatrist and a nurse."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

LATEST = 8
"""The number of latest meetings from which the usual weekday is computed."""


def usual_weekday(held_on: Sequence[date]) -> int | None:
    """Return the most frequent weekday of the latest meetings; Monday is 0. None if there were no
    meetings.

    ``held_on`` are the days of the meetings, in any order. If two weekdays are equally frequent,
    return the weekday of the later meeting.
    """
    latest = sorted(held_on)[-LATEST:]
    counts = Counter(day.weekday() for day in latest)
    return max(counts, key=lambda one: (counts[one], _last(latest, one)), default=None)


def meeting_day_by(day: date, today: date, weekday: int | None) -> date:
    """Return the day to propose for a review that should take place by ``day``: the last meeting
    day on or before ``day``. If that day is not after ``today``, return the meeting day one week
    later.

    ``weekday`` is the weekday of the meetings; Monday is 0. If it is None, return ``day``.
    """
    if weekday is None:
        return day
    before = day - timedelta(days=(day.weekday() - weekday) % 7)
    return before if before > today else before + timedelta(weeks=1)


def _last(days: Sequence[date], weekday: int) -> date:
    return max(day for day in days if day.weekday() == weekday)
