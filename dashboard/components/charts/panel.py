"""The scores of one questionnaire, prepared for the chart."""

from collections.abc import Iterable, Iterator

from dashboard.charts.panel import Panel
from dashboard.clinical.case.case_file import Assessment, CaseFile
from dashboard.clinical.instruments import INSTRUMENTS, item_answer
from dashboard.locale import _


def panel_of(case: CaseFile, instrument: str, top: float, bottom: float) -> Panel:
    """Return a panel whose scale goes from 0 to the maximum of the questionnaire.

    An unknown questionnaire has no maximum. Its scale ends a ninth above the highest stored total,
    or at 10 if no total is above 9.
    """
    known = INSTRUMENTS.get(instrument)
    stored = max([9, *(form.plotted or 0 for form in forms_of(case, instrument))])
    return Panel(instrument, known.maximum if known else stored + stored // 9, top, bottom)


def forms_of(case: CaseFile, instrument: str) -> tuple[Assessment, ...]:
    """Return all assessments with this questionnaire, latest last.

    Assessments without a valid score are included.
    """
    return tuple(form for form in case.assessments if form.instrument == instrument)


def kinds_of_points(forms: Iterable[Assessment]) -> set[str]:
    """Return the kinds (``kinds_of``) of the points of all ``forms``, for the legend."""
    return {kind for form in forms for kind in kinds_of(form)}


def risk_answer(form: Assessment) -> int | None:
    """Return the answer to the item on suicidal thoughts.

    Return None if the questionnaire has no such item, or if the item has no answer.
    """
    known = INSTRUMENTS.get(form.instrument)
    if known is None or known.risk_item is None:
        return None
    return item_answer(form.items, known.risk_item)


def kinds_of(form: Assessment) -> Iterator[str]:
    """Yield the kinds of the point of the assessment ``form``.

    - ``no_score``: no value is plotted.
    - ``odd``: the plotted value is not a valid score.
    - ``doubtful``: the score is valid, but the stored row has other faults.
    - ``hollow``: the score is prorated, or not all of its items are known.
    - ``risk``: the answer on suicidal thoughts is positive.
    """
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


def value_of(form: Assessment) -> int:
    """Return the plotted value of the assessment ``form``, or 0 if it has none."""
    return form.plotted if form.plotted is not None else 0


def value_in_words(form: Assessment) -> str:
    """Return the plotted value of ``form``, or the words "no score" if it has none.

    A question mark follows a stored total that is not a valid score, as on the chart.
    """
    if form.plotted is None:
        return _("no score")
    return f"{form.plotted} ?" if form.score is None else str(form.plotted)


def target_lines(case: CaseFile, panel: Panel) -> Iterator[tuple[float, str, str]]:
    """Yield the horizontal lines of response and remission, each with its score, words and dash.

    The line of the response is at half of the baseline.
    """
    if panel.known is None:
        return
    scores = case.scores_of(panel.instrument)
    if panel.known.responds and scores and value_of(scores[0]) > 0:
        half = value_of(scores[0]) / 2
        yield half, _("response ≤ {score}", score=int(half)), "dashed"
    below = panel.known.remission_below
    if below is not None:
        yield below, _("remission < {score}", score=below), "dotted"
