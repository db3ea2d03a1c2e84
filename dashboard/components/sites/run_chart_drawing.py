"""The drawing of a run chart: one value for each month, and the median that the rules of the chart
use.
"""

from collections.abc import Iterator, Sequence
from datetime import date

import pandas as pd

from dashboard.charts.drawing import (
    Drawing,
    Margins,
    Row,
    label,
    rule,
    symbol,
    together,
    vertex,
)
from dashboard.clinical.sites.comparison import Basis, Figure, denominator
from dashboard.clinical.sites.run_chart import RunChart
from dashboard.components.charts.chart_export import Drawn
from dashboard.components.charts.rate_scale import Scale, count_scale, rate_scale
from dashboard.locale import _
from dashboard.locale.formats import month_and_year, number, short_month
from dashboard.words.sites.figures import count_in_words, rate_in_words, run_chart_in_words
from dashboard.words.sites.indicators import indicator_name, percent

TOP, BELOW = 14, 34
MARGINS = Margins(46, 96)
LINE = 13
"""The vertical distance between two labels that are one above the other, in pixels."""

Value = tuple[date, float | None]


def run_chart_drawn(
    figure: Figure, basis: Basis | None, height: int, target: float | None = None
) -> Drawn:
    """Return the run chart of one indicator. It shows the rate, or the count if ``basis`` is None.

    ``height`` is in pixels. ``target`` is the target rate of the New York State Office of Mental
    Health (0 to 1), or None if its line is not wanted.
    """
    values: Sequence[Value] = figure.counts() if basis is None else figure.series(basis)
    chart = figure.run_chart(basis)
    if chart is None:
        drawing = Drawing(labels=[label(_("No month can be shown."), 0, height / 2)])
    else:
        drawing = together(_parts(values, chart, basis is not None, height, target))
    name = indicator_name(figure.indicator)
    return Drawn(
        drawing=drawing,
        height=height,
        margins=MARGINS,
        words=" ".join(
            [
                _("Run chart of {name}. {signal}", name=name, signal=run_chart_in_words(chart)),
                *target_in_words(target),
            ]
        ),
        table=_table(figure, basis),
        name=f"run_chart_{figure.indicator}",
    )


def _table(figure: Figure, basis: Basis | None) -> pd.DataFrame:
    """Return the table of the months as texts, latest first."""
    if basis is None:
        counts = [
            (month_and_year(month), count_in_words(shown.numerator))
            for month, shown in reversed(figure.months)
        ]
        return pd.DataFrame(counts, columns=[_("Month"), _("n")])
    rates = [
        (
            month_and_year(month),
            count_in_words(denominator(shown, basis)),
            count_in_words(shown.numerator),
            rate_in_words(shown, basis),
        )
        for month, shown in reversed(figure.months)
    ]
    return pd.DataFrame(rates, columns=[_("Month"), _("n"), _("Numerator"), _("Rate")])


def _parts(
    values: Sequence[Value],
    chart: RunChart,
    is_rate: bool,
    height: int,
    target: float | None,
) -> Iterator[Drawing]:
    known = [value for _month, value in values if value is not None]
    if target is not None:
        known.append(target)
    scale = (rate_scale if is_rate else count_scale)(known, TOP, height - BELOW)
    yield scale.lines()
    yield target_line(target, scale, beside=scale.y(chart.median))
    yield _median(chart, scale, is_rate)
    yield _line(values, scale, is_rate)
    yield months_along([month for month, _value in values], scale.bottom)


def _median(chart: RunChart, scale: Scale, is_rate: bool) -> Drawing:
    y = scale.y(chart.median)
    value = percent(chart.median) if is_rate else number(round(chart.median, 1))
    return Drawing(
        rules=[rule(0, 1, y, y, "muted", dash="dashed", width=1.5)],
        labels=[label(_("median {value}", value=value), 1, y, dx=8)],
    )


def target_line(target: float | None, scale: Scale, beside: float | None = None) -> Drawing:
    """Return the line of the target rate of the New York State Office of Mental Health, with its
    name.

    Return an empty drawing if ``target`` is None. ``beside`` is the vertical position of a label in
    the right margin, in pixels. The name is also in the right margin and does not overlap this
    label. If ``beside`` is None, the name is inside the chart, on the left.
    """
    if target is None:
        return Drawing()
    y = scale.y(target)
    said = _("New York {rate}", rate=percent(target))
    name = label(said, 0, y - 8, dx=4, tone="accent")
    if beside is not None:
        above = y <= beside
        at = min(y, beside - LINE) if above else max(y, beside + LINE)
        name = label(said, 1, at, dx=8, tone="accent")
    return Drawing(rules=[rule(0, 1, y, y, "accent", dash="dotted")], labels=[name])


def target_in_words(target: float | None) -> list[str]:
    """Return a list with one sentence about the target of the New York State Office of Mental
    Health.

    Return an empty list if ``target`` is None.
    """
    return [] if target is None else [_("New York’s target: {rate}.", rate=percent(target))]


def _line(values: Sequence[Value], scale: Scale, is_rate: bool) -> Drawing:
    """Return the points of the months and the lines between them.

    No line crosses a month without a value.
    """
    paths: list[Row] = []
    points: list[Row] = []
    part = 0
    for place, (month, value) in enumerate(values):
        if value is None:
            part += 1
            continue
        x, y = along(place, len(values)), scale.y(value)
        said = percent(value) if is_rate else number(value)
        paths.append(vertex(f"part{part}", x, y, tone="accent"))
        tip = f"{month_and_year(month)} · {said}"
        points.append(symbol("circle", x, y, fill="accent", size=26, tip=tip))
    return Drawing(paths=paths, symbols=points)


def along(place: int, length: int) -> float:
    """Return the horizontal position of a month, from 0 at the left to 1 at the right."""
    return 0.5 if length < 2 else round(place / (length - 1), 4)


def months_along(months: Sequence[date], bottom: float) -> Drawing:
    """Return the names of at most nine months, at equal distances, below the chart.

    The first named month of each year has the year below its name.
    """
    step = max(1, -(-len(months) // 9))
    labels = []
    for place in range(0, len(months), step):
        month = months[place]
        x = along(place, len(months))
        labels.append(label(short_month(month), x, bottom + 12, align="center"))
        if place == 0 or month.year != months[place - step].year:
            year = str(month.year)
            labels.append(label(year, x, bottom + 25, align="center", tone="muted"))
    return Drawing(labels=labels)
