"""Texts about settlements of earlier recommendations. Text typed by a person is not
escaped here.
"""

from datetime import date

from dashboard.calendar import PARIS
from dashboard.clinical.advice.tele_expertise import EarlierAdvice
from dashboard.clinical.case.case_file import Recommendation
from dashboard.clinical.settlements import LineCourse, LineEnd
from dashboard.locale import _
from dashboard.locale.formats import day
from dashboard.vocabulary import SettlementKind
from dashboard.words.advice.lines import recommendation_in_words


def origin_in_words(line: Recommendation) -> str:
    """Return the origin of a kept recommendation: its number and its review."""
    course = line.course
    if course is None:
        return ""
    return origin_name(line.position, course.given_at.astimezone(PARIS).date())


def kept_from_in_words(line: Recommendation) -> str:
    """Return the note that a review keeps a recommendation, with the origin of the
    recommendation.
    """
    return _("kept: {origin}", origin=origin_in_words(line))


def origin_name(position: int, given_on: date) -> str:
    """Return the name of an earlier recommendation: its number in the review of a day."""
    return _("no. {number} of the review of {day}", number=position, day=day(given_on))


def kept_in_words(line: Recommendation) -> str:
    """Return which later review has kept a recommendation; empty if none has kept it."""
    course = line.course
    if course is None or course.sent_by == course.line.review_id:
        return ""
    return _("kept by the review of {day}", day=day(course.sent_at.astimezone(PARIS).date()))


def end_in_words(line: Recommendation) -> str:
    """Return how a recommendation ended, with its replacement or the reason.

    The text is empty if the recommendation still stands.
    """
    course = line.course
    if course is None or course.end not in (LineEnd.REPLACED, LineEnd.WITHDRAWN):
        return ""
    on = _ended_on(course)
    if course.end is LineEnd.WITHDRAWN:
        said = _("withdrawn on {day}", day=on) if on else _("withdrawn")
        return _("{text}: {detail}", text=said, detail=course.reason) if course.reason else said
    said = _("replaced by the review of {day}", day=on)
    if line.replacement is None:
        return said
    by = f"{line.replacement.position}. {recommendation_in_words(line.replacement)}"
    return _("{text}: {detail}", text=said, detail=by)


def earlier_in_words(one: EarlierAdvice) -> str:
    """Return an earlier recommendation, with its settlement by a review."""
    origin = origin_name(one.line.position, one.given_on)
    what = f"{recommendation_in_words(one.line)} ({origin})"
    return _("{advice}: {end}", advice=what, end=_settlement(one))


def _settlement(one: EarlierAdvice) -> str:
    if one.kind is SettlementKind.KEPT:
        return _("kept, by {day}", day=day(one.due_on)) if one.due_on else _("kept")
    if one.kind is SettlementKind.WITHDRAWN:
        said = _("withdrawn")
        return _("{text}: {detail}", text=said, detail=one.reason) if one.reason else said
    if one.replaced_by is None:
        return _("replaced")
    return _("replaced by recommendation {number}", number=one.replaced_by.position)


def not_wanted_in_words() -> str:
    """Return why an answer to a recommendation was not recorded."""
    return _(
        "A later review has replaced or withdrawn this recommendation: it is not wanted any"
        " more, and the answer was not recorded."
    )


def _ended_on(course: LineCourse) -> str:
    return day(course.ended_at.astimezone(PARIS).date()) if course.ended_at else ""
