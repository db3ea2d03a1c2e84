"""The chart of the forecast: cumulated sequences, patients or tariff, by quarter."""

from collections.abc import Callable, Iterator, Sequence
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
from dashboard.clinical.sites.forecast import Estimate
from dashboard.components.charts.chart_export import Drawn
from dashboard.components.charts.rate_scale import Scale, count_scale
from dashboard.locale import _
from dashboard.locale.formats import number

TOP, BELOW = 14, 34
MARGINS = Margins(70, 150)


def cumulated_chart(
    title: str,
    quarters: Sequence[date],
    forecast: Sequence[float],
    actual: Sequence[float | None],
    end: Estimate | None,
    height: int,
    name: str,
    table: pd.DataFrame,
) -> Drawn:
    """Return a chart of the forecast and of the actual values. Both are sums up to the end of a
    quarter.

    ``quarters`` are the first days of all quarters of the experiment. ``actual`` has the quarters
    that have begun; a hidden sum is None. ``end`` is the expected value at the end of the
    experiment, with its interval; None without a projection. ``height`` is in pixels.
    """
    known = [one for one in actual if one is not None]
    scale = count_scale([*forecast, *known, *([end.high] if end else [])], TOP, height - BELOW)
    parts = list(_parts(quarters, forecast, actual, end, scale))
    return Drawn(
        drawing=together(parts),
        height=height,
        margins=MARGINS,
        words=_(
            "{title}, cumulated: {actual} against a forecast of {forecast} by the same quarter.",
            title=title,
            actual=number(round(known[-1])) if known else "–",
            forecast=number(round(forecast[len(actual) - 1])) if known else "–",
        ),
        table=table,
        name=name,
    )


def _parts(
    quarters: Sequence[date],
    forecast: Sequence[float],
    actual: Sequence[float | None],
    end: Estimate | None,
    scale: Scale,
) -> Iterator[Drawing]:
    yield scale.lines()
    points = [(place, one) for place, one in enumerate(actual, 1) if one is not None]

    def x(place: int) -> float:
        return round(place / len(forecast), 4)

    origin = [0.0]
    yield Drawing(
        paths=[
            *(
                vertex("forecast", x(place), scale.y(one), tone="muted", dash="dashed")
                for place, one in enumerate([*origin, *forecast])
            ),
            *(
                vertex("actual", x(place), scale.y(one), tone="accent")
                for place, one in [(0, 0.0), *points]
            ),
        ],
        symbols=[
            symbol("circle", x(place), scale.y(one), fill="accent", size=26, tip=number(round(one)))
            for place, one in points
        ],
        labels=[
            *_names(quarters, x, scale.bottom),
            *_ends(forecast, [one for _place, one in points], end, scale),
        ],
    )
    if end is not None and points:
        yield Drawing(
            rules=[
                rule(
                    x(points[-1][0]),
                    1,
                    scale.y(points[-1][1]),
                    scale.y(end.expected),
                    "accent",
                    dash="dotted",
                    width=1.5,
                ),
                rule(1, 1, scale.y(end.low), scale.y(end.high), "accent", width=3),
            ]
        )


def _names(quarters: Sequence[date], x: Callable[[int], float], bottom: float) -> list[Row]:
    """Return the names of at most seven quarters at equal distances. The first one of each year has
    the year below its name.
    """
    step = max(1, -(-len(quarters) // 7))
    labels: list[Row] = []
    year = None
    for place in range(step - 1, len(quarters), step):
        start, at = quarters[place], x(place + 1)
        labels.append(label(quarter_of_year(start), at, bottom + 12, align="center"))
        if start.year != year:
            year = start.year
            labels.append(label(str(year), at, bottom + 25, align="center", tone="muted"))
    return labels


def quarter_of_year(start: date) -> str:
    """Return the name of a quarter without its year, such as "Q3" ("T3" in French)."""
    return _("Q{quarter}", quarter=(start.month + 2) // 3)


def _ends(
    forecast: Sequence[float], actual: Sequence[float], end: Estimate | None, scale: Scale
) -> list[Row]:
    """Return the labels to the right of the lines. Labels that would overlap are moved apart."""
    said = [(scale.y(forecast[-1]), _("forecast {n}", n=number(round(forecast[-1]))), "muted")]
    if end is not None:
        text = _("at this pace {n}", n=number(round(end.expected)))
        said.append((scale.y(end.expected), text, "ink"))
    elif actual:
        said.append((scale.y(actual[-1]), _("started {n}", n=number(round(actual[-1]))), "ink"))
    placed: list[Row] = []
    for top, text, tone in sorted(said):
        at = max(top, placed[-1]["y"] + 14) if placed else top
        placed.append(label(text, 1, at, dx=8, tone=tone))
    return placed
