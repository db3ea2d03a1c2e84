"""A chart of counts on the page, and the same chart as a file to download."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd
import streamlit as st
import vl_convert

from dashboard.charts.drawing import TEXT, Drawing, Margins
from dashboard.clinical.sites.protection import STEP
from dashboard.components.charts.on_screen import on_screen
from dashboard.components.elements.colours import CHART
from dashboard.components.elements.escaping import legible_table
from dashboard.letters.pdf import FONTS
from dashboard.locale import _

FILE_WIDTH = 900
"""The default width of a chart in a file, in pixels."""


@dataclass(frozen=True)
class Drawn:
    """A chart with its description in words and its data as a table.

    ``height`` is in pixels. ``words`` is the description for readers who cannot see the chart.
    ``table`` holds the data as texts, for such readers and for a spreadsheet. ``name`` ends the
    name of the file. ``file_width`` is the width of the chart in a file, in pixels.
    """

    drawing: Drawing
    height: int
    margins: Margins
    words: str
    table: pd.DataFrame
    name: str
    file_width: int = FILE_WIDTH


def draw(drawn: Drawn, key: str) -> None:
    """Draw the chart with the width of its container."""
    st.vega_lite_chart(
        None,
        on_screen(drawn.drawing, drawn.height, drawn.margins),
        width="stretch",
        theme="streamlit",
        key=key,
        alt=drawn.words,
    )


def draw_table(table: pd.DataFrame, alt: str, **options: Any) -> Any:
    """Draw a table of texts.

    The first column has the names of the rows. The other columns have figures.
    """
    figures: Sequence[str] = list(legible_table(table).columns[1:])
    return st.dataframe(
        legible_table(table),
        hide_index=True,
        column_config={
            name: st.column_config.TextColumn(name, alignment="right") for name in figures
        },
        alt=alt,
        **options,
    )


def as_svg(drawn: Drawn) -> str:
    """Return the chart as SVG, in the light theme."""
    _with_our_fonts()
    return str(vl_convert.vegalite_to_svg(_for_a_file(drawn)))


def as_png(drawn: Drawn) -> bytes:
    """Return the chart as PNG in the light theme. Each pixel of the chart is 2 × 2 pixels in the
    file.
    """
    _with_our_fonts()
    return bytes(vl_convert.vegalite_to_png(_for_a_file(drawn), scale=2))


def _for_a_file(drawn: Drawn) -> dict[str, Any]:
    built = on_screen(drawn.drawing, drawn.height, drawn.margins)
    tones = {"category": [colour.light for colour in CHART.values()]}
    config = {**built["config"], "range": tones, "background": CHART["page"].light}
    # The page explains that the counts are rounded to steps. The file is read without the page, so
    # it needs its own note.
    said = {
        "text": _("Counts in steps of {step}", step=STEP),
        "orient": "bottom",
        "anchor": "start",
        "fontSize": TEXT,
        "color": CHART["muted"].light,
    }
    return {**built, "width": drawn.file_width, "config": config, "title": said}


@cache
def _with_our_fonts() -> None:
    vl_convert.register_font_directory(str(FONTS))
