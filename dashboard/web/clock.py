"""What time it is: asked here, and handed on as a parameter."""

from datetime import date, datetime

from dashboard.locale.formats import PARIS


def now() -> datetime:
    """This instant, in Paris."""
    return datetime.now(PARIS)


def today() -> date:
    """The calendar day in Paris."""
    return now().date()
