"""The chart of a letter: the drawing of a case, in black, greys and white."""

import re

import pytest

from dashboard.charts.drawing import KINDS
from dashboard.letters import chart
from tests.support import chart_cases
from tests.support.letter_samples import case, letter

CASES = [
    chart_cases.improver,
    chart_cases.relapse,
    chart_cases.crowded,
    chart_cases.odd,
    chart_cases.single,
]


@pytest.mark.parametrize("make", CASES)
def test_every_colour_is_a_grey(make):
    svg = chart.chart_svg(letter(of=case(make())))
    colours = set(re.findall(r'(?:fill|stroke)="(#\w+|[a-z]+)"', svg)) - {"none", "transparent"}
    assert colours <= {*chart.PAPER.colours, "white"}


@pytest.mark.parametrize("make", CASES)
def test_every_tone_is_one_of_paper(make):
    content = letter(of=case(make()))
    drawing, _height = chart._drawn(content, chart._axis(content))
    rows = [row for kind in KINDS for row in getattr(drawing, kind)]
    assert {row[key] for row in rows for key in ("tone", "fill", "edge") if key in row} <= set(
        chart.PAPER.tones
    )


@pytest.mark.parametrize("make", CASES)
def test_everything_is_inside_the_sheet(make):
    content = letter(of=case(make()))
    drawing, height = chart._drawn(content, chart._axis(content))
    rows = [row for kind in KINDS for row in getattr(drawing, kind)]
    assert all(0 <= row["x"] <= 1 and 0 <= row["y"] <= height for row in rows)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("sertraline", "sertraline"),
        ("activation comportementale", "activation comportement…"),
        ("W" * 30, "W" * 11 + "…"),
    ],
)
def test_a_name_is_cut_where_the_margin_ends(name, shown):
    assert chart._cut(name) == shown
