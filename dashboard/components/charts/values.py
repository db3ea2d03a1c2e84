"""The labels with the values of the points in a panel, the area of one questionnaire.

No label overlaps a point or another label.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from dashboard.charts.drawing import (
    LARGE,
    TEXT,
    Box,
    Drawing,
    Room,
    Row,
    TimeAxis,
    box_of,
    label,
)
from dashboard.charts.panel import Panel
from dashboard.clinical.case.case_file import Assessment, CaseFile
from dashboard.components.charts.panel import (
    forms_of,
    kinds_of,
    risk_answer,
    target_lines,
    value_of,
)
from dashboard.locale import _

DENSE = 19
"""The minimum width of the chart for each point, in pixels.

If there is less width for each point, only the main points have labels.
"""

Point = tuple[float, float]
Stroke = tuple[Point, Point]


def values(case: CaseFile, panel: Panel, axis: TimeAxis) -> Drawing:
    """Return the values to draw beside their points.

    The latest value, the extreme values, the first value, and invalid or doubtful values get their
    places first. So do the latest and the highest positive answer on suicidal thoughts. Other
    values follow if there is room.
    """
    points = [form for form in forms_of(case, panel.instrument) if form.plotted is not None]
    places = [(axis.pixels(form.taken_on), panel.y(value_of(form))) for form in points]
    joined = [place for place, form in zip(places, points, strict=True) if form.score is not None]
    room = Room(
        [Box(x - 4, y - 4, x + 4, y + 4) for x, y in places],
        within=Box(0, panel.top - 11, axis.width + 6, panel.bottom + 6),
    )
    lines = [*pairwise(joined), *_straight_lines(case, panel, axis)]
    strokes = [(_around_stroke(line), line) for line in lines]
    rows: list[Row] = []
    for labels in _by_importance(case, points, panel, axis):
        chosen = _first_that_fits(labels, room, strokes, axis)
        rows += [chosen] if chosen is not None else []
    return Drawing(labels=rows)


def _straight_lines(case: CaseFile, panel: Panel, axis: TimeAxis) -> Iterator[Stroke]:
    """Yield the straight lines of the enrolment, the reviews, today and the target scores.

    The labels avoid these lines.
    """
    for on in (case.enrolled_on, case.as_of, *(review.signed_on for review in case.reviews)):
        x = axis.pixels(on)
        yield (x, panel.top), (x, panel.bottom)
    for value, _text, _dash in target_lines(case, panel):
        yield (0, panel.y(value)), (axis.width, panel.y(value))


def _by_importance(
    case: CaseFile, points: Sequence[Assessment], panel: Panel, axis: TimeAxis
) -> Iterator[list[Row]]:
    """Yield the candidate labels of each point, the most important point first.

    If there is less width for each point than ``DENSE``, only the main points are included.
    """
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


def _main_points(points: Sequence[Assessment]) -> list[int]:
    every = range(len(points))
    values = [value_of(form) for form in points]
    marked = [one for one in every if {"odd", "doubtful"} & set(kinds_of(points[one]))]
    highest = max(reversed(every), key=lambda one: values[one])
    lowest = min(reversed(every), key=lambda one: values[one])
    return [every[-1], highest, lowest, every[0], *marked]


def _value_labels(
    case: CaseFile, points: Sequence[Assessment], one: int, panel: Panel, axis: TimeAxis
) -> list[Row]:
    """Return the candidate labels for the value of a point, one for each possible place, best place
    first.
    """
    form, last = points[one], one == len(points) - 1
    x, y = axis.share(form.taken_on), panel.y(value_of(form))
    size, weight = (LARGE, 600) if last else (TEXT, 400)
    text = _value_text(form)
    labels = [
        label(text, x, y + dy, dx=dx, size=size, weight=weight, align=align, halo=True)
        for dx, dy, align in _around(points, one)
    ]
    if not last:
        return labels
    # The value of the last point is to the right of the point. If the line of today is near, the
    # value is to the right of that line.
    to_today = axis.pixels(case.as_of) - axis.pixels(form.taken_on)
    near = case.as_of <= axis.end and to_today < 26
    x, dx = (axis.share(case.as_of), 5) if near else (x, 9)
    return [label(text, x, y, dx=dx, size=size, weight=weight, halo=True), *labels]


def _risk_labels(points: Sequence[Assessment], one: int, panel: Panel, axis: TimeAxis) -> list[Row]:
    """Return the candidate labels for a positive answer on suicidal thoughts, best place first.

    There is one label for each possible place. Return an empty list if there is no positive answer.
    """
    form, known = points[one], panel.known
    answer = risk_answer(form)
    if not answer or known is None:
        return []
    text = _("i{item}: {answer}", item=known.risk_item, answer=answer)
    x, y = axis.share(form.taken_on), panel.y(value_of(form))
    dips = _around(points, one)[0][1] > 0
    places = [(0, 28, "center"), (0, 15, "center")] if dips else [(0, 15, "center")]
    places += [(0, -28, "center"), (0, -15, "center"), (0, 28, "center")]
    places += [(10, 8, "left"), (10, -8, "left"), (-10, 8, "right"), (-10, -8, "right")]
    return [
        label(text, x, y + dy, dx=dx, weight=600, tone="alert", align=align, halo=True)
        for dx, dy, align in places
    ]


def _value_text(form: Assessment) -> str:
    if form.score is None:
        return f"{form.plotted} ?"
    return f"{form.plotted} !" if form.oddities else str(form.plotted)


def _around(points: Sequence[Assessment], one: int) -> list[tuple[float, float, str]]:
    """Return the possible places for a value beside its point, best place first.

    A place has an offset in pixels and a text alignment. The places avoid the lines to the previous
    and to the next point.
    """
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
    return [above, above_left, above_right, below, below_right, below_left]


def _neighbours(points: Sequence[Assessment], one: int) -> tuple[int, int, int]:
    """Return the values of the previous point, of the point with the index ``one``, and of the next
    point.

    If a neighbour is missing, the value of the point itself is used instead.
    """
    here = value_of(points[one])
    if points[one].score is None:
        return here, here, here
    before = [form for form in points[:one] if form.score is not None][-1:]
    after = [form for form in points[one + 1 :] if form.score is not None][:1]
    return value_of(before[0]) if before else here, here, value_of(after[0]) if after else here


def _first_that_fits(
    texts: Sequence[Row], room: Room, strokes: Sequence[tuple[Box, Stroke]], axis: TimeAxis
) -> Row | None:
    """Return the first label that has a free place, and occupy this place. Return None if no place
    is free.

    A free place that no line crosses is preferred.
    """
    chosen = None
    for text in texts:
        box = box_of(text, axis)
        if not room.is_free(box):
            continue
        clear = not any(_crosses(box, *line) for line in _near(box, strokes))
        if clear or chosen is None:
            chosen = (text, box)
        if clear:
            break
    if chosen is None:
        return None
    room.take(chosen[1])
    return chosen[0]


def _around_stroke(line: Stroke) -> Box:
    (x, y), (x2, y2) = line
    return Box(min(x, x2), min(y, y2), max(x, x2), max(y, y2))


def _near(box: Box, strokes: Sequence[tuple[Box, Stroke]]) -> list[Stroke]:
    """Return the lines whose bounding box touches ``box``. Only these lines can cross ``box``."""
    its_left, its_top, its_right, its_bottom = box
    return [
        line
        for (left, top, right, bottom), line in strokes
        if right >= its_left and left <= its_right and bottom >= its_top and top <= its_bottom
    ]


def _crosses(box: Box, start: Point, end: Point) -> bool:
    """Return whether the line from ``start`` to ``end`` passes through ``box``.

    The line is clipped to the sides of the box.
    """
    (x, y), (x2, y2) = start, end
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
