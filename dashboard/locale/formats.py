"""Days, numbers and names as each language writes them."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_decimal

from dashboard.calendar import PARIS
from dashboard.locale import language
from dashboard.locale.typography import NO_BREAK_SPACE

LONGEST = 10**15
"""From here on a number is a mistake, and Babel cannot write it out."""


def labelled(label: str, value: str) -> str:
    """Return « Label : value », or "Label: value" in English."""
    return f"{label}{NO_BREAK_SPACE}: {value}" if language() == "fr" else f"{label}: {value}"


def day(value: date) -> str:
    """18/11/2026, or 18 Nov 2026."""
    return _written(value, "dd/MM/yyyy" if language() == "fr" else "d MMM yyyy", language())


def short_day(value: date) -> str:
    """18/11, or 18 Nov: where the year is plain."""
    return _written(value, "dd/MM" if language() == "fr" else "d MMM", language())


@lru_cache(maxsize=8192)
def _written(value: date, pattern: str, code: str) -> str:
    """A chart writes a hundred days, many of them often; Babel takes 50 µs for one."""
    return format_date(value, pattern, code)


def long_day(value: date) -> str:
    """mercredi 18 novembre 2026, or Wednesday 18 November 2026."""
    return format_date(value, "EEEE d MMMM yyyy", language())


def moment(value: datetime) -> str:
    """The day and the hour in Paris."""
    here = value.astimezone(PARIS)
    return f"{day(here.date())} {here:%H:%M}"


def number(value: int | float | Decimal) -> str:
    """37,5 or 37.5; no needless zeros."""
    if abs(float(value)) >= LONGEST:
        return f"{value:.1e}"
    return format_decimal(value, "#,##0.##", language())


def signed(value: int) -> str:
    """+3, −4, 0: a change, with a true minus sign."""
    return f"+{value}" if value > 0 else f"−{-value}" if value < 0 else "0"


def full_name(family_name: str, given_name: str) -> str:
    """Lefèvre Camille: the family name first, as lists are sorted."""
    return f"{family_name} {given_name}"


def month_and_year(value: date) -> str:
    """novembre 2026, or November 2026."""
    return _written(value, "LLLL yyyy", language())


def short_month(value: date) -> str:
    """nov., or Nov."""
    return _written(value, "LLL", language())
