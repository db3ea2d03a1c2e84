"""Enrolment, sequences and tariff, compared with the forecast of the experiment."""

from collections.abc import Sequence
from datetime import date
from itertools import accumulate

import pandas as pd
import streamlit as st

from dashboard.clinical.sites.forecast import (
    BUDGET,
    KINDS,
    MONTHS,
    STARTS_ON,
    TARIFF,
    Experiment,
    cumulated,
    later,
)
from dashboard.components.charts.chart_export import Drawn, draw, draw_table
from dashboard.components.elements.escaping import plain
from dashboard.components.sites.forecast_chart import cumulated_chart, quarter_of_year
from dashboard.components.sites.indicator_detail import TakeAway
from dashboard.locale import _, ngettext
from dashboard.locale.formats import month_and_year, number
from dashboard.vocabulary import SequenceKind
from dashboard.words.case.chart import sequence_name
from dashboard.words.sites.figures import hidden
from dashboard.words.sites.indicators import euros, percent

HEIGHT = 250


def forecast_view(experiment: Experiment, take_away: TakeAway) -> None:
    """Draw the totals, the charts, the projection, and the table of the quarters."""
    _totals(experiment)
    columns = st.columns(2, gap="medium")
    for column, drawn in zip(columns, forecast_charts(experiment), strict=True):
        with column:
            st.markdown(f"**{drawn.words.split(',')[0]}**")
            draw(drawn, key=drawn.name)
            take_away(drawn)
    st.caption(plain(projection_in_words(experiment)))
    draw_table(
        quarters_table(experiment), alt=_("Sequences and tariff by quarter"), height="content"
    )
    st.caption(
        _(
            "Tariff: {leger} € for a light sequence, {classique} € for a classic one. Forecast:"
            " avis du Comité technique de l'innovation en santé, June 2023; the months of a period"
            " are taken as equal.",
            leger=TARIFF[SequenceKind.LIGHT],
            classique=TARIFF[SequenceKind.CLASSIC],
        )
    )


def forecast_charts(experiment: Experiment) -> list[Drawn]:
    """Return the charts of the cumulated tariff and of the cumulated classic sequences."""
    projection, table = experiment.projection, quarters_table(experiment)
    quarters = [one.start for one in experiment.planned]
    return [
        cumulated_chart(
            _("Tariff in euros"),
            quarters,
            _summed([one.forecast_tariff for one in experiment.planned]),
            cumulated([one.tariff for one in experiment.quarters], experiment.tariff),
            projection.tariff if projection else None,
            HEIGHT,
            "tariff",
            table,
        ),
        cumulated_chart(
            _("Classic sequences"),
            quarters,
            _summed([one.forecast[SequenceKind.CLASSIC] for one in experiment.planned]),
            cumulated(
                [one.sequences[SequenceKind.CLASSIC] for one in experiment.quarters],
                experiment.sequences[SequenceKind.CLASSIC],
            ),
            projection.sequences[SequenceKind.CLASSIC] if projection else None,
            HEIGHT,
            "sequences",
            table,
        ),
    ]


def _summed(values: Sequence[float]) -> list[float]:
    return list(accumulate(values))


def _totals(experiment: Experiment) -> None:
    columns = st.columns(5)
    columns[0].metric(
        _("Tariff of the sequences started"),
        _euros(experiment.tariff),
        _("forecast {amount}", amount=euros(experiment.forecast_tariff)),
        delta_color="off",
        delta_arrow="off",
    )
    left = None if experiment.tariff is None else BUDGET - experiment.tariff
    columns[1].metric(
        _("Remains of {budget}", budget=euros(BUDGET)),
        _euros(left),
        None if left is None else percent(left / BUDGET),
        delta_color="off",
        delta_arrow="off",
    )
    for column, kind in zip(columns[2:4], KINDS, strict=True):
        planned = sum(one.forecast[kind] for one in experiment.quarters)
        column.metric(
            _("Sequences, {kind}", kind=sequence_name(kind)),
            _number(experiment.sequences[kind]),
            _("forecast {amount}", amount=number(round(planned))),
            delta_color="off",
            delta_arrow="off",
        )
    planned = sum(one.forecast_patients for one in experiment.quarters)
    columns[4].metric(
        _("Patients enrolled"),
        _number(experiment.enrolled),
        _("forecast {amount}", amount=number(round(planned))),
        delta_color="off",
        delta_arrow="off",
    )


def projection_in_words(experiment: Experiment) -> str:
    """Return the projection to the end of the experiment, with its interval and method, in words.

    If there is no projection, return the reason.
    """
    end = later(STARTS_ON, MONTHS - 1)
    found = experiment.projection
    if found is None and experiment.until >= end:
        return _(
            "The experiment ended with {month}: nothing is projected, and no sequence that started"
            " later is counted here.",
            month=month_and_year(end),
        )
    if found is None:
        return _("Fewer than three whole months: nothing can be projected yet.")
    return _(
        "If the pace of the last twelve whole months goes on for the {months} left: {tariff}"
        " by {end} (95 % interval {low} to {high}), {remains} of the budget. The interval takes"
        " the months as independent counts with the spread they had, and adds the uncertainty"
        " of their mean; it knows nothing of sites that open or close.",
        months=ngettext("{n} month", "{n} months", found.months_left),
        tariff=euros(found.tariff.expected),
        end=month_and_year(end),
        low=euros(found.tariff.low),
        high=euros(found.tariff.high),
        remains=percent(found.tariff.expected / BUDGET),
    )


def quarters_table(experiment: Experiment) -> pd.DataFrame:
    """Return a table of the quarters as texts, latest first. The forecast is beside the actual
    values.
    """
    rows = [
        (
            quarter_name(one.start),
            _against(one.enrolled, one.forecast_patients),
            *(_against(one.sequences[kind], one.forecast[kind]) for kind in KINDS),
            _euros(one.tariff),
            euros(one.forecast_tariff),
        )
        for one in reversed(experiment.quarters)
    ]
    heads = [
        _("Quarter"),
        _("Patients (forecast)"),
        _("Light (forecast)"),
        _("Classic (forecast)"),
        _("Tariff"),
        _("Forecast tariff"),
    ]
    return pd.DataFrame(rows, columns=heads)


def quarter_name(start: date) -> str:
    """Return the name of a quarter, such as "Q3 2024" ("T3 2024" in French)."""
    return f"{quarter_of_year(start)} {start.year}"


def _against(count: int | None, forecast: float) -> str:
    return f"{_number(count)} ({number(round(forecast))})"


def _number(count: int | None) -> str:
    return hidden() if count is None else number(count)


def _euros(amount: int | None) -> str:
    return hidden() if amount is None else euros(amount)
