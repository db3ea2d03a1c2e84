"""The vertical lines of the days that a draft would set: the next score and the next review."""

from dashboard.charts.drawing import Drawing, Row, TimeAxis, label
from dashboard.clinical.advice.prospect import Prospect
from dashboard.components.charts.marks import Spans, uprights
from dashboard.locale import _


def prospect_drawing(prospect: Prospect, axis: TimeAxis, spans: Spans, top: float) -> Drawing:
    """Return dashed vertical lines for the days of the next score and of the next review, with
    names.

    ``top`` is the upper edge of the marks of the reviews, in pixels.
    """
    rules: list[Row] = []
    labels: list[Row] = []
    named = ((prospect.next_review_on, _("review"), 6), (prospect.next_score_on, "PHQ-9", -6))
    for on, name, down in named:
        if on is None or not axis.start <= on <= axis.end:
            continue
        rules += uprights(on, axis, spans, "accent", dash="dashed")
        x, y = axis.share(on), top + 6 + down
        labels.append(label(name, x, y, tone="accent", align="center"))
    return Drawing(rules=rules, labels=labels)
