"""The chart of a letter: scores and treatments, in black and grey, so that it is legible on a fax.

Vega draws the chart, but all positions are computed in Python. The same content therefore always
gives the same picture. The text of the letter states the first and the latest scores, and the
current treatment.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

import vl_convert

from dashboard.charts.drawing import (
    NARROWEST,
    Drawing,
    Margins,
    Row,
    TimeAxis,
    bar,
    label,
    rule,
    symbol,
    text_width,
    together,
    vertex,
)
from dashboard.charts.panel import Panel
from dashboard.charts.vega import Look, specification
from dashboard.clinical.instruments import INSTRUMENTS
from dashboard.letters.content import Care, Drug, LetterContent, Point, Scores
from dashboard.letters.glyphs import drawable_in_chart
from dashboard.locale import _, speaking
from dashboard.locale.formats import number, short_day
from dashboard.vocabulary import InstrumentCode
from dashboard.words.case.chart import care_name

LEFT, RIGHT, INSET = 140, 2, 14
SMALL = 10.5
"""Font size of all texts in the chart, in pixels. It is 7.7 points on the printed page."""

PANEL, GAP, LANE = 74, 16, 16
MONTHS, FOOT = 19, 4
USUAL = (InstrumentCode.PHQ9, InstrumentCode.GAD7)
MOST_LANES = 8
MOST_VALUES = 14
"""The largest number of scores of one questionnaire for which every score is labelled.

If there are more scores, only the first, the last, the lowest and the highest are labelled.
"""

PAPER = Look(
    tones=("ink", "muted", "grid", "page", "dose"),
    colours=("#111111", "#555555", "#c9c9c9", "#ffffff", "#dddddd"),
    font="IBM Plex Sans",
    bold="IBM Plex Sans SmBld",
    dashes=((2 * NARROWEST, 0), (4, 3), (1.5, 2.5)),
    edge=0.7,
)
"""The style of charts on paper: black, greys and white.

