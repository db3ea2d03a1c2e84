"""The overview of the indicators.

The line of an indicator has its figures, their change, the months, and the sites outside the
limits.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.clinical.sites.comparison import Basis, Figure
from dashboard.clinical.sites.indicators import FLOW, INDICATORS
from dashboard.clinical.sites.suppression import ShownTally
from dashboard.components.elements.escaping import legible_table
from dashboard.locale import _, pgettext
from dashboard.words.sites.figures import (
    count_in_words,
    outside_in_words,
    rate_in_words,
    share_in_words,
    signal_in_words,
)
from dashboard.words.sites.indicators import group_name, indicator_name, points

ROWS_SHOWN = 11
ROW_HEIGHT = 31

IN_OVERVIEW = tuple(one for one in INDICATORS if one not in FLOW)
"""The indicators of the overview, in their order."""

FIRST = "improved_70"
"""The indicator that is opened by default."""

_IN_ADDRESS = "indicator"


def overview_table(figures: Mapping[str, Figure]) -> str:
    """Draw the table; return the chosen indicator.

    Before the first choice, it is the indicator in the address.
    """
    order = list(figures)
    named = st.query_params.get(_IN_ADDRESS)
    first = order.index(named if named in order else FIRST)
    drawn = st.dataframe(
        legible_table(overview_frame(figures)),
        hide_index=True,
        column_config=_columns(figures),
        height=ROW_HEIGHT * ROWS_SHOWN + 37,
        row_height=ROW_HEIGHT,
        placeholder="",
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [first], "columns": [], "cells": []}},
        key="overview",
        alt=_("Indicators, one a line, with their figures and how many sites lie outside"),
    )
    rows = drawn.selection.rows
    chosen = order[rows[0]] if rows and rows[0] < len(order) else order[first]
    if chosen != st.query_params.get(_IN_ADDRESS, FIRST):
        st.query_params[_IN_ADDRESS] = chosen
    return chosen


def overview_frame(figures: Mapping[str, Figure]) -> pd.DataFrame:
    """Return the table. All cells are texts, except the months, which are numbers."""
    return pd.DataFrame([overview_row(figure) for figure in figures.values()])


def overview_row(figure: Figure) -> dict[str, object]:
    """Return the line of an indicator.

    All cells are texts, except the months, which are numbers.
    """
    indicator = INDICATORS[figure.indicator]
    is_rate = indicator.kind == "rate"
    basis: Basis | None = "all" if is_rate else None
    series = figure.series() if is_rate else figure.counts()
    values = [value for _month, value in series if value is not None]
    return {
        "group": group_name(indicator.group),
        "name": indicator_name(figure.indicator),
        "n": count_in_words(figure.whole.eligible),
        "measured": rate_in_words(figure.whole, "measured") if indicator.scores else "",
        "all": rate_in_words(figure.whole, "all") if is_rate else "",
        "completeness": share_in_words(figure.whole) if indicator.scores else "",
        "change": points(figure.change()) if is_rate else _count_change(figure),
        "months": [round(value * (100 if is_rate else 1)) for value in values],
        "signal": signal_in_words(figure.run_chart(basis)),
        "outside": outside_in_words(figure, "all") if is_rate else "",
    }


def _count_change(figure: Figure) -> str:
    """Return the difference between this count and that of the previous period, with its sign."""
    now, then = _count(figure.whole), _count(figure.before)
    if now is None or then is None:
        return "–"
    return f"+{now - then}" if now > then else f"−{then - now}" if now < then else "0"


def _count(shown: ShownTally) -> int | None:
    return shown.numerator.value


def _columns(figures: Mapping[str, Figure]) -> dict[str, Any]:
    config = st.column_config

    def text(label: str, width: int, help_: str | None = None) -> Any:
        return config.TextColumn(label, width=width, help=help_, alignment="right")

    return {
        "group": config.TextColumn(_("Part"), width=88),
        "name": config.TextColumn(_("Indicator"), width=226),
        "n": text(_("n"), 62, _("Patients, questions, … whom it is about in the period")),
        "measured": text(_("Of those measured"), 108, _("Rate among those who were measured")),
        "all": text(_("Of all"), 76, _("Rate with those not measured counted as failures")),
        "completeness": text(
            pgettext("plural", "Measured"), 84, _("Completeness: how many were measured")
        ),
        "change": text(
            _("Change"),
            72,
            _("Against the period of the same length before: points of the rate, or the number"),
        ),
        "months": config.LineChartColumn(_("Months"), width=150),
        "signal": config.TextColumn(
            _("Signal"),
            width=84,
            help=_("Run chart: six or more months on one side of the median, or too few crossings"),
        ),
        "outside": text(
            _("Sites outside"), 98, _("Outside the 95 % limits, of those that can be placed")
        ),
    }
