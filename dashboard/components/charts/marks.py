"""The marks on the time axis of the chart: enrolment, closing, today, weeks, sequences and
contacts.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from dashboard.charts.drawing import (
    Drawing,
    Room,
    Row,
    TimeAxis,
    area,
    box_of,
    label,
    rule,
    symbol,
    text_width,
)
from dashboard.clinical.case.case_file import CaseFile, Contact
from dashboard.locale import _, ngettext
from dashboard.locale.formats import day, short_day
from dashboard.words.case.chart import sequence_name

Spans = Sequence[tuple[float, float]]
"""The parts of the chart in which vertical lines are drawn, as pairs of top and bottom in pixels.
"""


def day_lines(case: CaseFile, axis: TimeAxis, spans: Spans) -> Drawing:
    """Return the vertical lines of enrolment, closing and today, in each of ``spans``.

    Their names are above the first of ``spans``.
    """
    top, room = spans[0][0] - 8, Room()
    rules: list[Row] = []
    labels: list[Row] = []
    for on, text, align, dx, weight in _named_days(case, axis):
        rules += uprights(on, axis, spans, "rule")
        x = axis.share(on)
        name = label(text, x, top, align=align, dx=dx, weight=weight, halo=True)
        labels += [name] if room.take(box_of(name, axis)) else []
    return Drawing(rules=rules, labels=labels)


def _named_days(case: CaseFile, axis: TimeAxis) -> Iterator[tuple[date, str, str, float, int]]:
    """Yield the named days: day, name, text alignment, offset in pixels and font weight of each.

    The most important day comes first.
    """
    if case.as_of <= axis.end:
        # If the episode is closed, move the name of today further to the right. This leaves room
        # for the name of the closing.
        into_margin = 26 if case.closed_on is None else 70
        yield case.as_of, _("today {day}", day=short_day(case.as_of)), "right", into_margin, 600
    if case.closed_on is not None and case.closed_on <= case.as_of:
        words = _("closed {day}", day=near_day(case.closed_on, case))
        yield case.closed_on, words, "right", 26 if case.as_of > axis.end else 2, 600
    yield case.enrolled_on, _("enrolled {day}", day=day(case.enrolled_on)), "left", -2, 400


def uprights(
    on: date, axis: TimeAxis, spans: Spans, tone: str, *, width: float = 1, dash: str = "solid"
) -> list[Row]:
    """Return the vertical lines of the day ``on``, one in each of ``spans``."""
    x = axis.share(on)
    return [rule(x, x, top, bottom, tone, width=width, dash=dash) for top, bottom in spans]


def week_lines(case: CaseFile, axis: TimeAxis, spans: Spans, scale: float) -> Drawing:
    """Return the numbers of the weeks since enrolment, with their dates and vertical lines.

    If there is no room for all weeks, some are left out. The numbers are at the vertical position
    ``scale``, in pixels, and the dates are below the numbers.
    """
    weeks = list(_weeks(case, axis))
    years = [on.year for _one, on in weeks]
    labels = [
        label(_("week"), 0, scale, dx=-axis.left),
        label(_("date"), 0, scale + 13, dx=-axis.left, tone="muted"),
    ]
    dates: list[Row] = []
    for (one, on), before in zip(weeks, [years[0], *years], strict=False):
        x, text = axis.share(on), short_day(on) if on.year == before else day(on)
        labels.append(label(str(one), x, scale, align="center"))
        dates.append(label(text, x, scale + 13, tone="muted", align="center"))
    # A date with its year is wider than the others, and tells more than the date beside it.
    room = Room()
    by_width = sorted(dates, key=lambda row: -len(row["text"]))
    labels += [row for row in by_width if room.take(box_of(row, axis))]
    lines = [row for _one, on in weeks for row in uprights(on, axis, spans, "grid")]
    return Drawing(rules=lines, labels=labels)


_STEPS = (1, 2, 4, 8, 13, 26, 52, 104, 260, 520, 1040)
_LEAST_STEP = 46


def _weeks(case: CaseFile, axis: TimeAxis) -> Iterator[tuple[int, date]]:
    days = max((axis.end - axis.start).days, 1)
    fitting = [step for step in _STEPS if step * 7 / days * axis.width >= _LEAST_STEP]
    step = fitting[0] if fitting else _STEPS[-1]
    last = (min(case.as_of, axis.end) - case.enrolled_on).days // 7
    for week in range(0, max(last, 0) + 1, step):
        yield week, case.enrolled_on + timedelta(weeks=week)


def sequence_lane(case: CaseFile, axis: TimeAxis, top: float, height: float) -> Drawing:
    """Return the drawing of the care sequences.

    The end of the current sequence is written at the right edge.
    """
    middle = top + height / 2
    areas: list[Row] = []
    labels = [label(_("sequence"), 0, middle, dx=-axis.left)]
    for number, one in enumerate(sorted(case.sequences, key=lambda each: each.starts_on)):
        if one.starts_on > case.as_of:
            continue
        x, x2 = axis.share(one.starts_on), axis.share(min(one.ends_on, case.as_of))
        areas.append(area(x, x2, top + 1, top + height - 1, _STRIPES[number % 2]))
        name = f"{sequence_name(one.kind)} {one.number}"
        wide = (x2 - x) * axis.width - 6
        text = name if text_width(name) <= wide else str(one.number)
        if text_width(text) <= wide:
            labels.append(label(text, x, middle, dx=4, tone="muted"))
    labels.append(at_edge(_sequence_end(case), middle, axis))
    return Drawing(areas=areas, labels=labels)


def edge_texts(case: CaseFile) -> list[str]:
    """Return the texts at the right edge of the lanes of sequences and contacts."""
    return [_sequence_end(case), _counted(case)]


def _sequence_end(case: CaseFile) -> str:
    current = case.current_sequence
    if current is None:
        return _("no sequence")
    on = near_day(current.ends_on, case)
    return _("until {day}", day=on) if current.ends_on >= case.as_of else _("ended {day}", day=on)


def near_day(on: date, case: CaseFile) -> str:
    """Return the day ``on`` in words. Include the year if it is not the year of ``case.as_of``."""
    return short_day(on) if on.year == case.as_of.year else day(on)


_STRIPES = ("sequence", "sequence_next")


def at_edge(text: str, y: float, axis: TimeAxis) -> Row:
    """Return ``text`` in the right margin, at the height ``y`` in pixels."""
    return label(text, 1, y, dx=8, tone="muted", limit=axis.right - 8)


def contact_lane(case: CaseFile, axis: TimeAxis, y: float) -> Drawing:
    """Return the drawing of the contacts. A kept contact is a stroke, and a missed contact is a
    cross.

    The numbers of kept and missed contacts are at the right edge.
    """
    signs = [
        _contact_sign(one.attended, axis.share(one.day), y, _tip(one)) for one in case.contacts
    ]
    labels = [
        label(_("contacts"), 0, y, dx=-axis.left),
        at_edge(_counted(case), y, axis),
    ]
    return Drawing(symbols=signs, labels=labels)


def _counted(case: CaseFile) -> str:
    """Return the numbers of kept and missed contacts in words, such as "11 kept, 1 missed"."""
    counts = Counter(one.attended for one in case.contacts)
    if not counts:
        return _("no contact")
    said = []
    if counts[True]:
        said.append(ngettext("{n} kept", "{n} kept", counts[True]))
    if counts[False]:
        said.append(ngettext("{n} missed", "{n} missed", counts[False]))
    return ", ".join(said)


def _contact_sign(attended: bool, x: float, y: float, tip: str = "") -> Row:
    if attended:
        return symbol("tick", x, y, edge="ink", size=90, tip=tip)
    return symbol("cross", x, y, edge="warning", size=34, tip=tip)


def _tip(one: Contact) -> str:
    return f"{day(one.day)} · {_('kept') if one.attended else _('missed')}"
