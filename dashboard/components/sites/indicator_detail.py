"""One indicator: its run chart, its funnel plot, its formula, its counts, its source."""

from collections.abc import Callable, Mapping

import streamlit as st

from dashboard.clinical.sites.comparison import Basis, Figure
from dashboard.clinical.sites.indicators import INDICATORS, NEW_YORK_TARGETS
from dashboard.components.charts.chart_export import Drawn, draw, draw_table
from dashboard.components.elements.escaping import plain
from dashboard.components.elements.url_state import segment
from dashboard.components.sites.funnel_chart import funnel_chart
from dashboard.components.sites.run_chart_drawing import run_chart_drawn
from dashboard.locale import _
from dashboard.words.sites.figures import (
    count_in_words,
    dispersion_in_words,
    rate_in_words,
    run_chart_in_words,
    share_in_words,
)
from dashboard.words.sites.indicators import (
    formula,
    indicator_name,
    reference_in_words,
    unit_name,
)

HEIGHT = 200

TakeAway = Callable[[Drawn], None]
"""A function that draws the download buttons of a chart."""


def indicator_detail(figure: Figure, names: Mapping[int, str], take_away: TakeAway) -> None:
    """Draw all details of an indicator. ``names`` are the names of the sites by id."""
    indicator = INDICATORS[figure.indicator]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(indicator_name(figure.indicator), anchor=False, width="content")
        basis = _basis() if indicator.scores else "all"
        target = _target(figure.indicator)
    if indicator.kind == "count":
        chart = run_chart_drawn(figure, None, HEIGHT)
        _chart(chart, run_chart_in_words(figure.run_chart(None)), take_away)
    else:
        said = run_chart_in_words(figure.run_chart(basis))
        _chart(run_chart_drawn(figure, basis, HEIGHT, target), said, take_away)
        said = dispersion_in_words(figure.dispersion[basis])
        _chart(funnel_chart(figure, basis, names, HEIGHT, target), said, take_away)
    explained(figure, target)


def explained(figure: Figure, target: float | None = None) -> None:
    """Draw the formula, the counts and the source in words.

    ``target`` is the target rate of the New York State Office of Mental Health (0 to 1), or None if
    its line is not drawn. If ``target`` is given, draw its source too.
    """
    indicator, whole = INDICATORS[figure.indicator], figure.whole
    said = [f"**{_('Formula')}** {plain(formula(figure.indicator))}"]
    if indicator.kind == "rate":
        counts = _(
            "{numerator} of {eligible} {unit}",
            numerator=count_in_words(whole.numerator),
            eligible=count_in_words(whole.eligible),
            unit=unit_name(indicator.unit),
        )
        if indicator.scores:
            counts += " · " + _(
                "{measured} measured ({completeness}) · {rate} of those measured",
                measured=count_in_words(whole.measured),
                completeness=share_in_words(whole),
                rate=rate_in_words(whole, "measured"),
            )
        said.append(f"**{_('Counts')}** {plain(counts)}")
    said.append(f"**{_('Source')}** {plain(indicator.source)}")
    if target is not None:
        said.append(f"**{_('Reference')}** {plain(reference_in_words(figure.indicator))}")
    st.markdown("  \n".join(said))


def _chart(drawn: Drawn, said: str, take_away: TakeAway) -> None:
    draw(drawn, key=f"chart/{drawn.name}")
    with st.container(horizontal=True, vertical_alignment="top"):
        st.caption(plain(said))
        take_away(drawn)
    table_of(drawn)


def table_of(drawn: Drawn) -> None:
    """Draw the data of the chart as a table in an expander, for readers who cannot see the chart.

    The table is made only when the expander is open.
    """
    with st.expander(_("As a table"), on_change="rerun", key=f"table/{drawn.name}") as opened:
        if opened.open:
            draw_table(drawn.table, alt=drawn.words)


def _target(indicator: str) -> float | None:
    """Return the target rate of the New York State Office of Mental Health for the indicator (0 to
    1).

    Return None if there is no target, or if the reader has hidden its line.
    """
    target = NEW_YORK_TARGETS.get(indicator)
    if target is None:
        return None
    names = {"shown": _("New York’s target"), "hidden": _("without")}
    chosen = segment(_("Reference line"), names, "reference", usual="shown")
    return target if chosen == "shown" else None


def _basis() -> Basis:
    chosen = segment(
        _("Of whom"),
        {"all": _("of all"), "measured": _("of those measured")},
        "basis",
        usual="all",
    )
    return "measured" if chosen == "measured" else "all"
