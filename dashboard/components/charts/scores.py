"""The panel of a questionnaire: its bands, its targets, and its points with their values."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from dashboard.charts.drawing import (
    LARGE,
    TEXT,
    Drawing,
    Row,
    TimeAxis,
    apart,
    area,
    label,
    rule,
    symbol,
    together,
    vertex,
)
from dashboard.charts.panel import Panel
from dashboard.clinical.case.case_file import Assessment, CaseFile
from dashboard.clinical.instruments import INSTRUMENTS, STANDARD_ERRORS
from dashboard.components.charts.panel import forms_of, risk_answer, target_lines, value_of
from dashboard.components.charts.values import values
from dashboard.locale import _
from dashboard.locale.formats import day, signed
from dashboard.words.case.chart import band_name, oddity_name

GAP_DAYS = 56
"""The maximum number of days between two scores that are joined by a solid line.

If the scores are further apart, the line is dotted, because the course between them is unknown.
"""

TICK_SPACE = 24
"""The width of the numbers of the scale, to the left of a panel, in pixels."""


def score_panel(case: CaseFile, panel: Panel, axis: TimeAxis) -> Drawing:
    """Return the drawing of the panel of one questionnaire.

    If the case has no assessment with the questionnaire, the panel has only a name and a remark.
    """
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
            _whiskers(forms, panel, axis),
            _lines(forms, panel, axis),
            _points(forms, panel, axis),
            values(case, panel, axis),
        )
    )


def series_in_words(case: CaseFile, instrument: str) -> str | None:
    """Return the course of the scores, such as "PHQ-9 from 15 on 24/08/2026 to 19 on 18/11/2026
    (+4)".

    Return None if there is no valid score.
    """
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
        change=signed(value_of(last) - value_of(first)),
    )


def right_margin_texts(instruments: Iterable[str]) -> list[str]:
    """Return the texts to the right of the panels: the names of the bands of severity."""
    known = [INSTRUMENTS[one] for one in instruments if one in INSTRUMENTS]
    return [band_name(band.name) for instrument in known for band in instrument.bands]


def _bands(panel: Panel, axis: TimeAxis) -> Drawing:
    bands = panel.known.bands if panel.known else ()
    starts = [band.starts_at for band in bands]
    ends = [*starts, panel.maximum][1:]
    spans = list(zip(bands, ends, _TONES_OF_BANDS[len(bands)], strict=True))
    middles = [(panel.y(band.starts_at) + panel.y(end)) / 2 for band, end, _tone in spans]
    places = apart(middles)
    return Drawing(
        areas=[
            area(0, 1, panel.y(end), panel.y(band.starts_at), tone) for band, end, tone in spans
        ],
        labels=[
            label(band_name(band.name), 1, y, dx=8, tone="muted", limit=axis.right - 8)
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
        if all(abs(panel.y(value) - panel.y(other)) >= TEXT for other in drawn):
            drawn.append(value)
    return Drawing(
        labels=[
            label(
                str(value),
                0,
                panel.y(value),
                dx=-5,
                tone="muted",
                align="right",
                limit=TICK_SPACE,
            )
            for value in drawn
        ],
    )


def _title(case: CaseFile, panel: Panel, axis: TimeAxis) -> Drawing:
    name, limit = panel.name, axis.left - TICK_SPACE
    rows = [] if panel.known is None else [_direction(panel, axis)]
    rows += [label(name, 0, panel.top + 6, dx=-axis.left, size=LARGE, weight=600, limit=limit)]
    scores = case.scores_of(panel.instrument)
    if len(scores) > 1:
        first, last = value_of(scores[0]), value_of(scores[-1])
        text = f"{first} → {last} ({signed(last - first)})"
        rows.append(label(text, 0, panel.top + 20, dx=-axis.left, tone="muted", limit=limit))
    return Drawing(labels=rows)


def _direction(panel: Panel, axis: TimeAxis) -> Row:
    return label(_("↑ higher is worse"), 0, panel.top + 33, dx=-axis.left, tone="muted")


def _targets(case: CaseFile, panel: Panel, axis: TimeAxis) -> Drawing:
    lines = list(target_lines(case, panel))
    places = apart([panel.y(value) for value, _text, _dash in lines])
    return Drawing(
        rules=[
            rule(0, 1, panel.y(value), panel.y(value), "accent", dash=dash)
            for value, _text, dash in lines
        ],
        labels=[
            label(text, 0, y, dx=-TICK_SPACE - 2, tone="accent", align="right")
            for (_value, text, _dash), y in zip(lines, places, strict=True)
        ],
    )


def _remark(case: CaseFile, panel: Panel, forms: Sequence[Assessment], axis: TimeAxis) -> Drawing:
    middle = (panel.top + panel.bottom) / 2
    rows = []
    if not forms:
        text = _("No {instrument} in this episode", instrument=panel.name)
        rows.append(label(text, axis.share(case.enrolled_on), middle, dx=8, tone="muted"))
    if panel.known is None and forms:
        for text, y in ((_("unknown form,"), middle - 7), (_("as it is stored"), middle + 7)):
            limit = axis.right - 8
            rows.append(label(text, 1, y, dx=8, tone="warning", limit=limit))
    return Drawing(labels=rows)


def _lines(forms: Sequence[Assessment], panel: Panel, axis: TimeAxis) -> Drawing:
    """Return the lines that join the valid scores. Assessments without one are skipped."""
    rows: list[Row] = []
    valid = [form for form in forms if form.score is not None]
    for number, (one, next_one) in enumerate(pairwise(valid)):
        dash = "dotted" if (next_one.taken_on - one.taken_on).days > GAP_DAYS else "solid"
        for form in (one, next_one):
            x, y = axis.share(form.taken_on), panel.y(value_of(form))
            rows.append(vertex(f"{panel.instrument} {number}", x, y, dash=dash))
    return Drawing(paths=rows)


def _whiskers(forms: Sequence[Assessment], panel: Panel, axis: TimeAxis) -> Drawing:
    """Return a vertical line for each valid score: the score ± its standard error of measurement.

    The line does not go beyond the scale.
    """
    error = STANDARD_ERRORS.get(panel.instrument)
    if error is None:
        return Drawing()
    ends = [
        (axis.share(form.taken_on), value_of(form) + error, value_of(form) - error)
        for form in forms
        if form.score is not None
    ]
    return Drawing(
        rules=[
            rule(x, x, panel.y(min(high, panel.maximum)), panel.y(max(low, 0)), "muted", width=1)
            for x, high, low in ends
        ]
    )


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
