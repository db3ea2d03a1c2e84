"""The day and the hour in Paris, for every module that needs them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def now() -> datetime:
    """Return this instant, in Paris."""
    return datetime.now(PARIS)


def today() -> date:
    """Return the calendar day in Paris."""
    return now().date()
