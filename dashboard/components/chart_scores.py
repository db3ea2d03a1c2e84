"""One panel for each questionnaire: bands, targets, points and their values."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dashboard.clinical.case_file import Assessment, CaseFile
from dashboard.clinical.instruments import INSTRUMENTS, Instrument, item_answer
from dashboard.components.chart_drawing import (
    SMALL,
    Box,
    Drawing,
    Room,
    Row,
    TimeAxis,
    area,
    box_of,
    label,
    rule,
    symbol,
    together,
    vertex,
)
from dashboard.components.chart_words import band_name, oddity_name
from dashboard.locale import _
from dashboard.locale.formats import day, signed

GAP_DAYS = 56
"""Two scores further apart than this are joined by dots: nobody knows what lay between."""

TICK_SPACE = 24
"""Pixels left of a panel for the numbers of its scale."""


Point = tuple[float, float]
Stroke = tuple[Point, Point]


@dataclass(frozen=True)
class Panel:
    """Where the scores of one questionnaire are drawn, in pixels from the top."""

    instrument: str
    maximum: int
    top: float
    bottom: float

    @property
    def known(self) -> Instrument | None:
        """The questionnaire, if it is one that the dashboard knows."""
        return INSTRUMENTS.get(self.instrument)

    def y(self, value: float) -> float:
        """Where a score is; one out of range is just beyond the edge."""
        place = self.bottom - (self.bottom - self.top) * value / self.maximum
        return round(min(max(place, self.top - 5), self.bottom + 5), 1)


def panel_of(case: CaseFile, instrument: str, top: float, bottom: float) -> Panel:
    """A panel from 0 to the questionnaire's maximum, or to what is stored of an unknown one."""
    known = INSTRUMENTS.get(instrument)
    stored = max([9, *(form.plotted or 0 for form in forms_of(case, instrument))])
    return Panel(instrument, known.maximum if known else stored + stored // 9, top, bottom)


def score_panel(case: CaseFile, panel: Panel, axis: TimeAxis) -> Drawing:
    """Everything that is drawn of one questionnaire; only its name where there is no form."""
    forms = forms_of(case, panel.instrument)
    named = [_title(case, panel, axis), _remark(case, panel, forms, axis)]
    if not forms:
        return together([_edges(panel), *named])
    return together(
        (
            _bands(panel, axis),
            _edges(panel),
            _scale(panel),
            *named,
            _targets(case, panel, axis),
            _lines(forms, panel, axis),
            _points(forms, panel, axis),
            _values(case, forms, panel, axis),
        )
    )


def forms_of(case: CaseFile, instrument: str) -> tuple[Assessment, ...]:
    """Every form of a questionnaire, with a valid score or not, the latest last."""
    return tuple(form for form in case.assessments if form.instrument == instrument)


def series_in_words(case: CaseFile, instrument: str) -> str | None:
    """PHQ-9 from 15 on 24/08/2026 to 19 on 18/11/2026 (+4)."""
    forms = case.scores_of(instrument)
    if not forms:
        return None
    first, last = forms[0], forms[-1]
    said = {"instrument": last.label, "score": last.plotted, "day": day(last.taken_on)}
    if first is last:
        return _("{instrument} {score} on {day}", **said)
    return _(
        "{instrument} from {first} on {first_day} to {score} on {day} ({change})",
        **said,
        first=first.plotted,
        first_day=day(first.taken_on),
        change=signed(_value(last) - _value(first)),
    )


def kinds_of_points(forms: Iterable[Assessment]) -> set[str]:
    """What the legend has to explain: ``hollow``, ``risk``, ``odd``, ``doubtful``, ``no_score``."""
    return {kind for form in forms for kind in _kinds(form)}


def risk_answer(form: Assessment) -> int | None:
    """The answer to the item on suicidal thoughts, where the questionnaire has one."""
    known = INSTRUMENTS.get(form.instrument)
    if known is None or known.risk_item is None:
        return None
    return item_answer(form.items, known.risk_item)


def right_margin_texts(instruments: Iterable[str]) -> list[str]:
    """What stands right of the panels: the names of their bands."""
    known = [INSTRUMENTS[one] for one in instruments if one in INSTRUMENTS]
    return [band_name(band.name) for instrument in known for band in instrument.bands]


def _kinds(form: Assessment) -> Iterator[str]:
    if form.plotted is None:
        yield "no_score"
    elif form.score is None:
        yield "odd"
    elif form.oddities:
        yield "doubtful"
    if form.score is not None and not form.solid:
        yield "hollow"
    if (risk_answer(form) or 0) > 0:
        yield "risk"


def _value(form: Assessment) -> int:
    return form.plotted if form.plotted is not None else 0


def _bands(panel: Panel, axis: TimeAxis) -> Drawing:
    bands = panel.known.bands if panel.known else ()
    starts = [band.starts_at for band in bands]
    ends = [*starts, panel.maximum][1:]
    spans = list(zip(bands, ends, _TONES_OF_BANDS[len(bands)], strict=True))
    middles = [(panel.y(band.starts_at) + panel.y(end)) / 2 for band, end, _tone in spans]
    places = apart(middles, SMALL + 1)
    return Drawing(
        areas=[
            area(0, 1, panel.y(end), panel.y(band.starts_at), tone) for band, end, tone in spans
        ],
        labels=[
            label(band_name(band.name), 1, y, dx=8, size=SMALL, tone="muted", limit=axis.right - 8)
            for (band, _end, _tone), y in zip(spans, places, strict=True)
        ],
    )


_TONES_OF_BANDS = {
    0: (),
    1: ("band3",),
    2: ("band2", "band4"),
    3: ("band1", "band2", "band4"),
    4: ("band1", "band2", "band3", "band4"),
}


def _edges(panel: Panel) -> Drawing:
    return Drawing(rules=[rule(0, 1, y, y, "grid") for y in (panel.top, panel.bottom)])


def _scale(panel: Panel) -> Drawing:
    starts = [band.starts_at for band in panel.known.bands] if panel.known else []
    values = [0, *starts, panel.maximum]
    drawn: list[int] = []
    for value in sorted(values, key=lambda one: one not in (0, panel.maximum)):
        if all(abs(panel.y(value) - panel.y(other)) >= SMALL for other in drawn):
            drawn.append(value)
    return Drawing(
        labels=[
            label(str(value), 0, panel.y(value), dx=-5, size=SMALL, tone="muted", align="right")
            for value in drawn
        ],
    )


def _title(case: CaseFile, panel: Panel, axis: TimeAxis) -> Drawing:
    name, limit = _name(panel), axis.left - TICK_SPACE
    rows = [label(name, 0, panel.top + 6, dx=-axis.left, size=13, weight=600, limit=limit)]
    scores = case.scores_of(panel.instrument)
    if len(scores) > 1:
        first, last = _value(scores[0]), _value(scores[-1])
        text = f"{first} → {last} ({signed(last - first)})"
        rows.append(
            label(text, 0, panel.top + 20, dx=-axis.left, size=SMALL, tone="muted", limit=limit)
        )
    return Drawing(labels=rows)


def _targets(case: CaseFile, panel: Panel, axis: TimeAxis) -> Drawing:
    lines = list(_target_lines(case, panel))
    places = apart([panel.y(value) for value, _text, _dash in lines], SMALL + 1)
    return Drawing(
        rules=[
            rule(0, 1, panel.y(value), panel.y(value), "accent", dash=dash)
            for value, _text, dash in lines
        ],
        labels=[
            label(text, 0, y, dx=-TICK_SPACE - 2, size=SMALL, tone="accent", align="right")
            for (_value, text, _dash), y in zip(lines, places, strict=True)
        ],
    )


def _target_lines(case: CaseFile, panel: Panel) -> Iterator[tuple[float, str, str]]:
    """Response at half of the baseline, and remission: value, words, dash."""
    if panel.known is None:
        return
    scores = case.scores_of(panel.instrument)
    if panel.known.responds and scores and _value(scores[0]) > 0:
        half = _value(scores[0]) / 2
        yield half, _("response ≤ {score}", score=int(half)), "dashed"
    below = panel.known.remission_below
    if below is not None:
        yield below, _("remission < {score}", score=below), "dotted"


def apart(places: Sequence[float], least: float) -> list[float]:
    """The same places from top to bottom, moved as little as it takes to be apart."""
    order = sorted(range(len(places)), key=lambda one: places[one])
    moved = list(places)
    for upper, lower in pairwise(order):
        lack = least - (moved[lower] - moved[upper])
        if lack > 0:
            moved[lower] += lack / 2
            moved[upper] -= lack / 2
    return moved


def _remark(case: CaseFile, panel: Panel, forms: Sequence[Assessment], axis: TimeAxis) -> Drawing:
    middle = (panel.top + panel.bottom) / 2
    rows = []
    if not forms:
        text = _("No {instrument} in this episode", instrument=_name(panel))
        rows.append(label(text, axis.share(case.enrolled_on), middle, dx=8, tone="muted"))
    if panel.known is None and forms:
        for text, y in ((_("unknown form,"), middle - 7), (_("as it is stored"), middle + 7)):
            limit = axis.right - 8
            rows.append(label(text, 1, y, dx=8, size=SMALL, tone="warning", limit=limit))
    return Drawing(labels=rows)


def _name(panel: Panel) -> str:
    return panel.known.label if panel.known else panel.instrument


def _lines(forms: Sequence[Assessment], panel: Panel, axis: TimeAxis) -> Drawing:
    """Valid scores joined; what has no valid score is passed over."""
    rows: list[Row] = []
    valid = [form for form in forms if form.score is not None]
    for number, (one, next_one) in enumerate(pairwise(valid)):
        dash = "dotted" if (next_one.taken_on - one.taken_on).days > GAP_DAYS else "solid"
        for form in (one, next_one):
            x, y = axis.share(form.taken_on), panel.y(_value(form))
            rows.append(vertex(f"{panel.instrument} {number}", x, y, dash=dash))
    return Drawing(paths=rows)


def _points(forms: Sequence[Assessment], panel: Panel, axis: TimeAxis) -> Drawing:
    return Drawing(symbols=[row for form in forms for row in _point(form, panel, axis)])


def _point(form: Assessment, panel: Panel, axis: TimeAxis) -> Iterator[Row]:
    x, tip = axis.share(form.taken_on), _tip(form)
    if form.plotted is None:
        yield symbol("triangle-up", x, panel.bottom - 4, fill="page", edge="warning", tip=tip)
        return
    y = panel.y(form.plotted)
    if (risk_answer(form) or 0) > 0:
        yield symbol("diamond", x, y, fill="page", edge="alert", size=170, tip=tip)
    if form.score is None:
        yield symbol("square", x, y, fill="page", edge="warning", size=40, tip=tip)
    else:
        fill = "ink" if form.solid else "page"
        yield symbol("circle", x, y, fill=fill, edge="ink", size=36, tip=tip)


def _tip(form: Assessment) -> str:
    said = f"{form.label} {'–' if form.plotted is None else form.plotted} · {day(form.taken_on)}"
    return " · ".join([said, *(oddity_name(oddity) for oddity in form.oddities)])


def _values(case: CaseFile, forms: Sequence[Assessment], panel: Panel, axis: TimeAxis) -> Drawing:
    """Values beside their points: the latest, the extremes, the first, then what has room."""
    points = [form for form in forms if form.plotted is not None]
    places = [(axis.pixels(form.taken_on), panel.y(_value(form))) for form in points]
    joined = [place for place, form in zip(places, points, strict=True) if form.score is not None]
    room = Room(
        [Box(x - 4, y - 4, x + 4, y + 4) for x, y in places],
        within=Box(0, panel.top - 12, axis.width + 4, panel.bottom + 8),
    )
    strokes = [*pairwise(joined), *_straight_lines(case, panel, axis)]
    rows: list[Row] = []
    for labels in _by_importance(case, points, panel, axis):
        chosen = _first_that_fits(labels, room, strokes, axis)
        rows += [chosen] if chosen is not None else []
    return Drawing(labels=rows)


def _straight_lines(case: CaseFile, panel: Panel, axis: TimeAxis) -> Iterator[Stroke]:
    """Enrolment, reviews, today and the targets: what a label had better not stand on."""
    for on in (case.enrolled_on, case.as_of, *(review.signed_on for review in case.reviews)):
        x = axis.pixels(on)
        yield (x, panel.top), (x, panel.bottom)
    for value, _text, _dash in _target_lines(case, panel):
        yield (0, panel.y(value)), (axis.width, panel.y(value))


def _by_importance(
    case: CaseFile, points: Sequence[Assessment], panel: Panel, axis: TimeAxis
) -> Iterator[list[Row]]:
    """The labels, each at the places where it may stand; where points are dense, the main ones."""
    if not points:
        return
    every = range(len(points))
    risks = [one for one in every if (risk_answer(points[one]) or 0) > 0]
    highest = sorted(risks, key=lambda one: (risk_answer(points[one]), one))[-1:]
    main = dict.fromkeys([*_main_points(points), *risks[-1:], *highest])
    dense = len(points) * DENSE > axis.width
    others = [] if dense else [one for one in reversed(every) if one not in main]
    for one in main:
        yield _value_labels(case, points, one, panel, axis)
        if one in (*risks[-1:], *highest):
            yield _risk_labels(points, one, panel, axis)
    for one in others:
        yield _value_labels(case, points, one, panel, axis)
    for one in [] if dense else reversed(risks):
        if one not in (*risks[-1:], *highest):
            yield _risk_labels(points, one, panel, axis)


DENSE = 19
"""Pixels for each point below which only the main ones are labelled."""


def _main_points(points: Sequence[Assessment]) -> list[int]:
    every = range(len(points))
    values = [_value(form) for form in points]
    marked = [one for one in every if {"odd", "doubtful"} & set(_kinds(points[one]))]
    highest = max(reversed(every), key=lambda one: values[one])
    lowest = min(reversed(every), key=lambda one: values[one])
    return [every[-1], highest, lowest, every[0], *marked]


def _value_labels(
    case: CaseFile, points: Sequence[Assessment], one: int, panel: Panel, axis: TimeAxis
) -> list[Row]:
    """The value of a point at each of the places where it may stand, the best first."""
    form, last = points[one], one == len(points) - 1
    x, y = axis.share(form.taken_on), panel.y(_value(form))
    size, weight = (14.0, 600) if last else (SMALL, 400)
    text = _value_text(form)
    labels = [
        label(text, x, y + dy, dx=dx, size=size, weight=weight, align=align)
        for dx, dy, align in _around(points, one)
    ]
    if not last:
        return labels
    # Right of the point, or beyond the line of today where that is near, at any width.
    near = axis.pixels(case.as_of) - axis.pixels(form.taken_on) < 26
    x, dx = (axis.share(case.as_of), 5) if near else (x, 9)
    return [label(text, x, y, dx=dx, size=size, weight=weight), *labels]


def _risk_labels(points: Sequence[Assessment], one: int, panel: Panel, axis: TimeAxis) -> list[Row]:
    """A positive answer on suicidal thoughts, beyond its value or on the other side."""
    form, known = points[one], panel.known
    answer = risk_answer(form)
    if not answer or known is None:
        return []
    text = _("i{item}: {answer}", item=known.risk_item, answer=answer)
    x, y = axis.share(form.taken_on), panel.y(_value(form))
    dips = _around(points, one)[0][1] > 0
    places = [(0, 28, "center"), (0, 15, "center")] if dips else [(0, 15, "center")]
    places += [(0, -28, "center"), (0, -15, "center"), (0, 28, "center")]
    places += [(10, 4, "left"), (-10, 4, "right")]
    return [
        label(text, x, y + dy, dx=dx, size=SMALL, weight=600, tone="alert", align=align)
        for dx, dy, align in places
    ]


def _value_text(form: Assessment) -> str:
    if form.score is None:
        return f"{form.plotted} ?"
    return f"{form.plotted} !" if form.oddities else str(form.plotted)


def _around(points: Sequence[Assessment], one: int) -> list[tuple[float, float, str]]:
    """Where a value may stand: away from the line that comes in and the one that goes out."""
    before, here, after = _neighbours(points, one)
    far = 14 if risk_answer(points[one]) else 11
    above, below = (0, -far, "center"), (0, far, "center")
    above_right, above_left = (5, 1 - far, "left"), (-5, 1 - far, "right")
    below_right, below_left = (5, far - 1, "left"), (-5, far - 1, "right")
    if before >= here <= after and not before == here == after:
        return [below, below_left, below_right, above, above_left, above_right]
    if before > here:
        return [above_right, below_left, above, below]
    if after > here:
        return [above_left, below_right, above, below]
    return [above, above_left, above_right, below]


def _neighbours(points: Sequence[Assessment], one: int) -> tuple[int, int, int]:
    """The values before, at and after a point of the line; its own where there is none."""
    here = _value(points[one])
    if points[one].score is None:
        return here, here, here
    before = [form for form in points[:one] if form.score is not None][-1:]
    after = [form for form in points[one + 1 :] if form.score is not None][:1]
    return _value(before[0]) if before else here, here, _value(after[0]) if after else here


def _first_that_fits(
    texts: Sequence[Row], room: Room, strokes: Sequence[Stroke], axis: TimeAxis
) -> Row | None:
    """The first place that is free and, if there is one, that no line crosses; taken."""
    free = [(text, box) for text in texts if room.is_free(box := box_of(text, axis))]
    clear = (one for one in free if not any(_crosses(one[1], *ends) for ends in strokes))
    chosen = next(clear, free[0] if free else None)
    if chosen is None:
        return None
    room.take(chosen[1])
    return chosen[0]


def _crosses(box: Box, start: Point, end: Point) -> bool:
    """Whether a straight line passes through a box: clipped to its sides, something is left."""
    (x, y), (x2, y2) = start, end
    if max(x, x2) < box.left or min(x, x2) > box.right:
        return False
    if max(y, y2) < box.top or min(y, y2) > box.bottom:
        return False
    begin, stop = 0.0, 1.0
    for from_here, step, low, high in (
        (x, x2 - x, box.left, box.right),
        (y, y2 - y, box.top, box.bottom),
    ):
        if step == 0:
            continue
        near, far = sorted(((low - from_here) / step, (high - from_here) / step))
        begin, stop = max(begin, near), min(stop, far)
    return begin <= stop
