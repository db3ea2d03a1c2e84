"""The indicators of the reader's own caseload, and the patients to look at for one indicator."""

from collections.abc import Callable, Sequence
from datetime import date

import pandas as pd
import streamlit as st

from dashboard.clinical.sites.comparison import Period
from dashboard.clinical.sites.forecast import later, month_of
from dashboard.clinical.sites.indicators import INDICATORS
from dashboard.clinical.sites.own_figures import OwnCase, OwnFigure
from dashboard.components.elements.escaping import plain
from dashboard.components.elements.patient_name import patient_name
from dashboard.components.elements.url_state import one_of
from dashboard.components.elements.wrapped_table import wrapped_table
from dashboard.locale import _, ngettext, pgettext
from dashboard.locale.formats import month_and_year, number
from dashboard.words.sites.indicators import formula, indicator_name, percent
from dashboard.words.sites.own_figures import reason_in_words

BACK = 12
LENGTHS = (1, 3, 6, 12)
USUAL = 3


def own_period(today: date) -> Period:
    """Draw the choice of the months and return the period. The default is this month and the two
    before it.
    """
    this_month = month_of(today)
    months = {f"{one:%Y-%m}": one for one in (later(this_month, -back) for back in range(BACK + 1))}
    left, right, _rest = st.columns([2, 2, 8])
    with left:
        named = {text: _("to {month}", month=month_and_year(one)) for text, one in months.items()}
        until = months[one_of(_("To"), named, "until", usual=next(iter(months)))]
    with right:
        lengths = {one: ngettext("over {n} month", "over {n} months", one) for one in LENGTHS}
        length = one_of(_("Period"), lengths, "months", usual=USUAL)
    return Period(later(until, 1 - length), until)


def own_figures_view(figures: Sequence[OwnFigure], open_case: Callable[[int], None]) -> None:
    """Draw the figures and, beside them, the patients to look at for the chosen indicator."""
    if not figures:
        st.caption(_("No patient of yours counts in these months."))
        return
    left, right = st.columns([3, 2], gap="medium")
    with left:
        wrapped_table(figures_table(figures), _("Figures of your caseload"), border=True)
        st.caption(
            _(
                "Only your own patients, counted exactly. Each figure is about other patients and"
                " other days: its definition is beside the table when you choose it."
            )
        )
    with right:
        by_indicator = {one.indicator: one for one in figures}
        usual = next((one.indicator for one in figures if one.listed), figures[0].indicator)
        chosen = one_of(
            _("Indicator"),
            {one: _named(figure) for one, figure in by_indicator.items()},
            "indicator",
            usual=usual,
        )
        _listed(by_indicator[chosen], open_case)


def figures_table(figures: Sequence[OwnFigure]) -> pd.DataFrame:
    """Return the table of the figures, as texts.

    The rate counts those not measured as failures. The two columns after it are the rate among
    those measured, and how many were measured; they are empty if the answer does not depend on a
    score.
    """
    rows = [
        (
            indicator_name(one.indicator),
            _("{n} of {all}", n=number(one.numerator), all=number(one.eligible)),
            percent(one.numerator / one.eligible),
            *_of_those_measured(one),
            number(len(one.listed)),
        )
        for one in figures
    ]
    heads = [
        _("Indicator"),
        _("Number"),
        _("Rate"),
        _("Of those measured"),
        pgettext("plural", "Measured"),
        _("To look at"),
    ]
    return pd.DataFrame(rows, columns=heads)


def _of_those_measured(figure: OwnFigure) -> tuple[str, str]:
    if not INDICATORS[figure.indicator].scores:
        return "", ""
    rate = figure.numerator / figure.measured if figure.measured else None
    return percent(rate), number(figure.measured)


def _named(figure: OwnFigure) -> str:
    return f"{indicator_name(figure.indicator)} ({number(len(figure.listed))})"


def _listed(figure: OwnFigure, open_case: Callable[[int], None]) -> None:
    """Draw the formula of the indicator, and a line for each patient to look at."""
    st.caption(plain(formula(figure.indicator)))
    if not figure.listed:
        st.markdown(_("Nobody to look at."))
        return
    st.markdown(f"**{_('To look at')}**")
    with st.container(gap="xxsmall"):
        for place, case in enumerate(figure.listed):
            _line(place, case, open_case)


def _line(place: int, case: OwnCase, open_case: Callable[[int], None]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            plain(patient_name(case.patient)),
            key=f"figure/{case.indicator}/{case.episode_id}/{place}",
            on_click=open_case,
            args=(case.episode_id,),
            type="tertiary",
            width="content",
        )
        st.markdown(f":small[{plain(reason_in_words(case))}]")
