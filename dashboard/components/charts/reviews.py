"""The row of the chart with the numbered reviews, and the state of each recommendation."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from uuid import UUID

from dashboard.charts.drawing import (
    Box,
    Drawing,
    Room,
    Row,
    TimeAxis,
    box_of,
    label,
    nudges,
    symbol,
)
from dashboard.clinical.case.case_file import CaseFile, CaseReview, Recommendation
from dashboard.components.charts.marks import Spans, at_edge, near_day, uprights
from dashboard.locale import _
from dashboard.locale.formats import day
from dashboard.vocabulary import AnswerOutcome
from dashboard.words.advice.lines import outcome_name

STATE_SHAPES = {
    AnswerOutcome.DONE: "check",
    AnswerOutcome.MODIFIED: "half",
    AnswerOutcome.DECLINED: "cross",
    AnswerOutcome.REFUSED_BY_PATIENT: "barred",
    AnswerOutcome.ACKNOWLEDGED: "dot",
    "unanswered": "circle",
    "replaced": "arrow",
    "withdrawn": "dash",
}
"""The symbol of each state of a recommendation."""

PITCH = 10
"""The distance between the symbols of two recommendations, in pixels."""

MOST_UNDER = 3
"""The maximum number of symbols below a review. If there are more, the last symbol is replaced by
the number of the other recommendations.
"""


def review_lane(case: CaseFile, axis: TimeAxis, top: float, spans: Spans) -> Drawing:
    """Return the drawing of the numbered reviews.

    A review that was not superseded has a symbol for each recommendation, beside or below its
    number (at most ``MOST_UNDER`` below). A dotted line goes from each review down through the
    scores and the treatments.
    """
    y, beside = top + 6, stand_beside(case, axis)
    labels = [label(_("reviews"), 0, y, dx=-axis.left), at_edge(next_review(case), y, axis)]
    room = Room()
    for place in _standing_first(case.reviews):
        fitting = (one for one in _names(case, place, axis, y) if room.take(box_of(one, axis)))
        labels += [one for one in (next(fitting, None),) if one is not None]
    moves = {} if beside else _moves(case, axis)
    signs = [
        {**row, "dx": row["dx"] + moves.get(review.id, 0)}
        for review in case.reviews
        for row in _signs(review, axis, y, beside)
    ]
    if not beside:
        labels += [
            {**row, "dx": moves.get(review.id, 0)}
            for review in case.reviews
            for row in _uncounted(review, axis, y)
        ]
    lines = [
        row
        for review in case.reviews
        for row in uprights(review.signed_on, axis, spans, "rule", dash="dotted")
    ]
    return Drawing(rules=lines, symbols=signs, labels=labels)


MOST_MOVED = 6
"""The maximum distance of the symbols below a review from the line of the review, in pixels."""


def _moves(case: CaseFile, axis: TimeAxis) -> dict[UUID, float]:
    """Return by how many pixels to move the symbols below each review, so that the symbols of two
    reviews within a few days do not cover each other.
    """
    reviews = [review for review in case.reviews if _standing(review)]
    places = [axis.pixels(review.signed_on) for review in reviews]
    moves = nudges(places, PITCH + 1, MOST_MOVED)
    return {review.id: move for review, move in zip(reviews, moves, strict=True)}


def states_height(case: CaseFile, axis: TimeAxis) -> int:
    """Return the height of the symbols below the reviews, in pixels.

    Return 0 if the symbols are beside the numbers of the reviews.
    """
    most = max((len(_standing(review)) for review in case.reviews), default=0)
    return 0 if stand_beside(case, axis) else PITCH * min(most, MOST_UNDER)


def stand_beside(case: CaseFile, axis: TimeAxis) -> bool:
    """Return whether all symbols fit beside the numbers of their reviews."""
    boxes = [_box(review, axis) for review in case.reviews if review.superseded_by is None]
    return all(box.left >= 0 for box in boxes) and not any(
        one.meets(following) for one, following in pairwise(boxes)
    )


def next_review(case: CaseFile) -> str:
    """Return in words the day of the next review, which the last review has set.

    If no review was signed yet, return a text that says so. Return an empty text if no day is set
    or the episode is closed.
    """
    if not case.reviews:
        return _("never reviewed")
    on = case.reviews[-1].next_review_on
    return (
        "" if on is None or case.closed_on is not None else _("next {day}", day=near_day(on, case))
    )


def states_shown(case: CaseFile) -> list[str]:
    """Return the states of the recommendations on the chart, in the order of ``STATE_SHAPES``.

    The legend explains these states.
    """
    found = {line.state for review in case.reviews for line in _standing(review)}
    return [state for state in STATE_SHAPES if state in found]


def state_symbol(state: str, x: float = 0, y: float = 0, *, dx: float = 0, tip: str = "") -> Row:
    """Return the symbol of ``state``, which is a state of a recommendation."""
    shape = STATE_SHAPES.get(state, "circle")
    fill = "ink" if shape in ("dot", "half") else "page"
    edge = _EDGES.get(state, "ink")
    return symbol(shape, x, y, fill=fill, edge=edge, size=_SIZES[shape], dx=dx, tip=tip)


_SIZES = {
    "check": 50,
    "cross": 28,
    "dot": 110,
    "half": 70,
    "barred": 46,
    "circle": 42,
    "dash": 28,
    "arrow": 40,
}
_EDGES = {
    "unanswered": "warning",
    AnswerOutcome.MODIFIED: None,
    "replaced": "muted",
    "withdrawn": "muted",
}


def _standing(review: CaseReview) -> Sequence[Recommendation]:
    return () if review.superseded_by else review.recommendations


def _standing_first(reviews: Sequence[CaseReview]) -> list[int]:
    """Return the indexes of ``reviews`` in the order in which their numbers get a place on the
    chart.

    The latest review comes first, then the other reviews that were not superseded, then the
    superseded reviews.
    """
    places = sorted(range(len(reviews)), key=lambda one: reviews[one].superseded_by is not None)
    return sorted(places, key=lambda one: one != len(reviews) - 1)


def _names(case: CaseFile, place: int, axis: TimeAxis, y: float) -> Iterator[Row]:
    """Yield the name of a review, then its bare number for a place without room for the name."""
    review, x = case.reviews[place], axis.share(case.reviews[place].signed_on)
    tone = "muted" if review.superseded_by else "ink"
    for name in (_("R{number}", number=place + 1), str(place + 1)):
        text = f"({name})" if review.superseded_by else name
        yield label(text, x, y, weight=600, tone=tone, align="center", halo=True)


_HALF_NAME = 12


def _box(review: CaseReview, axis: TimeAxis) -> Box:
    x, signs = axis.pixels(review.signed_on), PITCH * len(_standing(review))
    if _is_left(review, axis):
        return Box(x - _HALF_NAME - signs, 0, x + _HALF_NAME, 1)
    return Box(x - _HALF_NAME, 0, x + _HALF_NAME + signs, 1)


def _is_left(review: CaseReview, axis: TimeAxis) -> bool:
    """Return whether the symbols are to the left of the number of the review.

    The symbols are to the left if there is no room to the right of the number.
    """
    signs = PITCH * len(_standing(review))
    return axis.pixels(review.signed_on) + _HALF_NAME + signs > axis.width


def _signs(review: CaseReview, axis: TimeAxis, y: float, beside: bool) -> Iterator[Row]:
    lines = _standing(review)
    x, said = axis.share(review.signed_on), day(review.signed_on)
    few = beside or len(lines) <= MOST_UNDER
    for place, line in enumerate(lines if few else lines[: MOST_UNDER - 1]):
        tip = f"{said} · {outcome_name(line.state)}"
        if not beside:
            yield state_symbol(line.state, x, y + 12 + place * PITCH, tip=tip)
        elif _is_left(review, axis):
            left = (len(lines) - 1 - place) * PITCH
            yield state_symbol(line.state, x, y, dx=-_HALF_NAME - 3 - left, tip=tip)
        else:
            yield state_symbol(line.state, x, y, dx=_HALF_NAME + 3 + place * PITCH, tip=tip)


def _uncounted(review: CaseReview, axis: TimeAxis, y: float) -> Iterator[Row]:
    more = len(_standing(review)) - MOST_UNDER + 1
    if more > 1:
        x = axis.share(review.signed_on)
        yield label(f"+{more}", x, y + 12 + (MOST_UNDER - 1) * PITCH, align="center")
