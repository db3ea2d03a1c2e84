"""The sheet of all sites: its names, its scale, and the marks of its points."""

from datetime import date

import pytest

from dashboard.charts.drawing import text_width
from dashboard.clinical.sites.comparison import Period, Question, Sums, figure_of
from dashboard.clinical.sites.suppression import Tally
from dashboard.components.sites.site_sheet import USUAL_WIDTH, in_two_lines, site_sheet
from dashboard.components.sites.sites_view import IN_MULTIPLES
from dashboard.locale import LANGUAGES, speaking
from dashboard.words.sites.indicators import indicator_name

FAR, FEW, USUAL, OTHER = 1, 2, 3, 4
NAMES = {
    FAR: "95 Centre de santé de la Fontaine, Garges",
    FEW: "78 MSP de la Mairie, Poissy",
    USUAL: "93 MSP du Verger, Drancy",
    OTHER: "75 MSP des Peupliers, Les Batignolles",
}


def sheet():
    """Return the sheet of a site far from the others, one with few patients, and two others."""
    of_site = {
        FAR: Tally(60, 60, 6),
        FEW: Tally(24, 24, 0),
        USUAL: Tally(600, 600, 360),
        OTHER: Tally(600, 600, 360),
    }
    month = date(2026, 1, 1)
    asked = Question(Period(month, month), list(NAMES), frozenset(NAMES), date.max)
    figures = [figure_of(one, Sums(of_site), asked) for one in IN_MULTIPLES]
    return site_sheet(figures, "all", NAMES)


def test_a_site_outside_the_limits_is_beside_its_band_and_one_of_few_is_hollow():
    drawing = sheet().drawing
    shapes = [(one["shape"], one["fill"]) for one in drawing.symbols[:: len(IN_MULTIPLES)]]
    assert shapes == [
        ("diamond", "warning"),
        ("circle", "page"),
        ("circle", "accent"),
        ("circle", "accent"),
    ]
    point, band = drawing.symbols[0], drawing.areas[0]
    assert point["x"] < band["x"]


def test_the_rates_of_a_site_have_a_scale_from_0_to_100():
    said = [one["text"] for one in sheet().drawing.labels]
    assert said.count("0\N{NO-BREAK SPACE}%") == len(NAMES)
    assert said.count("100\N{NO-BREAK SPACE}%") == len(NAMES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_is_whole(language):
    with speaking(language):
        drawn = sheet()
        names = {indicator_name(one) for one in IN_MULTIPLES}
    labels = drawn.drawing.labels
    heads = {one["text"] for one in labels if one["align"] == "right" and one["dx"] < 0}
    assert heads == names
    assert all(one["limit"] == 0 for one in labels)
    assert max(map(text_width, names)) <= drawn.margins.left
    said = " ".join(one["text"] for one in labels if one["weight"] == 600)
    assert said == " ".join(NAMES.values())
    assert drawn.file_width == USUAL_WIDTH


@pytest.mark.parametrize(
    ("name", "room", "lines"),
    [
        ("93 MSP du Verger, Drancy", 400, ["93 MSP du Verger, Drancy"]),
        ("93 MSP du Verger, Drancy", 100, ["93 MSP du", "Verger, Drancy"]),
        ("93 MSP du Verger, Drancy", 70, ["93 MSP du", "Verger, Dr…"]),
        ("", 70, []),
    ],
)
def test_a_name_is_divided_between_words_and_cut_only_at_its_end(name, room, lines):
    assert in_two_lines(name, room) == lines