Each entry of ``dashes`` is a dash and a gap in pixels. A dash as long as two charts gives a solid
line.
"""


def chart_svg(content: LetterContent) -> str:
    """Return the chart of a letter as SVG, in the language of the letter."""
    with speaking(content.language):
        axis = _axis(content)
        drawing, height = _drawn(content, axis)
    return _svg(drawing, height, axis)


def start_drawing() -> None:
    """Start Vega in advance, because its first start takes half a second."""
    _svg(Drawing(), 1, Margins(LEFT, RIGHT))


def _svg(drawing: Drawing, height: float, axis: TimeAxis | Margins) -> str:
    sheet = specification(drawing, height, axis, PAPER)
    return str(vl_convert.vegalite_to_svg(sheet | {"width": NARROWEST, "background": "white"}))


def _drawn(content: LetterContent, axis: TimeAxis) -> tuple[Drawing, float]:
    """Return the whole drawing, and its height in pixels."""
    parts: list[Drawing] = []
    height: float = 0
    for scores in _shown(content):
        parts.append(_panel(axis, scores, height + GAP))
        height += GAP + PANEL
    parts.append(_dates(axis, height))
    height += MONTHS
    if content.reviewed_on:
        parts.append(_reviews(axis, content.reviewed_on, height + LANE / 2))
        height += LANE
    for name, spans in _lanes(content):
        parts.append(_lane(axis, name, spans, height + LANE / 2))
        height += LANE
    return together(parts), height + FOOT


def _axis(content: LetterContent) -> TimeAxis:
    days = [point.day for scores in content.scores for point in scores.points]
    start = min([content.enrolled_on, *days, content.as_of - timedelta(days=28)])
    return TimeAxis(start, content.as_of, left=LEFT + INSET, right=RIGHT + INSET)


def _across(y: float, tone: str, dash: str = "solid") -> Row:
    """Return a horizontal line over the full width of the chart."""
    return rule(0, 1, y, y, tone, dash=dash, dx=-INSET, dx2=INSET)


def _named(text: str, y: float, *, tone: str = "ink", weight: int = 400) -> Row:
    """Return a label at the left edge of the chart, at the height ``y`` in pixels."""
    return label(text, 0, y, dx=-LEFT - INSET, size=SMALL, tone=tone, weight=weight)


def _shown(content: LetterContent) -> list[Scores]:
    """Return the questionnaires to draw: those of PHQ-9 and GAD-7 that have scores.

    If neither has scores, return the first two other questionnaires that have scores.
    """
    measured = [
        one for one in content.scores if one.points and INSTRUMENTS[one.instrument].has_severity
    ]
    usual = [one for one in measured if one.instrument in USUAL]
    return usual or measured[:2]


def _panel(axis: TimeAxis, scores: Scores, top: float) -> Drawing:
    """Return the drawing of one questionnaire's scores, with the thresholds of its severity
    bands.
    """
    known = INSTRUMENTS[scores.instrument]
    panel = Panel(scores.instrument, known.maximum, top, top + PANEL)
    starts = [band.starts_at for band in known.bands]
    places = [(axis.share(point.day), panel.y(point.score)) for point in scores.points]
    return Drawing(
        rules=[
            *(_across(panel.y(start), "grid", "dotted") for start in starts),
            _across(panel.bottom, "muted"),
        ],
        paths=[vertex(scores.instrument, x, y) for x, y in places],
        symbols=[
            symbol("circle", x, y, fill="ink" if point.solid else "page", edge="ink", size=34)
            for (x, y), point in zip(places, scores.points, strict=True)
        ],
        labels=[
            _named(known.label, top + 6, weight=600),
            _named(f"0 – {known.maximum}", top + 20, tone="muted"),
            *(_threshold(start, panel.y(start)) for start in starts),
            *_values(scores, places, known.maximum),
        ],
    )


def _threshold(value: int, y: float) -> Row:
    return label(str(value), 0, y, dx=-INSET - 6, size=SMALL, tone="muted", align="right")


def _values(scores: Scores, places: Sequence[tuple[float, float]], maximum: int) -> Iterator[Row]:
    """Yield the labels of scores. A label stands above its point.

    It stands below its point if the scores before and after are higher and there is room below.
    """
    for place in sorted(_labelled(scores.points)):
        x, y = places[place]
        beside = 11 if _is_valley(scores.points, place, maximum) else -10
        text = str(scores.points[place].score)
        yield label(text, x, y + beside, size=SMALL, weight=600, align="center")


def _is_valley(points: Sequence[Point], place: int, maximum: int) -> bool:
    """Return whether the scores before and after this score are higher, with room for a label
    below.
    """
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


def _dates(axis: TimeAxis, top: float) -> Drawing:
    """Return the time axis. Its labels are the first days of at most 12 months, and the last
    day.
    """
    months = list(_months(axis))
    step = -(-len(months) // 12) or 1
    rules, labels = [], []
    for on in months[::step]:
        x = axis.share(on)
        rules.append(rule(x, x, top, top + 4, "muted"))
        if axis.pixels(on) < axis.width + INSET - 60:
            text = short_day(on)
            labels.append(label(text, x, top + 11, size=SMALL, tone="muted", align="center"))
    last = label(short_day(axis.end), 1, top + 11, dx=INSET, size=SMALL, align="right")
    return Drawing(rules=rules, labels=[*labels, last])


def _months(axis: TimeAxis) -> Iterator[date]:
    day = axis.start.replace(day=1)
    while day <= axis.end:
        if day >= axis.start:
            yield day
        day = (day + timedelta(days=32)).replace(day=1)


def _reviews(axis: TimeAxis, days: Iterable[date], y: float) -> Drawing:
    """Return the row that marks the days of earlier reviews."""
    places = [axis.share(on) for on in days]
    return Drawing(
        rules=[rule(x, x, y - 6, y + 6, "ink") for x in places],
        labels=[_named(_("reviews"), y, tone="muted")],
    )


def _lanes(content: LetterContent) -> list[tuple[str, list[tuple[date, date, str]]]]:
    """Return the name and the periods of each drug and each other care.

    At most ``MOST_LANES`` names are returned. If there are more, those whose periods ended earliest
    are left out.
    """
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


def _lane(axis: TimeAxis, name: str, spans: Iterable[tuple[date, date, str]], y: float) -> Drawing:
    bars, labels = [], [_named(_cut(drawable_in_chart(name)), y)]
    for start, end, text in spans:
        if end < axis.start:
            continue
        x = axis.share(start)
        x2 = max(axis.share(end), x + 2 / axis.width)
        bars.append(bar(x, x2, y - 6.5, y + 6.5, "dose", edge="muted"))
        if text and text_width(text, SMALL) + 6 <= (x2 - x) * axis.width:
            labels.append(label(text, x, y, dx=4, size=SMALL))
    return Drawing(bars=bars, labels=labels)


def _cut(name: str) -> str:
    """Return the name, cut with an ellipsis if it is too wide for the left margin."""
    fitting = name
    while text_width(fitting, SMALL) > LEFT - 8:
        fitting = fitting.removesuffix("…")[:-1].rstrip() + "…"
    return fitting
