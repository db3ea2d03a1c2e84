"""The current date and time in Paris. Pages, components and commands take them from here."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def now() -> datetime:
    """Return the current time, in the time zone of Paris."""
    return datetime.now(PARIS)


def today() -> date:
    """Return the current date in Paris."""
    return now().date()
