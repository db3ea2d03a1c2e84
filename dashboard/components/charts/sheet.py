"""The vertical layout of the whole chart, from top to bottom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dashboard.charts.drawing import Drawing, TimeAxis, text_width, together
from dashboard.clinical.advice.prospect import Prospect
from dashboard.clinical.case.case_file import CaseFile
from dashboard.components.charts.bars import lane_drawing
from dashboard.components.charts.lanes import Lane, lanes_of
from dashboard.components.charts.legend import ROW, legend_drawing, legend_lines
from dashboard.components.charts.marks import (
    contact_lane,
    day_lines,
    edge_texts,
    sequence_lane,
    week_lines,
)
from dashboard.components.charts.panel import forms_of, panel_of
from dashboard.components.charts.prospect import prospect_drawing
from dashboard.components.charts.reviews import next_review, review_lane, states_height
from dashboard.components.charts.safety import safety_edges
from dashboard.components.charts.scores import TICK_SPACE, right_margin_texts, score_panel
from dashboard.locale import _

BEFORE_DAYS = 28
"""The maximum number of days before the enrolment at which the time axis begins, besides its
margin.
"""

AFTER_DAYS = 14
"""The maximum number of days after the closing of an episode that are on the time axis."""

HEAD = 16
SEQUENCES = 15
REVIEWS = 14
ABOVE_PANELS = 11
PANEL_GAP = 17
CONTACTS = 19
WEEKS = 28
LEAST_PANEL, MOST_PANEL, EMPTY_PANEL = 102, 200, 34
LEAST_LANE, MOST_LANE = 16, 18
MARGINS = (92, 168)
EDGES = (84, 150)


@dataclass(frozen=True)
class Rows:
    """The layout of the chart, in pixels: the top of each part.

    ``panels`` are pairs of top and bottom. ``lanes`` are the tops of the treatment lanes, which all
    have the height ``lane_height``. The last lane ends at ``bottom``. ``height`` is the height of
    the whole chart.
    """

    sequences: float
    reviews: float
    panels: tuple[tuple[float, float], ...]
    contacts: float
    weeks: float
    lanes: tuple[float, ...]
    lane_height: float
    bottom: float
    legend: float
    height: int


def sheet(
    case: CaseFile, instruments: Sequence[str], height: int, prospect: Prospect | None = None
) -> tuple[Drawing, TimeAxis, int]:
    """Return the whole drawing, its time axis, and its height in pixels.

    ``height`` is the wanted height in pixels. ``prospect`` is the course that a draft would set:
    doses, next score and next review. If ``prospect`` is given, the axis ends after it.
    """
    lanes = lanes_of(case, prospect)
    axis = time_axis(case, instruments, lanes, until=prospect.until if prospect else None)
    legend = legend_lines(case, instruments, lanes)
    filled = [bool(forms_of(case, code)) for code in instruments]
    rows = rows_of(filled, len(lanes), len(legend), states_height(case, axis), height)
    panels = [
        panel_of(case, code, *place) for code, place in zip(instruments, rows.panels, strict=True)
    ]
    # The vertical lines do not cross the row of weeks and dates, so that this row stays legible.
    panels_from = rows.panels[0][0] if rows.panels else rows.contacts
    lanes_from = rows.weeks + WEEKS - 1
    spans = [(panels_from, rows.weeks), (lanes_from, rows.bottom)]
    weeks = week_lines(case, axis, spans, rows.weeks + 7)
    parts = [
        weeks,
        sequence_lane(case, axis, rows.sequences, SEQUENCES),
        day_lines(case, axis, [(HEAD, rows.weeks), spans[1]]),
        review_lane(case, axis, rows.reviews, spans),
        *(score_panel(case, panel, axis) for panel in panels),
        contact_lane(case, axis, rows.contacts + CONTACTS / 2),
        *(
            lane_drawing(lane, axis, top, rows.lane_height)
            for lane, top in zip(lanes, rows.lanes, strict=True)
        ),
        legend_drawing(legend, axis, rows.legend),
        *([prospect_drawing(prospect, axis, spans, weeks.labels)] if prospect else []),
    ]
    return together(parts), axis, rows.height


def time_axis(
    case: CaseFile,
    instruments: Iterable[str],
    lanes: Sequence[Lane],
    until: date | None = None,
) -> TimeAxis:
    """Return the time axis. It ends a little after ``_last_day``, or after ``until`` if ``until``
    is later.

    The axis begins a little before the first assessment, contact, drug, psychosocial care or
    review, but not earlier than a little before the day four weeks before the enrolment. An earlier
    fact is drawn at the left end.

    Each margin is as wide as its texts, within limits.
    """
    names = [text_width(lane.name) + 14 for lane in lanes]
    under_names = (
        _("response ≤ {score}", score=13),
        _("remission < {score}", score=10),
        _("↑ higher is worse"),
        "27 → 10 (−17)",
    )
    names.extend(text_width(text) + TICK_SPACE for text in under_names)
    edges = [
        *right_margin_texts(instruments),
        *edge_texts(case),
        next_review(case),
        *(lane.status for lane in lanes),
        *safety_edges(case),
    ]
    start, end = _first_day(case), max(_last_day(case), case.enrolled_on, until or date.min)
    span = max((end - start).days, 21)
    return TimeAxis(
        start - timedelta(days=max(span // 40, 1)),
        end + timedelta(days=max(span // 15, 1)),
        left=_within(max(names), MARGINS),
        right=_within(max(text_width(text) for text in edges) + 12, EDGES),
    )


def _first_day(case: CaseFile) -> date:
    earliest = case.enrolled_on - timedelta(days=BEFORE_DAYS)
    days = [
        *(form.taken_on for form in case.assessments),
        *(one.day for one in case.contacts),
        *(one.started_on for one in case.treatments),
        *(one.started_on for one in case.psychosocial),
        *(one.signed_on for one in case.reviews),
    ]
    return max(min([*days, case.enrolled_on, case.as_of]), earliest)


def _last_day(case: CaseFile) -> date:
    """Return the last day of the axis, without the days that a draft adds.

    It is the day ``case.as_of``, but at most two weeks after the closing of the episode.
    """
    if case.closed_on is None:
        return case.as_of
    return min(case.as_of, case.closed_on + timedelta(days=AFTER_DAYS))


def _within(width: float, limits: tuple[int, int]) -> int:
    return int(min(max(width, limits[0]), limits[1]))


def rows_of(filled: Sequence[bool], lanes: int, legend: int, states: int, height: int) -> Rows:
    """Return the layout of the chart. The panels share the height that the fixed parts leave.

    ``filled`` says for each panel whether it has an assessment. ``lanes`` is the number of lanes,
    and ``legend`` is the number of lines of the legend. ``states`` is the height of the symbols
    below the reviews, and ``height`` is the wanted height of the chart, both in pixels.
    """
    reviews = HEAD + SEQUENCES + 3
    first = reviews + REVIEWS + states + ABOVE_PANELS
    lane_height = MOST_LANE if lanes <= 5 else LEAST_LANE + 1 if lanes <= 8 else LEAST_LANE
    under = CONTACTS + WEEKS + lanes * lane_height + 8 + legend * ROW
    heights = _panel_heights(filled, height - first - under)
    tops = [first + sum(heights[:place]) + PANEL_GAP * place for place in range(len(heights))]
    places = tuple((top, top + one) for top, one in zip(tops, heights, strict=True))
    contacts = places[-1][1] + 6 if places else first
    lanes_from = contacts + CONTACTS + WEEKS
    bottom = lanes_from + lanes * lane_height
    return Rows(
        sequences=HEAD,
        reviews=reviews,
        panels=places,
        contacts=contacts,
        weeks=contacts + CONTACTS,
        lanes=tuple(lanes_from + lane_height * place for place in range(lanes)),
        lane_height=lane_height,
        bottom=bottom,
        legend=bottom + 14,
        height=int(bottom + 8 + legend * ROW),
    )


def _panel_heights(filled: Sequence[bool], room: float) -> list[float]:
    """Return the heights of the panels, in pixels. A panel without an assessment has a fixed
    height.

    The heights of the first panel and of any other panel have the ratio 9 to 7. So one point has
    the same height in the PHQ-9 (0 to 27) and in the GAD-7 (0 to 21).
    """
    weights = [(9 if place == 0 else 7) * one for place, one in enumerate(filled)]
    fixed = 6 + PANEL_GAP * (len(filled) - 1) + EMPTY_PANEL * filled.count(False)
    share = (room - fixed) / max(sum(weights), 1)
    share = min(max(share, LEAST_PANEL / 9), MOST_PANEL / 9)
    return [round(weight * share) if weight else EMPTY_PANEL for weight in weights]
