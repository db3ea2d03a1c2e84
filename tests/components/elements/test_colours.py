"""Colours can be told from their ground, and the theme has those that the code names."""

import tomllib

import pytest

from dashboard.clinical.caseload.rules import Tier
from dashboard.components.elements.colours import CHART, NAMED, TIER_COLOURS
from tests.support.repository import ROOT

CONFIG = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
THEMES = ("light", "dark")
TEXTS = ("ink", "muted", "accent", "alert", "warning")
MARKS = ("ink", "muted", "accent", "alert", "warning", "rule")
BANDS = ("page", "band1", "band2", "band3", "band4")


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_contrast_is_measured_as_the_standard_says():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", BANDS)
@pytest.mark.parametrize("text", TEXTS)
def test_text_on_the_chart_can_be_read(text, ground, theme):
    assert contrast(getattr(CHART[text], theme), getattr(CHART[ground], theme)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", BANDS)
@pytest.mark.parametrize("mark", MARKS)
def test_marks_on_the_chart_can_be_seen(mark, ground, theme):
    assert contrast(getattr(CHART[mark], theme), getattr(CHART[ground], theme)) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("text", "bar"),
    [
        ("ink", "dose_effective"),
        ("ink", "dose_plain"),
        ("on_dose_trial", "dose_trial"),
        ("muted", "sequence"),
        ("muted", "sequence_next"),
    ],
)
def test_text_on_a_bar_can_be_read(text, bar, theme):
    assert contrast(getattr(CHART[text], theme), getattr(CHART[bar], theme)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_an_adequate_trial_differs_in_lightness_from_what_is_none(theme):
    grounds = [getattr(CHART[bar], theme) for bar in ("page", "dose_effective", "dose_plain")]
    trial = getattr(CHART["dose_trial"], theme)
    assert all(contrast(trial, ground) >= 3 for ground in grounds)


@pytest.mark.parametrize("theme", THEMES)
def test_bands_darken_or_lighten_with_severity_and_nothing_else(theme):
    bands = [luminance(getattr(CHART[band], theme)) for band in BANDS]
    assert bands == sorted(bands, reverse=theme == "light")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", NAMED)
def test_a_named_colour_can_be_read_on_the_page_and_on_its_badge(name, theme):
    colour, section = getattr(NAMED[name], theme), CONFIG["theme"][theme]
    for ground in ("backgroundColor", "secondaryBackgroundColor", f"{name}BackgroundColor"):
        assert contrast(colour, section[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_the_theme_has_the_colours_that_the_code_names(theme):
    section = CONFIG["theme"][theme]
    assert section["chartCategoricalColors"] == [getattr(one, theme) for one in CHART.values()]
    assert section["backgroundColor"] == getattr(CHART["page"], theme)
    for name, colour in NAMED.items():
        assert section[f"{name}TextColor"] == getattr(colour, theme)


@pytest.mark.parametrize("theme", THEMES)
def test_text_and_the_primary_button_can_be_read(theme):
    section = CONFIG["theme"][theme]
    assert contrast("#FFFFFF", section["primaryColor"]) >= 4.5
    assert contrast(section["primaryColor"], section["backgroundColor"]) >= 3
    for text in ("textColor", "linkColor"):
        assert contrast(section[text], section["backgroundColor"]) >= 4.5
        assert contrast(section[text], section["secondaryBackgroundColor"]) >= 4.5


def test_both_themes_say_as_much():
    assert CONFIG["theme"]["light"].keys() == CONFIG["theme"]["dark"].keys()


def test_the_fonts_are_where_the_server_serves_them():
    static = ROOT / "dashboard/web/static"
    for face in CONFIG["theme"]["fontFaces"]:
        assert (static / face["url"].removeprefix("app/static/")).read_bytes()[:4] == b"wOF2"


def test_every_tier_has_a_colour_of_its_own():
    assert set(TIER_COLOURS) == set(Tier)
    assert len(set(TIER_COLOURS.values())) == len(Tier)
    assert set(TIER_COLOURS.values()) <= set(NAMED)
