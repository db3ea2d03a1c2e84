"""The filters of a medical lead's page: period, sites, nurse and patients.

The choices are kept in the address of the page.
"""

from collections.abc import Mapping
from datetime import date

import streamlit as st

from dashboard.clinical.sites.comparison import Period, months_between
from dashboard.clinical.sites.forecast import KINDS, STARTS_ON, later, month_of
from dashboard.clinical.sites.indicators import SEVERITIES
from dashboard.clinical.sites.site_view import View
from dashboard.components.elements.url_state import one_of, several_of
from dashboard.locale import _, ngettext
from dashboard.locale.formats import month_and_year
from dashboard.words.case.chart import sequence_name
from dashboard.words.sites.indicators import severity_name

LENGTHS = (3, 6, 12, 24, 36)
USUAL = 12
"""The default length of the period, in months."""

_WIDTHS = [15, 14, 18, 14, 15, 17]
"""The relative widths of the filters. In a window of 1024 pixels, the longest option of each filter
fits, except the names of sites.
"""

_WIDTHS_OF_SITE = [15, 14, 36, 28]
"""The relative widths of the filters of one site, so that its name fits, and of the empty rest."""

FURTHEST = 36


def site_filters(
    shown: str, sites: Mapping[int, str], nurses: Mapping[int, str], today: date
) -> View:
    """Draw the filters on one line and return the chosen view.

    ``sites`` and ``nurses`` contain names by id. By default, the period ends with the last complete
    month. ``shown`` is the chosen part of the page. For ``site``, the returned view is about one
    site. For ``forecast``, it is about all sites and one month.
    """
    columns = iter(st.columns(_WIDTHS_OF_SITE if shown == "site" else _WIDTHS))
    with next(columns):
        until = _until(today)
    if shown == "forecast":
        return View(Period(until, until))
    with next(columns):
        months = one_of(
            _("Period"),
            {one: ngettext("over {n} month", "over {n} months", one) for one in LENGTHS},
            "months",
            usual=USUAL,
        )
    period = Period(later(until, 1 - months), until)
    with next(columns):
        if shown == "site":
            return View(period, (one_of(_("Site"), sites, "of", usual=next(iter(sites))),))
        chosen = several_of(_("All sites"), sites, "site")
    with next(columns):
        nurse = one_of(_("All nurses"), nurses, "nurse")
    with next(columns):
        kind = one_of(_("Light and classic"), {one: sequence_name(one) for one in KINDS}, "kind")
    with next(columns):
        severity = one_of(
            _("Every baseline"), {one: severity_name(one) for one in SEVERITIES}, "severity"
        )
    return View(period, tuple(chosen), nurse, kind, severity)


def last_whole_month(today: date) -> date:
    """Return the first day of the last complete month before ``today``."""
    return later(month_of(today), -1)


def _until(today: date) -> date:
    """Draw the choice of the last month of the period. Return the chosen month."""
    last = last_whole_month(today)
    first = max(STARTS_ON, later(last, -FURTHEST))
    number = max(months_between(first, last), 0)
    months = [later(last, -back) for back in range(number + 1)]
    by_text = {f"{month:%Y-%m}": month for month in months}
    chosen = one_of(
        _("To"),
        {text: _("to {month}", month=month_and_year(month)) for text, month in by_text.items()},
        "until",
        usual=f"{last:%Y-%m}",
    )
    return by_text[chosen]


def period_in_words(period: Period) -> str:
    """Return the period in words, from its first to its last month."""
    if period.since == period.until:
        return month_and_year(period.until)
    return _(
        "{since} to {until}",
        since=month_and_year(period.since),
        until=month_and_year(period.until),
    )
