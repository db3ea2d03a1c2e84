"""The funnel plot: the rate of each site by its number of patients, with limits.

Chance alone explains a rate within the limits. The plot is not a ranking: a site further to the
right only has more patients.
"""

from collections.abc import Iterator, Mapping

import pandas as pd

from dashboard.charts.drawing import (
    Box,
    Drawing,
    Margins,
    Room,
    Row,
    apart,
    box_of,
    label,
    rule,
    symbol,
    together,
    vertex,
)
from dashboard.clinical.sites.comparison import (
    Basis,
    Figure,
    SiteFigure,
    denominator,
    rate_of,
    too_few,
)
from dashboard.clinical.sites.funnel import ALARM, WARNING, Limits, curve
from dashboard.clinical.sites.suppression import STEP_VARIANCE
from dashboard.components.charts.chart_export import Drawn
from dashboard.components.charts.rate_scale import Scale, rate_scale
from dashboard.components.sites.run_chart_drawing import target_in_words, target_line
from dashboard.locale import _, ngettext
from dashboard.locale.formats import number
from dashboard.words.sites.figures import count_in_words, place_name, rate_in_words
from dashboard.words.sites.indicators import indicator_name, percent

TOP, BELOW = 14, 40
MARGINS = Margins(46, 96)


def funnel_chart(
    figure: Figure,
    basis: Basis,
    names: Mapping[int, str],
    height: int,
    target: float | None = None,
) -> Drawn:
    """Return the funnel plot of one indicator.

    ``names`` are the names of the sites by id. ``height`` is in pixels. ``target`` is the target
    rate of the New York State Office of Mental Health (0 to 1), or None if its line is not wanted.
    """
    overall = figure.overall[basis]
    placed = [one for one in figure.sites if denominator(one.shown, basis).value]
    drawing = Drawing(labels=[label(_("Too few patients to draw"), 0, height / 2)])
    if overall is not None and placed:
        drawing = together(_parts(figure, basis, placed, overall, names, height, target))
    return Drawn(
        drawing=drawing,
        height=height,
        margins=MARGINS,
        words=" ".join([_in_words(figure, basis), *target_in_words(target)]),
        table=funnel_table(figure, basis, names),
        name=f"funnel_{figure.indicator}",
    )


def funnel_table(figure: Figure, basis: Basis, names: Mapping[int, str]) -> pd.DataFrame:
    """Return the table of the sites in their fixed order, as texts."""
    rows = [
        (
            names.get(one.site_id, str(one.site_id)),
            count_in_words(denominator(one.shown, basis)),
            count_in_words(one.shown.numerator),
            rate_in_words(one.shown, basis),
            place_name(one.places[basis]),
        )
        for one in figure.sites
    ]
    heads = [_("Site"), _("n"), _("Numerator"), _("Rate"), _("Limits")]
    return pd.DataFrame(rows, columns=heads)


