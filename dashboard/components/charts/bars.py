"""The drawing of one treatment lane: its name, its bars with their doses, and its present status.

A treatment lane is a row of the chart about one drug, care or condition.
"""

from collections.abc import Iterable, Iterator
from itertools import zip_longest

from dashboard.charts.drawing import (
    Drawing,
    Row,
    TimeAxis,
    bar,
    label,
    rule,
    symbol,
    text_width,
    together,
)
from dashboard.components.charts.lanes import Lane, Step
from dashboard.locale import _
from dashboard.locale.formats import day, short_day

FILLS = {
    "below": ("page", "muted", "solid"),
    "effective": ("dose_effective", "page", "solid"),
    "trial": ("dose_trial", "page", "solid"),
    "above": ("dose_trial", "warning", "solid"),
    "plain": ("dose_plain", "page", "solid"),
    "as_needed": ("page", "muted", "dashed"),
    "condition": ("sequence_next", "rule", "solid"),
    "reversed": ("page", "warning", "dashed"),
    "ghost": ("page", "accent", "dashed"),
    "ghost_stop": ("page", "warning", "dashed"),
}
"""The fill, the edge and the dash of a bar, by the kind of the period that the bar shows."""

SIGNS = {"below": "triangle-down", "above": "triangle-up"}
"""The symbols in the bars of too low and too high doses, for readers who cannot see the colours."""

AFTER = 5
"""The space before and after the words to the right of a bar, in pixels."""

LEAST_BAR = 4
"""The minimum width of a bar, in pixels, so that a period of one day is visible."""


def lane_drawing(lane: Lane, axis: TimeAxis, top: float, height: float) -> Drawing:
    """Return the drawing of ``lane`` between ``top`` and ``top + height``, in pixels.

    The drawing has the name of the lane, its bars, the words to the right of the bars, and the
    status.
    """
    middle, limit = top + height / 2, axis.left - 12
    name = label(lane.name, 0, middle, dx=-axis.left, limit=limit)
    line = rule(0, 1, top + height, top + height, "grid", dx=-axis.left)
    words = [_words(lane.note, 0, axis, top, height)] if lane.note else []
    words += [_words(text, x, axis, top, height) for text, x in _behind(lane, axis)]
    bars = [_bar(step, axis, top + 2, height - 4) for step in lane.steps]
    named = Drawing(rules=[line], labels=[name, _status(lane, axis, middle)])
    return together([named, *words, *bars])


def _bar(step: Step, axis: TimeAxis, top: float, height: float) -> Drawing:
    fill, edge, dash = FILLS[step.kind]
    x, x2 = axis.share(step.start), axis.share(step.end)
    middle, tone = top + height / 2, "on_dose_trial" if fill == "dose_trial" else "ink"
    if _pixels(step, axis) < LEAST_BAR:
        x2, edge = x + LEAST_BAR / axis.width, "muted" if edge == "page" else edge
    symbols = []
    if _has_sign(step, axis):
        sign = SIGNS[step.kind]
        symbols.append(symbol(sign, x, middle, dx=8, fill=tone, size=22, tip=step.tip))
    if step.start < axis.start <= step.end:
        symbols.append(symbol("triangle-left", 0, middle, dx=-5, fill="muted", size=22))
    text, dx = _text_inside(step, axis), 15 if _has_sign(step, axis) else 4
    return Drawing(
        bars=[bar(x, x2, top, top + height, fill, edge=edge, dash=dash, tip=step.tip)],
        symbols=symbols,
        labels=[label(text, x, middle, dx=dx, tone=tone)] if text else [],
    )


def _pixels(step: Step, axis: TimeAxis) -> float:
    return axis.pixels(step.end) - axis.pixels(step.start)


def _has_sign(step: Step, axis: TimeAxis) -> bool:
    return step.kind in SIGNS and _pixels(step, axis) > 14


def _text_inside(step: Step, axis: TimeAxis) -> str | None:
    """Return the longest text that fits in the bar, or None if no text fits.

    The text includes the day ``step.since`` if there is room.
    """
    room = _pixels(step, axis) - (17 if _has_sign(step, axis) else 5)
    texts = step.texts
    if texts and step.since is not None:
        since = day(step.since) if step.since < axis.start else short_day(step.since)
        texts = (_("{text} since {day}", text=texts[0], day=since), *texts)
    return _fitting(texts, room)


def _behind(lane: Lane, axis: TimeAxis) -> Iterator[tuple[str, float]]:
    """Yield the words to the right of each bar, with their horizontal position (0 to 1).

    The words are the dose, if it does not fit in the bar, and the reason why the drug was stopped.
    """
    for step, following in zip_longest(lane.steps, lane.steps[1:]):
        end = 1.0 if following is None else axis.share(following.start)
        x = max(axis.share(step.end), axis.share(step.start) + LEAST_BAR / axis.width)
        text = _fitting(_texts_behind(step, axis), (end - x) * axis.width - 2 * AFTER)
        if text:
            yield text, x


def _texts_behind(step: Step, axis: TimeAxis) -> tuple[str, ...]:
    dose = _dose_left_out(step, axis)
    both = ", ".join(part for part in (dose, step.after) if part)
    return tuple(text for text in (both, dose, step.after) if text)


def _dose_left_out(step: Step, axis: TimeAxis) -> str:
    """Return the dose with its unit if the dose does not fit in the bar.

    Otherwise return an empty text.
    """
    if not step.texts or _text_inside(step, axis):
        return ""
    return step.texts[-2] if len(step.texts) > 1 else step.texts[0]


def _status(lane: Lane, axis: TimeAxis, y: float) -> Row:
    """Return the status of the lane. The dose of the last bar precedes it if the dose fits nowhere
    else.
    """
    limit, tone = axis.right - 8, "warning" if lane.warns else "muted"
    dose = _dose_left_out(lane.steps[-1], axis) if lane.steps else ""
    if dose and not any(x >= axis.share(lane.steps[-1].end) for _text, x in _behind(lane, axis)):
        both = f"{dose}, {lane.status}" if lane.status else dose
        text = _fitting((both, dose), limit) or lane.status
    else:
        text = lane.status
    return label(text, 1, y, dx=8, tone=tone, limit=limit)


def _fitting(texts: Iterable[str], room: float) -> str | None:
    return next((text for text in texts if text_width(text) <= room), None)


def _words(text: str, x: float, axis: TimeAxis, top: float, height: float) -> Drawing:
    """Return ``text`` on a background that hides the lines behind the text."""
    width = (text_width(text) + 2 * AFTER) / axis.width
    return Drawing(
        bars=[bar(x, min(x + width, 1.0), top + 1, top + height - 1, "page")],
        labels=[label(text, x, top + height / 2, dx=AFTER, tone="muted")],
    )
