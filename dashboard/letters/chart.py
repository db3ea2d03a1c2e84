"""The scores over the treatment, drawn for paper: black, grey, and legible on a fax.

Everything is laid out here, in pixels; Vega only draws it, so the same content always gives
the same picture. The letter says the same in words beside it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

import altair as alt
import vl_convert

from dashboard.clinical.instruments import INSTRUMENTS
from dashboard.letters.content import Care, Drug, LetterContent, Point, Scores
from dashboard.letters.glyphs import drawable
from dashboard.locale import _, speaking
from dashboard.locale.formats import number, short_day
from dashboard.words.case.chart import care_name

WIDTH = 660
LEFT, RIGHT, INSET = 140, 2, 14
PANEL, GAP, LANE = 74, 16, 16
FONT, BOLD = "IBM Plex Sans", "IBM Plex Sans SmBld"
SMALL = 10.5
USUAL = ("phq9", "gad7")
MOST_LANES = 8
MOST_VALUES = 14
"""With more points than this only the first, the last and the extremes have their value."""

INK, GREY, PALE, FILL = "#111111", "#555555", "#c9c9c9", "#dddddd"

Row = dict[str, Any]


def chart_svg(content: LetterContent) -> str:
    """The chart as SVG, in the language of the content."""
    with speaking(content.language):
        sheet = _drawn(content)
    return str(vl_convert.vegalite_to_svg(_specification(sheet)))


def start_drawing() -> None:
    """Start Vega, which takes half a second the first time."""
    vl_convert.vegalite_to_svg(_specification(_Sheet(height=1)))


@dataclass
class _Sheet:
    """Marks by kind, in pixels from the top left, and how high the sheet has become."""

    height: float = 0
    bars: list[Row] = field(default_factory=list)
    rules: list[Row] = field(default_factory=list)
    paths: list[Row] = field(default_factory=list)
    points: list[Row] = field(default_factory=list)
    labels: list[Row] = field(default_factory=list)

    def rule(self, x: float, x2: float, y: float, y2: float, tone: str, dash: str = "") -> None:
        """A straight line; ``dash`` names another than a solid one."""
        self.rules.append(
            {"x": x, "x2": x2, "y": y, "y2": y2, "tone": tone, "dash": dash or "solid"}
        )

    def label(
        self,
        text: str,
        x: float,
        y: float,
        *,
        align: str = "left",
        tone: str = INK,
        bold: bool = False,
    ) -> None:
        """A text, centred on ``y``."""
        self.labels.append(
            {
                "text": text,
                "x": x,
                "y": y,
                "align": align,
                "tone": tone,
                "font": BOLD if bold else FONT,
            }
        )


@dataclass(frozen=True)
class _Time:
    """The days from the left to the right edge."""

    start: date
    end: date

    def x(self, day: date) -> float:
        """Where a day is, in pixels; kept inside."""
        share = (day - self.start).days / max((self.end - self.start).days, 1)
        width = WIDTH - LEFT - RIGHT - 2 * INSET
        return round(LEFT + INSET + min(max(share, 0.0), 1.0) * width, 2)


def _drawn(content: LetterContent) -> _Sheet:
    sheet, time = _Sheet(), _time(content)
    for scores in _shown(content):
        _panel(sheet, time, scores)
    _dates(sheet, time)
    _reviews(sheet, time, content)
    for lane in _lanes(content):
        _lane(sheet, time, *lane)
    sheet.height += 4
    return sheet


def _time(content: LetterContent) -> _Time:
    days = [point.day for scores in content.scores for point in scores.points]
    start = min([content.enrolled_on, *days])
    return _Time(min(start, content.as_of - timedelta(days=28)), content.as_of)


def _shown(content: LetterContent) -> list[Scores]:
    """PHQ-9 and GAD-7; where there is neither, the first two others."""
    measured = [
        one for one in content.scores if one.points and INSTRUMENTS[one.instrument].has_severity
    ]
    usual = [one for one in measured if one.instrument in USUAL]
    return usual or measured[:2]


def _panel(sheet: _Sheet, time: _Time, scores: Scores) -> None:
    """One questionnaire on its own scale, with the thresholds of its ranges."""
    known = INSTRUMENTS[scores.instrument]
    # A value stands above its point: the highest score needs room.
    top = sheet.height + GAP
    bottom = top + PANEL

    def y(score: float) -> float:
        return round(bottom - PANEL * score / known.maximum, 2)

    sheet.label(known.label, 0, top + 6, bold=True)
    sheet.label(f"0 – {known.maximum}", 0, top + 20, tone=GREY)
    for start in (band.starts_at for band in known.bands):
        sheet.rule(LEFT, WIDTH - RIGHT, y(start), y(start), PALE, "dotted")
        sheet.label(str(start), LEFT - 6, y(start), align="right", tone=GREY)
    sheet.rule(LEFT, WIDTH - RIGHT, bottom, bottom, GREY)
    labelled = _labelled(scores.points)
    for place, point in enumerate(scores.points):
        x = time.x(point.day)
        sheet.paths.append({"path": scores.instrument, "x": x, "y": y(point.score)})
        sheet.points.append({"x": x, "y": y(point.score), "fill": INK if point.solid else "white"})
        if place in labelled:
            beside = 11 if _is_valley(scores.points, place, known.maximum) else -10
            sheet.label(str(point.score), x, y(point.score) + beside, align="center", bold=True)
    sheet.height = bottom


def _is_valley(points: Sequence[Point], place: int, maximum: int) -> bool:
    """Whether the line comes from above on both sides, with room for a value below."""
    around = [points[one].score for one in (place - 1, place + 1) if 0 <= one < len(points)]
    low = points[place].score
    return len(around) == 2 and min(around) > low and low > maximum * 0.3


def _labelled(points: Sequence[Point]) -> set[int]:
    every = range(len(points))
    if len(points) <= MOST_VALUES:
        return set(every)
    lowest = min(every, key=lambda one: points[one].score)
    highest = max(every, key=lambda one: points[one].score)
    return {0, len(points) - 1, lowest, highest}


def _dates(sheet: _Sheet, time: _Time) -> None:
    """The first of each month, as many as there is room for, under the panels."""
    top = sheet.height + 11
    months = list(_months(time))
    step = -(-len(months) // 12) or 1
    for day in months[::step]:
        x = time.x(day)
        sheet.rule(x, x, sheet.height, sheet.height + 4, GREY)
        if x < WIDTH - RIGHT - 60:
            sheet.label(short_day(day), x, top, align="center", tone=GREY)
    sheet.label(short_day(time.end), WIDTH - RIGHT, top, align="right")
    sheet.height = top + 8


def _months(time: _Time) -> Iterator[date]:
    day = time.start.replace(day=1)
    while day <= time.end:
        if day >= time.start:
            yield day
        day = (day + timedelta(days=32)).replace(day=1)


def _reviews(sheet: _Sheet, time: _Time, content: LetterContent) -> None:
    """Earlier reviews, on a line of their own."""
    if not content.reviewed_on:
        return
    y = sheet.height + LANE / 2
    sheet.label(_("reviews"), 0, y, tone=GREY)
    for on in content.reviewed_on:
        x = time.x(on)
        sheet.rule(x, x, y - 6, y + 6, INK)
    sheet.height += LANE


def _lanes(content: LetterContent) -> list[tuple[str, list[tuple[date, date, str]]]]:
    """The name and the spans of each drug and care; the latest where there are many."""
    lanes: dict[str, list[tuple[date, date, str]]] = {}
    drugs = sorted(content.drugs, key=lambda one: one.started_on)
    for one in drugs:
        lanes.setdefault(one.name, []).append(_span(one, content))
    for care in content.cares:
        lanes.setdefault(care_name(care.kind), []).append(_care_span(care, content))
    latest = sorted(lanes, key=lambda name: max(end for _start, end, _text in lanes[name]))
    kept = set(latest[-MOST_LANES:])
    return [(name, spans) for name, spans in lanes.items() if name in kept]


def _span(one: Drug, content: LetterContent) -> tuple[date, date, str]:
    dose = "" if one.daily_dose_mg is None else _("{dose} mg", dose=number(one.daily_dose_mg))
    said = f"{dose} {_('as needed')}".strip() if one.as_needed else dose
    end = min(one.stopped_on or content.as_of, content.as_of)
    return one.started_on, max(end, one.started_on), said


def _care_span(one: Care, content: LetterContent) -> tuple[date, date, str]:
    end = min(one.ended_on or content.as_of, content.as_of)
    return one.started_on, max(end, one.started_on), ""


def _lane(sheet: _Sheet, time: _Time, name: str, spans: Iterable[tuple[date, date, str]]) -> None:
    y = sheet.height + LANE / 2
    sheet.label(_cut(drawable(name)), 0, y)
    for start, end, text in spans:
        if end < time.start:
            continue
        x, x2 = time.x(start), max(time.x(end), time.x(start) + 2)
        sheet.bars.append({"x": x, "x2": x2, "y": y - 6.5, "y2": y + 6.5})
        if text and _wide(text) + 6 <= x2 - x:
            sheet.label(text, x + 4, y)
    sheet.height += LANE


def _wide(text: str) -> float:
    """About how wide a text is, rather too wide."""
    return len(text) * SMALL * 0.58


def _cut(name: str) -> str:
    fits = int((LEFT - 8) / (SMALL * 0.52))
    return name if len(name) <= fits else name[: fits - 1].rstrip() + "…"


def _specification(sheet: _Sheet) -> dict[str, Any]:
    built = _template()
    layers = [
        {**layer, "data": {"values": getattr(sheet, layer["data"]["name"])}}
        for layer in built["layer"]
    ]
    return {**built, "height": round(sheet.height, 2), "layer": layers}


@cache
def _template() -> dict[str, Any]:
    """The specification without its data and its height. Not to be changed."""
    layers = (_bars(), _rules(), _paths(), _points(), _labels())
    sheet = alt.layer(*layers).properties(width=WIDTH, padding=0)
    sheet = sheet.properties(autosize=alt.AutoSizeParams(type="none"))
    silent = alt.MarkConfig(aria=False)
    view = alt.ViewConfig(stroke=None)
    built: dict[str, Any] = sheet.configure(
        font=FONT, view=view, background="white", mark=silent
    ).to_dict()
    return built


def _bars() -> alt.Chart:
    mark = _of("bars").mark_rect(fill=FILL, stroke=GREY, strokeWidth=0.7)
    return mark.encode(_x(), alt.X2("x2"), _y(), alt.Y2("y2"))


def _rules() -> alt.Chart:
    dashes = alt.Scale(domain=["solid", "dotted"], range=[[2 * WIDTH, 0], [1.5, 2.5]])
    return (
        _of("rules")
        .mark_rule()
        .encode(
            _x(),
            alt.X2("x2"),
            _y(),
            alt.Y2("y2"),
            alt.Stroke("tone:N", scale=None),
            alt.StrokeDash("dash:N", scale=dashes, legend=None),
        )
    )


def _paths() -> alt.Chart:
    mark = _of("paths").mark_line(stroke=INK, strokeWidth=1.6)
    return mark.encode(_x(), _y(), alt.Detail("path:N"), alt.Order("x:Q"))


def _points() -> alt.Chart:
    mark = _of("points").mark_point(shape="circle", size=34, stroke=INK, strokeWidth=1.4, opacity=1)
    return mark.encode(_x(), _y(), alt.Fill("fill:N", scale=None))


def _labels() -> alt.Chart:
    mark = _of("labels").mark_text(
        baseline="middle",
        fontSize=SMALL,
        align=alt.expr("datum.align"),
        font=alt.expr("datum.font"),
    )
    return mark.encode(_x(), _y(), alt.Text("text:N"), alt.Fill("tone:N", scale=None))


def _of(kind: str) -> alt.Chart:
    return alt.Chart(alt.NamedData(kind))


def _x() -> alt.X:
    return alt.X("x:Q", axis=None, scale=None)


def _y() -> alt.Y:
    return alt.Y("y:Q", axis=None, scale=None)