def _parts(
    figure: Figure,
    basis: Basis,
    placed: list[SiteFigure],
    overall: float,
    names: Mapping[int, str],
    height: int,
    target: float | None,
) -> Iterator[Drawing]:
    most = max(denominator(one.shown, basis).value or 0 for one in placed)
    edge = _round_up(most)
    curves = {
        level: curve(overall, edge, level, max(edge // 60, 5), STEP_VARIANCE)
        for level in (WARNING, ALARM)
    }
    rates = [rate for one in placed if (rate := rate_of(one.shown, basis)) is not None]
    inner = [
        limit for n, one in curves[ALARM] if n >= edge / 12 for limit in (one.lower, one.upper)
    ]
    targets = [] if target is None else [target]
    scale = rate_scale([*rates, *inner, overall, *targets], TOP, height - BELOW)
    yield scale.lines()
    yield target_line(target, scale)
    for level, dash in ((ALARM, "solid"), (WARNING, "dashed")):
        yield _curve(curves[level], level, edge, scale, dash)
    yield Drawing(
        rules=[rule(0, 1, scale.y(overall), scale.y(overall), "muted", dash="dotted", width=1.5)],
        labels=_margin_labels(curves, overall, scale),
    )
    yield _numbers(edge, scale)
    yield _sites(placed, basis, edge, scale, names)


def _curve(
    steps: list[tuple[int, Limits]], level: float, edge: int, scale: Scale, dash: str
) -> Drawing:
    # Leave out a limit that is beyond the scale. It would be drawn along the edge of the scale.
    corners = [
        vertex(f"{side}{level}", round(n / edge, 4), scale.y(value), tone="rule", dash=dash)
        for n, one in steps
        for side, value in (("lower", one.lower), ("upper", one.upper))
        if scale.low <= value <= scale.high
    ]
    return Drawing(paths=corners)


def _margin_labels(
    curves: Mapping[float, list[tuple[int, Limits]]], overall: float, scale: Scale
) -> list[Row]:
    """Return the names of the limits and the overall rate, at the right ends of their lines.

    The texts are moved apart if their lines are too close.
    """
    ends = [
        (value, percent(level) if level == WARNING else f"{number(99.8)}\N{NO-BREAK SPACE}%", False)
        for level, steps in curves.items()
        for value in (steps[-1][1].lower, steps[-1][1].upper)
        if scale.low <= value <= scale.high
    ]
    ends.append((overall, percent(overall), True))
    places = apart([scale.y(value) for value, _text, _is_rate in ends])
    return [
        label(text, 1, y, dx=8, tone="ink" if is_rate else "muted", weight=600 if is_rate else 400)
        for (_value, text, is_rate), y in zip(ends, places, strict=True)
    ]


def _numbers(edge: int, scale: Scale) -> Drawing:
    """Return the labels of the horizontal scale, which shows the number of patients."""
    ticks = [edge * quarter // 4 for quarter in range(5)]
    labels = [
        label(number(one), one / edge, scale.bottom + 12, align="center", tone="muted")
        for one in ticks
    ]
    middle = label(_("number of patients"), 0.5, scale.bottom + 28, align="center", tone="muted")
    return Drawing(labels=[*labels, middle])


def _sites(
    placed: list[SiteFigure], basis: Basis, edge: int, scale: Scale, names: Mapping[int, str]
) -> Drawing:
    symbols: list[Row] = []
    labels: list[Row] = []
    named: list[tuple[str, float, float]] = []
    room = Room(within=Box(0, TOP - 8, MARGINS.width, scale.bottom))
    for one in placed:
        n, rate = denominator(one.shown, basis).value, rate_of(one.shown, basis)
        if n is None or rate is None:
            continue
        x, place = round(n / edge, 4), one.places[basis]
        outside = place is not None and place.is_outside
        tone = "warning" if outside else "accent"
        name = names.get(one.site_id, str(one.site_id))
        tip = f"{name} · {rate_in_words(one.shown, basis)} · {number(n)}"
        y = scale.y(rate)
        symbols.append(
            symbol(
                "diamond" if outside else "circle",
                x,
                y,
                fill="page" if too_few(one.shown, basis) else tone,
                edge=tone,
                size=70 if outside else 44,
                tip=tip,
            )
        )
        room.take(_around(x, y))
        if outside:
            named.append((name, x, y))
    for name, x, y in named:
        places = (_beside(name, x, y, *offset) for offset in _OFFSETS)
        labels += [one for one in places if room.take(box_of(one, MARGINS))][:1]
    return Drawing(symbols=symbols, labels=labels)


_OFFSETS = ((9, 0, "left"), (-9, 0, "right"), (0, -13, "center"), (0, 13, "center"))


def _beside(name: str, x: float, y: float, dx: float, dy: float, align: str) -> Row:
    return label(name, x, y + dy, dx=dx, align=align)


def _around(x: float, y: float) -> Box:
    """Return the box that the point of a site occupies."""
    middle = x * MARGINS.width
    return Box(middle - 5, y - 5, middle + 5, y + 5)


def _round_up(most: int) -> int:
    """Return a round number slightly above ``most``, the number of patients of the largest site."""
    for unit in (4, 20, 40, 200, 400, 2_000, 4_000, 20_000, 40_000, 400_000):
        if most <= unit * 10:
            return unit * (most // unit + 1)
    return most + 1


def _in_words(figure: Figure, basis: Basis) -> str:
    outside, placed = figure.outside(basis)
    return _(
        "Funnel plot of {name}: {rate} overall; {sites}.",
        name=indicator_name(figure.indicator),
        rate=percent(figure.rate(basis)),
        sites=ngettext(
            "{n} site outside the 95 % limits, of {placed}",
            "{n} sites outside the 95 % limits, of {placed}",
            outside,
            placed=placed,
        ),
    )
