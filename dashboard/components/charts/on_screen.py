"""The colours and the font of a chart on the screen."""

from typing import Any

from dashboard.charts.drawing import Drawing, Margins, TimeAxis
from dashboard.charts.vega import Look, specification
from dashboard.components.elements.colours import CHART

SCREEN = Look(
    tones=tuple(CHART),
    # ``category`` is the name of the colour range that Streamlit fills with
    # ``chartCategoricalColors`` from its configuration. The browser takes the colours of the theme
    # that it shows.
    colours="category",
    font="IBM Plex Sans, sans-serif",
)


def on_screen(drawing: Drawing, height: int, axis: TimeAxis | Margins) -> dict[str, Any]:
    """Return the Vega-Lite specification of ``drawing``. ``height`` is in pixels."""
    return specification(drawing, height, axis, SCREEN)
