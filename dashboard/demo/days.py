"""Calculation of working days, and of random times in working hours."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from random import Random

from dashboard.calendar import PARIS

MONDAY, FRIDAY = 0, 4


def working_day(day: date) -> date:
    """Return ``day``, or the Friday before if ``day`` is a Saturday or Sunday."""
    return day - timedelta(days=max(0, day.weekday() - FRIDAY))


def working_day_after(day: date, days: int) -> date:
    """Return a working day that is about ``days`` days after ``day``, and always after ``day``."""
    found = day + timedelta(days=days)
    found += timedelta(days=(0, 0, 0, 0, 0, -1, 1)[found.weekday()])
    return found if found > day else next_weekday(day, MONDAY)


def next_weekday(day: date, weekday: int) -> date:
    """Return the first day with this weekday (Monday is 0), on or after ``day``."""
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def three_months_later(day: date) -> date:
    """Return the same day three months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month + 2, 12)
    _, last = monthrange(year, month + 1)
    return date(year, month + 1, min(day.day, last))


def years_before(day: date, years: int) -> date:
    """Return the same day ``years`` years before. 29 February becomes 28 February."""
    if (day.month, day.day) == (2, 29):
        day = day.replace(day=28)
    return day.replace(year=day.year - years)


def morning(rng: Random, day: date) -> datetime:
    """Return a random time on ``day``, between 8:30 and 12:25 in Paris."""
    return _at(day, 8 * 60 + 30 + 5 * int(rng.random() * 48))


def afternoon(rng: Random, day: date) -> datetime:
    """Return a random time on ``day``, between 14:00 and 18:25 in Paris."""
    return _at(day, 14 * 60 + 5 * int(rng.random() * 54))


def _at(day: date, minutes: int) -> datetime:
    return datetime(day.year, day.month, day.day, minutes // 60, minutes % 60, tzinfo=PARIS)
