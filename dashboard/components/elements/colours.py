"""The colours of the pages in the light and the dark theme, and what each colour means.

Colour is never the only sign. A word, a position or a shape carries the same meaning. The contrast
of text and marks meets WCAG 2.2 AA on the page and on every band
(``tests/components/elements/test_colours.py``). The colours of severity differ in lightness as well
as in hue, for readers with colour blindness and for grey printing.

Only the browser knows which theme is shown. So the values that the browser needs are in
``.streamlit/config.toml``. The same test checks that these values agree with this module.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from dashboard.clinical.caseload.rules import Tier


@dataclass(frozen=True)
class Colour:
    """One colour in the light and in the dark theme, as ``#RRGGBB``."""

    light: str
    dark: str


NAMED: Mapping[str, Colour] = {
    "red": Colour("#8F1450", "#F9B4D2"),
    "orange": Colour("#8A3D00", "#F7C69F"),
    "yellow": Colour("#6B5200", "#EDD68E"),
    "green": Colour("#17603C", "#A0DDBE"),
    "blue": Colour("#194E8B", "#B3D0F5"),
    "violet": Colour("#573F8A", "#D1C3F0"),
    "gray": Colour("#43525A", "#C3CED4"),
}
"""The text colours that Streamlit knows by name, as in ``st.badge`` and ``:red[…]``.

In the theme, the option for ``red`` is called ``redTextColor``, and so on for the other names.
"""

ColourName = Literal["red", "orange", "blue", "violet", "green", "gray"]
"""The names of the Streamlit colours that this application uses."""

TIER_COLOURS: Mapping[Tier, ColourName] = {
    Tier.SAFETY: "red",
    Tier.OWED: "orange",
    Tier.REVIEW_DUE: "blue",
    Tier.FOLLOW_UP: "violet",
    Tier.STEP_DOWN: "green",
    Tier.NOTHING_DUE: "gray",
}
"""The named colour of each tier of the review list."""

CHART: Mapping[str, Colour] = {
    "accent": Colour("#0B6B7C", "#5CC0CF"),
    "warning": NAMED["orange"],
    "violet": NAMED["violet"],
    "blue": NAMED["blue"],
    "alert": NAMED["red"],
    "ink": Colour("#0E171B", "#E4EBEE"),
    "muted": Colour("#52616A", "#9FB0B9"),
    "rule": Colour("#66767F", "#7C8E98"),
    "grid": Colour("#E1E7EA", "#263238"),
    "page": Colour("#FFFFFF", "#0E1417"),
    "band1": Colour("#FAF8F5", "#151B1D"),
    "band2": Colour("#F7F3ED", "#1B2122"),
    "band3": Colour("#F3EDE5", "#232625"),
    "band4": Colour("#EEE4D9", "#2C2B28"),
    "dose_effective": Colour("#9CC9D1", "#235862"),
    "dose_trial": Colour("#0B6B7C", "#56B0BE"),
    "dose_plain": Colour("#DDE4E7", "#2E3B41"),
    "on_dose_trial": Colour("#FFFFFF", "#0E1417"),
    "sequence": Colour("#EEF2F4", "#1A2328"),
    "sequence_next": Colour("#DFE7EA", "#263238"),
}
"""The colours of the marks of a chart, in the order of ``chartCategoricalColors``.

``band1`` to ``band4`` are the pale bands behind the scores, from the least to the most severe. A
dose bar is an outline below the minimum effective dose. From this dose on, it is filled with
``dose_effective`` during the first four weeks of the trial, and with ``dose_trial`` afterwards.
Above the maximum dose, it is filled with ``dose_trial`` from the first day. ``on_dose_trial`` is
the colour of the text on ``dose_trial``.
"""
