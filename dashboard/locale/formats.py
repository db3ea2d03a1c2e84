"""Days, numbers and names in the format of each language."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_decimal

from dashboard.calendar import PARIS
from dashboard.locale import language
from dashboard.locale.typography import NO_BREAK_SPACE

LONGEST = 10**15
"""The smallest number that the function ``number`` writes in scientific notation.

Such numbers occur only if a stored value is wrong, and Babel fails from 10**26.
"""


PLAIN_YEAR_DAYS = 300
"""The distance in days from which the function ``near_day`` writes the year."""


def labelled(label: str, value: str) -> str:
    """Return « Label : value » in French, "Label: value" in English."""
    return f"{label}{NO_BREAK_SPACE}: {value}" if language() == "fr" else f"{label}: {value}"


def day(value: date) -> str:
    """Return the day as 18/11/2026 in French, as 18 Nov 2026 in English."""
    return _written(value, "dd/MM/yyyy" if language() == "fr" else "d MMM yyyy", language())


def short_day(value: date) -> str:
    """Return the day without its year: 18/11 or 18 Nov. Use this format if the year is obvious."""
    return _written(value, "dd/MM" if language() == "fr" else "d MMM", language())


def near_day(value: date, today: date) -> str:
    """Return the day without its year if it is fewer than 300 days from ``today``, otherwise with
    its year.
    """
    is_near = abs((today - value).days) < PLAIN_YEAR_DAYS
    return short_day(value) if is_near else day(value)


@lru_cache(maxsize=8192)
def _written(value: date, pattern: str, code: str) -> str:
    """Return the formatted day, from a cache.

    Babel takes tens of microseconds to format a day. A chart formats about a hundred days, many of
    them several times.
    """
    return format_date(value, pattern, code)


def long_day(value: date) -> str:
    """Return the day as mercredi 18 novembre 2026, or Wednesday 18 November 2026."""
    return format_date(value, "EEEE d MMMM yyyy", language())


def moment(value: datetime) -> str:
    """Return the day and the time of ``value`` in the time zone of Paris."""
    here = value.astimezone(PARIS)
    return f"{day(here.date())} {here:%H:%M}"


def hour(value: int) -> str:
    """Return a full hour of the day (0 to 23) as 22 h, or 10 pm."""
    if language() == "fr":
        return f"{value}\N{NO-BREAK SPACE}h"
    return f"{(value - 1) % 12 + 1}\N{NO-BREAK SPACE}{'am' if value < 12 else 'pm'}"


def number(value: int | float | Decimal) -> str:
    """Return the number as 37,5 or 37.5, with two decimals at most and no trailing zeros.

    A Decimal, such as a dose, has six decimals at most. With two, a dose of 0.075 mg of
    levothyroxine would read 0.08 mg.
    """
    if abs(float(value)) >= LONGEST:
        return f"{value:.1e}"
    pattern = "#,##0.######" if isinstance(value, Decimal) else "#,##0.##"
    return format_decimal(value, pattern, language())


def signed(value: int) -> str:
    """Return the change as +3, −4 or 0. The minus sign is U+2212 and not a hyphen."""
    return f"+{value}" if value > 0 else f"−{-value}" if value < 0 else "0"


def full_name(family_name: str, given_name: str) -> str:
    """Return the family name and then the given name, such as Lefèvre Camille.

    The family name is first because lists are sorted by it.
    """
    return f"{family_name} {given_name}"


def month_and_year(value: date) -> str:
    """Return the month as novembre 2026, or November 2026."""
    return _written(value, "LLLL yyyy", language())


def short_month(value: date) -> str:
    """Return the abbreviated month as nov., or Nov."""
    return _written(value, "LLL", language())
