"""The colours of the pages, one for each theme, and what they mean.

Colour never speaks alone: a word, a place or a shape says the same. Text and marks reach
WCAG 2.2 AA on the page and on every band (tests/components/test_colours.py). The order of
severity is one of lightness as well as hue, so it survives colour blindness and grey
printing. ``.streamlit/config.toml`` repeats the named colours, which badges use.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.clinical.rules import Tier


@dataclass(frozen=True)
class Colour:
    """One colour in the light and in the dark theme, as ``#RRGGBB``."""

    light: str
    dark: str

    @property
    def css(self) -> str:
        """For the browser, which knows which theme is shown before the server does."""
        return f"light-dark({self.light}, {self.dark})"


PAGE = Colour("#FFFFFF", "#0E1417")
INK = Colour("#0E171B", "#E4EBEE")
MUTED = Colour("#52616A", "#9FB0B9")
ACCENT = Colour("#0B6B7C", "#5CC0CF")
ALERT = Colour("#8F1450", "#F9B4D2")
WARNING = Colour("#8A3D00", "#F7C69F")
RULE = Colour("#66767F", "#7C8E98")
GRID = Colour("#E1E7EA", "#263238")

NAMED: Mapping[str, Colour] = {
    "red": ALERT,
    "orange": WARNING,
    "blue": Colour("#194E8B", "#B3D0F5"),
    "violet": Colour("#573F8A", "#D1C3F0"),
    "green": Colour("#17603C", "#A0DDBE"),
    "gray": Colour("#43525A", "#C3CED4"),
}
"""Text in the colours that ``st.badge`` and ``:red[…]`` know by name."""

TIER_COLOURS: Mapping[Tier, str] = {
    Tier.SAFETY: "red",
    Tier.OWED: "orange",
    Tier.REVIEW_DUE: "blue",
    Tier.WATCH: "violet",
    Tier.STEP_DOWN: "green",
    Tier.ON_TRACK: "gray",
}
"""The named colour of each tier of the review list."""

BANDS: tuple[Colour, ...] = (
    Colour("#FFFFFF", "#0E1417"),
    Colour("#FAF8F5", "#151B1D"),
    Colour("#F7F3ED", "#1B2122"),
    Colour("#F3EDE5", "#232625"),
    Colour("#EEE4D9", "#2C2B28"),
)
"""Behind the scores, from the least to the most severe: tints that never compete with them."""

DOSE_BELOW = Colour("#B9CDD3", "#33484F")
DOSE_EFFECTIVE = Colour("#9CC9D1", "#235862")
DOSE_TRIAL = Colour("#0B6B7C", "#56B0BE")
DOSE_PLAIN = Colour("#DDE4E7", "#2E3B41")
ON_DOSE_TRIAL = Colour("#FFFFFF", "#0E1417")
"""Text on a bar of ``DOSE_TRIAL``."""

SEQUENCE = Colour("#EEF2F4", "#1A2328")
SEQUENCE_NEXT = Colour("#DFE7EA", "#263238")
