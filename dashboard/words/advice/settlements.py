"""Texts about settlements: a later review keeps, replaces or withdraws an earlier recommendation.

The functions do not escape text that a user typed.
"""

from datetime import date

from dashboard.calendar import PARIS
from dashboard.clinical.advice.tele_expertise import EarlierAdvice
from dashboard.clinical.case.case_file import Recommendation
from dashboard.clinical.settlements import LineCourse, LineEnd
from dashboard.locale import _
from dashboard.locale.formats import day, near_day
from dashboard.vocabulary import SettlementKind
from dashboard.words.advice.lines import recommendation_in_words


def origin_in_words(line: Recommendation) -> str:
    """Return the number of a recommendation and the day of the review that first gave it.

    The text is empty if ``line.course`` is None.
    """
    course = line.course
    if course is None:
        return ""
    return origin_name(line.position, course.given_at.astimezone(PARIS).date())


def kept_from_in_words(line: Recommendation) -> str:
    """Return a note that says that a review keeps an earlier recommendation.

    The note contains the number of the recommendation and the day of the earlier review.
    """
    return _("kept: {origin}", origin=origin_in_words(line))


def origin_name(position: int, given_on: date) -> str:
    """Return the name of an earlier recommendation, such as "no. 2 of the review of 12/11/2026".

    ``position`` is its number in that review, and ``given_on`` is the day of the review.
    """
    return _("no. {number} of the review of {day}", number=position, day=day(given_on))


def kept_in_words(line: Recommendation) -> str:
    """Return a text with the day of the last review that has kept a recommendation.

    The text is empty if no later review has kept the recommendation.
    """
    course = line.course
    if course is None or course.sent_by == course.line.review_id:
        return ""
    return _("kept by the review of {day}", day=day(course.sent_at.astimezone(PARIS).date()))


def unanswered_in_words(line: Recommendation, today: date) -> str:
    """Return a text that says since when a recommendation waits for an answer.

    The text is empty unless a review has kept the recommendation after its latest answer. The
    recommendation then waits for an answer again, although it has answers.
    """
    course = line.course
    if course is None or not line.answers or line.state != "unanswered":
        return ""
    sent_on = course.sent_at.astimezone(PARIS).date()
    return _("no answer since {day}", day=near_day(sent_on, today))


def end_in_words(line: Recommendation) -> str:
    """Return a text that says how a recommendation was ended.

    The text contains the recommendation that replaced it, or the reason for the withdrawal. The
    text is empty if the recommendation was neither replaced nor withdrawn.
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
    """Return the text of an earlier recommendation, and whether a review keeps, replaces or
    withdraws it.
    """
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
    """Return the error message for an answer to a recommendation that was replaced or withdrawn."""
    return _(
        "A later review has replaced or withdrawn this recommendation: it is not wanted any"
        " more, and the answer was not recorded."
    )


def _ended_on(course: LineCourse) -> str:
    return day(course.ended_at.astimezone(PARIS).date()) if course.ended_at else ""
