"""The Vega-Lite specification that draws every chart, on the screen and on paper.

The specification is built once for each ``Look``, which is a set of colours, dashes and fonts. It
is the same for every case and language. Texts and values are passed as data, so a typed text can
never be run as an expression.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import altair as alt

from dashboard.charts.drawing import Drawing, Margins, TimeAxis


@dataclass(frozen=True)
class Look:
    """The colours, dashes and fonts of a chart."""

    tones: tuple[str, ...]
    """The names of the colours."""
    colours: tuple[str, ...] | str
    """One colour for each name, or a Vega colour range that the Streamlit theme defines."""
    font: str
    bold: str | None = None
    """The font of bold labels; None if ``font`` has bold weights."""
    dashes: tuple[tuple[float, float], ...] = ((1, 0), (4, 3), (1, 3))
    """The lengths of a dash and of the gap after it, in pixels, for each name in ``DASHES``."""
    edge: float = 1
    """The width of the border of bars, in pixels."""


DASHES = ("solid", "dashed", "dotted")

SHAPES: Mapping[str, str] = {
    "circle": "circle",
    "square": "square",
    "diamond": "diamond",
    "triangle-up": "triangle-up",
    "triangle-down": "triangle-down",
    "triangle-left": "triangle-left",
    "tick": "M0,-1L0,1",
    "cross": "M-1,-1L1,1M1,-1L-1,1",
    "check": "M-1,0L-0.3,0.8L1,-0.8",
    # This symbol is a circle whose left half is filled. The right half is only an outline.
    "half": "M0,-1A1,1,0,0,0,0,1ZM0,-1A1,1,0,0,1,0,1L0,0.7A0.7,0.7,0,0,0,0,-0.7Z",
    "barred": "M1,0A1,1,0,1,1,-1,0A1,1,0,1,1,1,0M-0.7,0.7L0.7,-0.7",
    "dot": "M0.4,0A0.4,0.4,0,1,1,-0.4,0A0.4,0.4,0,1,1,0.4,0",
    "dash": "M-1,0L1,0",
    "arrow": "M-1,0L0.9,0M0.3,-0.6L0.9,0L0.3,0.6",
}


def specification(
    drawing: Drawing, height: float, axis: TimeAxis | Margins, look: Look
) -> dict[str, Any]:
    """Return the Vega-Lite specification of ``drawing``: the cached specification of ``template``
    with the marks as data.

    ``height`` is in pixels.
    """
    sheet = template(look)
    margins = [{"name": "left", "value": axis.left}, {"name": "right", "value": axis.right}]
    layers = [
        {**layer, "data": {"values": getattr(drawing, layer["data"]["name"])}}
        for layer in sheet["layer"]
    ]
    return {**sheet, "height": height, "params": margins, "layer": layers}


@cache
def template(look: Look) -> dict[str, Any]:
    """Return the Vega-Lite specification without data, height and margins.

    The result is cached, so callers must not change it.
    """
    layers = (part(look) for part in (_areas, _rules, _bars, _paths, _symbols, _labels))
    sheet = alt.layer(*layers).properties(
        autosize=alt.AutoSizeParams(type="none"), padding=_NO_PADDING
    )
    # The marks have no descriptions for screen readers, because a screen reader would read out
    # their positions in pixels. A table beside the chart contains the same facts.
    silent = alt.MarkConfig(aria=False, tooltip=None)
    built: dict[str, Any] = sheet.configure(
        font=look.font, view=alt.ViewConfig(stroke=None), mark=silent
    ).to_dict()
    return built


# Give the padding of each side separately. Vega treats a single 0 for all sides as "not given" and
# adds 20 pixels at the bottom.
_NO_PADDING = {"left": 0, "top": 0, "right": 0, "bottom": 0}


def _areas(look: Look) -> alt.Chart:
    return (
        _of("areas").mark_rect().encode(_x(), alt.X2("x2"), _y(), alt.Y2("y2"), _fill("tone", look))
    )


def _rules(look: Look) -> alt.Chart:
    return (
        _of("rules")
        .mark_rule(xOffset=alt.expr("datum.dx"), x2Offset=alt.expr("datum.dx2"))
        .encode(
            _x(),
            alt.X2("x2"),
            _y(),
            alt.Y2("y2"),
            _stroke("tone", look),
            _dash(look),
            _width(),
        )
    )


def _bars(look: Look) -> alt.Chart:
    return (
        _of("bars")
        .mark_bar(x2Offset=1, strokeWidth=look.edge)
        .encode(
            _x(),
            alt.X2("x2"),
            _y(),
            alt.Y2("y2"),
            _fill("fill", look),
            _stroke("edge", look),
            _dash(look),
            _tip(),
        )
    )


def _paths(look: Look) -> alt.Chart:
    return (
        _of("paths")
        .mark_line(strokeWidth=1.6)
        .encode(_x(), _y(), alt.Detail("path:N"), _stroke("tone", look), _dash(look))
    )


def _symbols(look: Look) -> alt.Chart:
    shapes = alt.Scale(domain=list(SHAPES), range=list(SHAPES.values()))
    return (
        _of("symbols")
        .mark_point(xOffset=alt.expr("datum.dx"), opacity=1)
        .encode(
            _x(),
            _y(),
            alt.Shape("shape:N", scale=shapes, legend=None),
            _fill("fill", look),
            _stroke("edge", look),
            _width(),
            alt.Size("size:Q", scale=None, legend=None),
            _tip(),
        )
    )


def _labels(look: Look) -> alt.Chart:
    return (
        _of("labels")
        .mark_text(
            baseline="middle",
            align=alt.expr("datum.align"),
            dx=alt.expr("datum.dx"),
            **_letters(look),
            limit=alt.expr("datum.limit"),
            strokeWidth=alt.expr("datum.halo || 0"),
            strokeJoin="round",
        )
        .encode(
            _x(),
            _y(),
            alt.Text("text:N"),
            _fill("tone", look),
            alt.StrokeDatum("page", type="nominal"),
            alt.Size("size:Q", scale=None, legend=None),
        )
    )


def _letters(look: Look) -> dict[str, Any]:
    if look.bold is None:
        return {"fontWeight": alt.expr("datum.weight")}
    return {"font": alt.expr(f"datum.weight < 600 ? '{look.font}' : '{look.bold}'")}


def _of(kind: str) -> alt.Chart:
    return alt.Chart(alt.NamedData(kind))


def _x() -> alt.X:
    inner = [alt.expr("left"), alt.expr("width - right")]
    return alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, 1], range=inner))


def _y() -> alt.Y:
    return alt.Y("y:Q", axis=None, scale=None)


def _fill(column: str, look: Look) -> alt.Fill:
    return alt.Fill(f"{column}:N", scale=_tones(look), legend=None)


def _stroke(column: str, look: Look) -> alt.Stroke:
    return alt.Stroke(f"{column}:N", scale=_tones(look), legend=None)


def _tones(look: Look) -> alt.Scale:
    colours = look.colours if isinstance(look.colours, str) else list(look.colours)
    return alt.Scale(domain=list(look.tones), range=colours)


def _dash(look: Look) -> alt.StrokeDash:
    dashes = alt.Scale(domain=list(DASHES), range=[list(one) for one in look.dashes])
    return alt.StrokeDash("dash:N", scale=dashes, legend=None)


def _width() -> alt.StrokeWidth:
    return alt.StrokeWidth("width:Q", scale=None, legend=None)


def _tip() -> alt.Tooltip:
    return alt.Tooltip("tip:N")
