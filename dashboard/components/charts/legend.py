"""The legend of the chart. It explains only the symbols that are on the chart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from dashboard.charts.drawing import (
    NARROWEST,
    Drawing,
    Row,
    TimeAxis,
    label,
    symbol,
    text_width,
)
from dashboard.clinical.case.case_file import CaseFile
from dashboard.clinical.instruments import STANDARD_ERRORS
from dashboard.components.charts.bars import FILLS, SIGNS
from dashboard.components.charts.lanes import Lane
from dashboard.components.charts.panel import forms_of, kinds_of_points
from dashboard.components.charts.reviews import state_symbol, states_shown
from dashboard.locale import _
from dashboard.locale.formats import number
from dashboard.vocabulary import InstrumentCode
from dashboard.words.advice.lines import outcome_name

ROW = 15
"""The height of a line of the legend, in pixels."""


@dataclass(frozen=True)
class Item:
    """A symbol with its meaning, on a line of the legend.

    ``left`` is the distance of the symbol from the left edge, in pixels. ``line`` is the number of
    the line, from 0.
    """

    sign: Row | None
    text: str
    left: float = 0
    line: int = 0

    @property
    def width(self) -> float:
        """The width of the symbol, its words and the space after them, in pixels."""
        return self.indent + text_width(self.text) + 14

    @property
    def indent(self) -> int:
        """The width of the symbol, in pixels. It is 0 if the symbol is a character, which is part
        of the words.
        """
        return 0 if self.sign is None else 14


def legend_lines(
    case: CaseFile, instruments: Sequence[str], lanes: Sequence[Lane]
) -> list[list[Item]]:
    """Return the legend of the symbols that are on the chart, divided into lines."""
    return in_lines([*_states(case), *_points(case, instruments), *_doses(lanes)])


def in_lines(items: Sequence[Item]) -> list[list[Item]]:
    """Return ``items`` divided into lines that fit the width of the narrowest chart."""
    return [list(line) for _number, line in groupby(_flowed(items), key=lambda item: item.line)]


def legend_drawing(lines: Sequence[Sequence[Item]], axis: TimeAxis, top: float) -> Drawing:
    """Return the drawing of the legend. Its first line is at ``top``, in pixels."""
    items = [item for line in lines for item in line]
    signs = [
        {**item.sign, "x": 0, "y": top + item.line * ROW, "dx": item.left + 6 - axis.left}
        for item in items
        if item.sign is not None
    ]
    words = [
        label(
            item.text,
            0,
            top + item.line * ROW,
            dx=item.left + item.indent - axis.left,
            tone="muted",
        )
        for item in items
    ]
    return Drawing(symbols=signs, labels=words)


def _flowed(items: Sequence[Item]) -> Iterator[Item]:
    left, line = 0.0, 0
    for item in items:
        if left > 0 and left + item.width - 14 > NARROWEST:
            left, line = 0.0, line + 1
        yield Item(item.sign, item.text, left, line)
        left += item.width


def _points(case: CaseFile, instruments: Sequence[str]) -> Iterator[Item]:
    kinds = kinds_of_points(form for code in instruments for form in forms_of(case, code))
    words = {
        "hollow": (symbol("circle", 0, 0, fill="page", edge="ink"), _("prorated or without items")),
        "risk": (
            symbol("diamond", 0, 0, fill="page", edge="alert", size=80),
            _("item on suicidal thoughts positive"),
        ),
        "odd": (symbol("square", 0, 0, fill="page", edge="warning"), _("? not a valid score")),
        "no_score": (
            symbol("triangle-up", 0, 0, fill="page", edge="warning"),
            _("too incomplete to score"),
        ),
    }
    for kind, (sign, text) in words.items():
        if kind in kinds:
            yield Item(sign, text)
    if InstrumentCode.PHQ9 in instruments and case.scores_of(InstrumentCode.PHQ9):
        error = number(Decimal(str(STANDARD_ERRORS[InstrumentCode.PHQ9])))
        yield Item(None, _("| PHQ-9 ± {points}: standard error", points=error))
    if "doubtful" in kinds:
        yield Item(None, _("! total differs from the items"))


def _states(case: CaseFile) -> Iterator[Item]:
    for state in states_shown(case):
        yield Item(state_symbol(state), outcome_name(state))


def _doses(lanes: Sequence[Lane]) -> Iterator[Item]:
    kinds = {step.kind for lane in lanes for step in lane.steps}
    words = {
        "below": _("dose below the minimum"),
        "effective": _("effective dose"),
        "trial": _("for 4 weeks or more"),
        "above": _("above the maximum"),
        "as_needed": _("as needed"),
        "ghost": _("in the draft"),
    }
    for kind, text in words.items():
        if kind in kinds:
            fill, edge, _dash = FILLS[kind]
            edge_shown = None if edge == "page" or kind in SIGNS else edge
            fill = "ink" if kind in SIGNS else fill
            yield Item(
                symbol(SIGNS.get(kind, "square"), 0, 0, fill=fill, edge=edge_shown, size=60), text
            )
