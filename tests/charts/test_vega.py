"""The one specification of a chart: its data differ, and nothing else."""

import json
from collections.abc import Iterator

import altair as alt
import pytest

from dashboard.charts.drawing import KINDS, Margins, together
from dashboard.charts.vega import DASHES, SHAPES, Look, specification, template
from dashboard.components.charts.on_screen import SCREEN, on_screen
from dashboard.components.charts.sheet import sheet
from dashboard.components.elements.colours import CHART
from dashboard.letters.chart import PAPER
from tests.support.chart_cases import (
    CASES,
    case,
    condition,
    drug,
    form,
    improver,
    non_responder,
    week,
)

USUAL = ("phq9", "gad7")


def test_the_specification_is_built_once(monkeypatch):
    template(SCREEN)
    monkeypatch.setattr(alt, "layer", lambda *layers: pytest.fail("built again"))
    monkeypatch.setattr(alt, "Chart", lambda *data: pytest.fail("built again"))
    for name in CASES:
        drawing, axis, height = sheet(CASES[name](), USUAL, 430)
        on_screen(drawing, height, axis)


def test_a_case_leaves_nothing_in_the_template():
    before = json.dumps(template(SCREEN))
    drawing, axis, height = sheet(improver(), USUAL, 430)
    on_screen(drawing, height, axis)
    assert json.dumps(template(SCREEN)) == before
    assert "sertraline" not in before


def test_the_specification_is_valid_vega_lite():
    drawing, axis, height = sheet(non_responder(), USUAL, 430)
    alt.LayerChart.from_dict(on_screen(drawing, height, axis), validate=True)


HOSTILE = "'); alert(1); (' + datum.x"


def test_what_people_typed_is_data_and_never_an_expression():
    treatments = [
        drug(
            "N06AB06", "sertraline", 50, week(1), week(3), stop_reason=HOSTILE, side_effects=HOSTILE
        )
    ]
    treatments.append(drug(HOSTILE, HOSTILE, 10, week(2)))
    of = case(
        treatments=treatments,
        assessments=[form(HOSTILE, week(1), 12)],
        conditions=[condition("Z33", HOSTILE, week(1))],
    )
    drawing, axis, height = sheet(of, ["phq9", HOSTILE], 430)
    spec = on_screen(drawing, height, axis)
    assert HOSTILE in json.dumps(spec)
    assert set(expressions(spec)) == set(expressions(template(SCREEN)))
    for layer in spec["layer"]:
        layer = {key: value for key, value in layer.items() if key != "data"}
        assert HOSTILE not in json.dumps(layer)


def expressions(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "expr":
                yield value
            yield from expressions(value)
    elif isinstance(part, list):
        for value in part:
            yield from expressions(value)


def test_every_tone_shape_and_dash_is_one_that_the_specification_knows():
    for make in CASES.values():
        drawing, _axis, _height = sheet(make(), USUAL, 430)
        rows = [row for kind in KINDS for row in getattr(drawing, kind)]
        tones = {row[key] for row in rows for key in ("tone", "fill", "edge") if key in row}
        assert tones <= set(CHART)
        assert {row["shape"] for row in drawing.symbols} <= set(SHAPES)
        assert {row["dash"] for row in rows if "dash" in row} <= set(DASHES)


@pytest.mark.parametrize("look", [SCREEN, PAPER])
def test_every_look_is_valid_vega_lite(look: Look):
    spec = specification(together([]), 10, Margins(1, 2), look)
    alt.LayerChart.from_dict(spec, validate=True)


@pytest.mark.parametrize("look", [SCREEN, PAPER])
def test_every_look_has_a_length_for_each_dash(look: Look):
    assert len(look.dashes) == len(DASHES)
