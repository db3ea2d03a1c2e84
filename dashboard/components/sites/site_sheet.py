"""The sheet of all sites side by side. Each rate of a site is drawn with its limits.

The order of the sites is fixed, by department and name. Sites are never ranked. A row shows one
rate, from 0 to 100 %. The grey band is the range that chance alone explains for the number of
patients of the site (95 %), so a site outside the limits is beside its band. The vertical stroke is
the rate of the programme. The point is the rate of the site.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import pandas as pd

from dashboard.charts.drawing import (
    Drawing,
    Margins,
    Row,
    area,
    label,
    rule,
    symbol,
    text_width,
    together,
)
from dashboard.clinical.sites.comparison import (
    Basis,
    Figure,
    SiteFigure,
    denominator,
    rate_of,
    too_few,
)
from dashboard.clinical.sites.funnel import WARNING, limits
from dashboard.clinical.sites.suppression import STEP_VARIANCE
from dashboard.components.charts.chart_export import Drawn
from dashboard.locale import _
from dashboard.words.sites.figures import place_name, rate_in_words
from dashboard.words.sites.indicators import indicator_name, percent

COLUMNS = 4
ROW, GAP = 15, 28
LINE, TITLE_LINES = 14, 2
"""The height of a line of the name of a site, in pixels, and the largest number of lines."""
TITLE = LINE * TITLE_LINES + 6
RIGHT = 12
BETWEEN = 0.035
USUAL_WIDTH = 990
"""The default width of the sheet, in pixels. The sheet has this width in a window of 1024 pixels,
and is wider in a wider window.
"""


@dataclass(frozen=True)
class Cell:
    """The rectangle of the sheet in which one site is drawn.

    Horizontal positions are shares of the width (0 to 1). The vertical position is in pixels from
    the top.
    """

    left: float
    right: float
    top: float

    def x(self, rate: float) -> float:
        """Return the horizontal position of a rate (0–1), as a share of the width."""
        return round(self.left + (self.right - self.left) * rate, 4)


def site_sheet(
    figures: Sequence[Figure],
    basis: Basis,
    names: Mapping[int, str],
    columns: int = COLUMNS,
    width: int = USUAL_WIDTH,
    narrowest: int | None = None,
) -> Drawn:
    """Return the drawing of every site with all of its rates, in the order of ``figures``.

    The left margin is as wide as the longest name of a rate. ``width`` is the width of the file.
    The names of sites are on two lines that fit into a chart of ``narrowest`` pixels or more. If
    ``narrowest`` is None, it is ``width``.
    """
    margins = Margins(_width_of_heads(figures), RIGHT)
    room = (narrowest or width) - margins.left - margins.right
    sites = [one.site_id for one in figures[0].sites] if figures else []
    per_row = TITLE + ROW * len(figures) + GAP
    rows = -(-len(sites) // columns) if sites else 0
    wide = (1 - BETWEEN * (columns - 1)) / columns
    parts: list[Drawing] = []
    for place, site in enumerate(sites):
        column, row = place % columns, place // columns
        left = column * (wide + BETWEEN)
        cell = Cell(left, left + wide, row * per_row)
        if column == 0:
            parts.append(_heads(figures, cell))
        parts.append(_panel(figures, place, basis, names.get(site, str(site)), cell, room * wide))
    return Drawn(
        drawing=together(parts) if parts else Drawing(),
        height=max(rows * per_row, 40),
        margins=margins,
        words=_("Every rate of every site between its limits, sites in a fixed order."),
        table=site_table(figures, basis, names),
        name="sites",
        file_width=width,
    )


def site_table(figures: Sequence[Figure], basis: Basis, names: Mapping[int, str]) -> pd.DataFrame:
    """Return a table of texts, with a row for each site and a column for each rate.

    The sign ● marks a rate that is outside the limits.
    """
    sites = [one.site_id for one in figures[0].sites] if figures else []
    columns: dict[str, list[str]] = {_("Site"): [names.get(site, str(site)) for site in sites]}
    for figure in figures:
        columns[indicator_name(figure.indicator)] = [_cell(one, basis) for one in figure.sites]
    return pd.DataFrame(columns)


def _cell(one: SiteFigure, basis: Basis) -> str:
    place = one.places[basis]
    mark = "● " if place is not None and place.is_outside else ""
    return mark + rate_in_words(one.shown, basis)


def _width_of_heads(figures: Sequence[Figure]) -> int:
    names = (indicator_name(figure.indicator) for figure in figures)
    return ceil(max(map(text_width, names), default=0)) + 12


def _heads(figures: Sequence[Figure], cell: Cell) -> Drawing:
    """Return the names of the rates, to the left of the first site of a line."""
    return Drawing(
        labels=[
            label(
                indicator_name(figure.indicator),
                0,
                _y(cell, place),
                dx=-8,
                align="right",
                tone="muted",
            )
            for place, figure in enumerate(figures)
        ]
    )


def _panel(
    figures: Sequence[Figure], site: int, basis: Basis, name: str, cell: Cell, room: float
) -> Drawing:
    lines = [
        _line(figure, figure.sites[site], basis, cell, _y(cell, place))
        for place, figure in enumerate(figures)
    ]
    titles = [
        label(text, cell.left, cell.top + 8 + LINE * place, weight=600)
        for place, text in enumerate(in_two_lines(name, room))
    ]
    return together([Drawing(labels=titles), *lines, _scale(cell, _y(cell, len(figures)))])


def _scale(cell: Cell, y: float) -> Drawing:
    """Return the ends of the scale of the rates, below the rates of a site."""
    return Drawing(
        labels=[
            label(percent(0), cell.left, y, tone="muted"),
            label(percent(1), cell.right, y, align="right", tone="muted"),
        ]
    )


def in_two_lines(name: str, room: float) -> list[str]:
    """Return a name on one or two lines of ``room`` pixels. It is divided between words.

    If the name does not fit, its end is replaced by an ellipsis.
    """
    words = name.split()
    first = words[:1]
    while len(first) < len(words) and _fits(" ".join(words[: len(first) + 1]), room):
        first = words[: len(first) + 1]
    lines = [" ".join(first), " ".join(words[len(first) :])]
    return [_fitting(line, room) for line in lines if line]


def _fits(text: str, room: float) -> bool:
    return text_width(text, weight=600) <= room


def _fitting(text: str, room: float) -> str:
    while text and not _fits(text, room):
        text = text[:-2].rstrip() + "…"
    return text


def _line(figure: Figure, one: SiteFigure, basis: Basis, cell: Cell, y: float) -> Drawing:
    overall, n = figure.overall[basis], denominator(one.shown, basis).value
    rules: list[Row] = [rule(cell.left, cell.right, y, y, "grid")]
    areas: list[Row] = []
    symbols: list[Row] = []
    if overall is not None and n:
        around = limits(overall, n, WARNING, STEP_VARIANCE)
        areas.append(
            area(cell.x(around.lower), cell.x(around.upper), y - 4, y + 4, "sequence_next")
        )
    if overall is not None:
        rules.append(rule(cell.x(overall), cell.x(overall), y - 6, y + 6, "muted", width=1.5))
    symbols.extend(_point(figure, one, basis, cell, y))
    return Drawing(areas=areas, rules=rules, symbols=symbols)


def _point(figure: Figure, one: SiteFigure, basis: Basis, cell: Cell, y: float) -> Iterator[Row]:
    """Yield the point of the site's rate. Yield nothing if there are too few patients to show the
    rate.
    """
    place = one.places[basis]
    outside = place is not None and place.is_outside
    tone = "warning" if outside else "accent"
    rate = rate_of(one.shown, basis)
    if rate is None:
        return
    said = f"{indicator_name(figure.indicator)} · {rate_in_words(one.shown, basis)}"
    yield symbol(
        "diamond" if outside else "circle",
        cell.x(rate),
        y,
        fill="page" if too_few(one.shown, basis) else tone,
        edge=tone,
        size=46 if outside else 26,
        tip=f"{said} · {place_name(place)} · {percent(figure.overall[basis])}",
    )


def _y(cell: Cell, place: int) -> float:
    return cell.top + TITLE + ROW * place + ROW / 2
