"""The vertical lines of the days that a draft would set: the next score and the next review."""

from collections.abc import Sequence

from dashboard.charts.drawing import TEXT, Drawing, Room, Row, TimeAxis, box_of, label
from dashboard.clinical.advice.prospect import Prospect
from dashboard.components.charts.marks import Spans, uprights
from dashboard.locale import _


def prospect_drawing(
    prospect: Prospect, axis: TimeAxis, spans: Spans, weeks: Sequence[Row]
) -> Drawing:
    """Return dashed vertical lines for the days of the next score and of the next review, with
    names. A day beyond the axis has no line.

    ``weeks`` are the labels of the weeks and dates. The names are in the same rows, which no line
    crosses, and keep clear of these labels if there is room.
    """
    rules: list[Row] = []
    labels: list[Row] = []
    room = Room([box_of(text, axis) for text in weeks])
    upper, lower = sorted({text["y"] for text in weeks})
    named = ((prospect.next_review_on, _("review")), (prospect.next_score_on, "PHQ-9"))
    for on, name in named:
        if on is None or not axis.start <= on <= axis.end:
            continue
        rules += uprights(on, axis, spans, "accent", dash="dashed")
        places = [
            label(name, axis.share(on), y, dx=dx, tone="accent", align=align, halo=True)
            for dx, align in ((BESIDE, "left"), (-BESIDE, "right"))
            for y in (upper, lower)
        ]
        free = [one for one in places if room.is_free(box_of(one, axis))]
        chosen = (free or places)[0]
        room.take(box_of(chosen, axis))
        labels.append(chosen)
    return Drawing(rules=rules, labels=labels)


BESIDE = TEXT / 4
"""The distance between a line and its name, in pixels."""
