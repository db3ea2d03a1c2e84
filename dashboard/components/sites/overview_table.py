"""The overview of the indicators.

Each indicator has a row with its figures, their change, a small chart of the months, and the number
of sites outside the limits.
"""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from dashboard.clinical.sites.comparison import Basis, Figure
from dashboard.clinical.sites.indicators import FLOW, IN_READING_ORDER, INDICATORS
from dashboard.clinical.sites.suppression import ShownTally
from dashboard.components.elements.escaping import legible
from dashboard.locale import _, ngettext, pgettext
from dashboard.words.sites.figures import (
    count_in_words,
    outside_in_words,
    rate_in_words,
    share_in_words,
    signal_in_words,
)
from dashboard.words.sites.indicators import group_name, indicator_name, points

IN_OVERVIEW = tuple(one for one in IN_READING_ORDER if one not in FLOW)
"""The indicators of the overview, in reading order."""

FIRST = "improved_70"
"""The indicator that is chosen by default."""

_IN_ADDRESS = "indicator"
_KEY = "overview"


def overview_table(figures: Mapping[str, Figure], months: int) -> str:
    """Draw the table and return the chosen indicator. The row of this indicator is marked.

    Before the first choice, the address of the page names the chosen indicator. If it names none,
    the chosen indicator is ``FIRST``. ``months`` is the length of the period. The change of a
    figure is the difference from the same number of months before the period.
    """
    named = st.query_params.get(_IN_ADDRESS)
    first = named if named is not None and named in figures else FIRST
    state = st.session_state.get(_KEY)
    clicked = state.get("chosen") if state else None
    chosen = str(clicked) if clicked in figures else first
    _TABLE(
        key=_KEY,
        data={
            "chosen": chosen,
            "columns": _columns(),
            "table": _("Indicators: figures, and number of sites outside the limits"),
            "rows": [row_in_words(one, figure) for one, figure in figures.items()],
            "note": ngettext(
                "Change: difference from the {n} month before this period, in percentage points or"
                " in numbers. Months: one point a month; a gap where the number is hidden.",
                "Change: difference from the {n} months before this period, in percentage points or"
                " in numbers. Months: one point a month; a gap where the number is hidden.",
                months,
            ),
        },
        on_chosen_change=_nothing,
    )
    if chosen != st.query_params.get(_IN_ADDRESS, FIRST):
        st.query_params[_IN_ADDRESS] = chosen
    return chosen


def _nothing() -> None:
    """Do nothing. Streamlit passes on the choice only if there is a callback. The next run reads
    the choice.
    """


def row_in_words(indicator: str, figure: Figure) -> dict[str, object]:
    """Return the data of a row for the browser, with the id of its indicator."""
    row = overview_row(figure)
    return {
        "id": indicator,
        **{name: legible(one) if isinstance(one, str) else one for name, one in row.items()},
    }


def overview_row(figure: Figure) -> dict[str, object]:
    """Return the cells of the row of an indicator, by the name of the column.

    All cells are texts, except ``months``, which is a list with one number for each month, or None
    for a hidden month. ``is_rate`` says whether these numbers are percentages.
    """
    indicator = INDICATORS[figure.indicator]
    is_rate = indicator.kind == "rate"
    basis: Basis | None = "all" if is_rate else None
    series = figure.series() if is_rate else figure.counts()
    return {
        "group": group_name(indicator.group),
        "name": indicator_name(figure.indicator),
        "n": count_in_words(figure.whole.eligible),
        "measured": rate_in_words(figure.whole, "measured") if indicator.scores else "",
        "all": rate_in_words(figure.whole, "all") if is_rate else "",
        "completeness": share_in_words(figure.whole) if indicator.scores else "",
        "change": points(figure.change()) if is_rate else _count_change(figure),
        "months": [
            None if value is None else round(value * (100 if is_rate else 1))
            for _month, value in series
        ],
        "is_rate": is_rate,
        "signal": signal_in_words(figure.run_chart(basis)),
        "outside": outside_in_words(figure, "all") if is_rate else "",
    }


def _count_change(figure: Figure) -> str:
    """Return the difference between the count and the count of the previous period, with its
    sign.
    """
    now, then = _count(figure.whole), _count(figure.before)
    if now is None or then is None:
        return "–"
    return f"+{now - then}" if now > then else f"−{then - now}" if now < then else "0"


def _count(shown: ShownTally) -> int | None:
    return shown.numerator.value


def _columns() -> dict[str, list[str]]:
    """Return the label and the meaning of each column."""
    return {
        "group": [_("Part"), ""],
        "name": [_("Indicator"), ""],
        "n": [_("n"), _("Patients, questions, … whom it is about in the period")],
        "measured": [_("Of those measured"), _("Rate among those who were measured")],
        "all": [_("Of all"), _("Rate with those not measured counted as failures")],
        "completeness": [
            pgettext("plural", "Measured"),
            _("Completeness: how many were measured"),
        ],
        "change": [
            _("Change"),
            _("Against the period of the same length before: points of the rate, or the number"),
        ],
        "months": [_("Months"), ""],
        "signal": [
            _("Signal"),
            _("Run chart: six or more months on one side of the median, or too few crossings"),
        ],
        "outside": [
            _("Sites outside"),
            _("Outside the 95 % limits, of the sites with enough patients to judge"),
        ],
    }


_TABLE = st.components.v2.component(
    "case_review_overview",
    html="<table><thead></thead><tbody></tbody></table><p></p>",
    css=Path(__file__).with_suffix(".css").read_text(encoding="utf-8"),
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)
