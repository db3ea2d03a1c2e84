"""Why a case fell out of a figure of one's own caseload."""

from datetime import date, timedelta

import pytest

from dashboard.clinical.people import Identity
from dashboard.clinical.sites.indicators import INDICATORS
from dashboard.clinical.sites.own_figures import (
    OWN_INDICATORS,
    Course,
    OwnCase,
    Reason,
    own_figures,
    reason_of,
)

ENROLLED = date(2026, 9, 1)
WHO = Identity(1, "Lefèvre", "Camille", date(1980, 1, 1), "female", None, None)


def day(number):
    return ENROLLED + timedelta(days=number)


def case(indicator, due=0, *, measured=True, is_yes=False, closed=None, **days):
    course = Course(
        ENROLLED,
        None if closed is None else day(closed),
        tuple((day(one), score) for one, score in days.get("scores", {}).items()),
        tuple(day(one) for one in days.get("contacts", ())),
        tuple(day(one) for one in days.get("reviews", ())),
    )
    return OwnCase(indicator, 7, WHO, day(due), measured, is_yes, course)


# 30 September is day 29, 30 November day 90.
REASONS = [
    (case("early_contact", 28), Reason.NO_CONTACT),
    (case("contact_and_score", 29), Reason.CONTACT_AND_SCORE_MISSING),
    (case("contact_and_score", 29, contacts=[5]), Reason.SCORE_MISSING),
    (case("contact_and_score", 29, contacts=[-1], scores={3: 10}), Reason.CONTACT_MISSING),
    (case("unimproved_reviewed_with_advice", 90), Reason.NOT_REVIEWED),
    (case("unimproved_reviewed_with_advice", 90, reviews=[30]), Reason.NOT_REVIEWED),
    (case("unimproved_reviewed_with_advice", 90, reviews=[31]), Reason.REVIEWED_WITHOUT_ADVICE),
    (case("unimproved_reviewed", 84, measured=False), Reason.NOT_MEASURED),
    (case("improved_70", 70, scores={0: 20, 60: 15}), Reason.SCORES),
    (case("lost_to_follow_up", 90, is_yes=True), Reason.NO_CONTACT),
    (case("lost_to_follow_up", 90, is_yes=True, closed=80), Reason.CLOSED_AS_LOST),
]


@pytest.mark.parametrize(("fallen", "reason"), REASONS, ids=lambda one: str(one)[:30])
def test_the_reason_is_the_first_thing_that_is_missing(fallen, reason):
    assert reason_of(fallen) is reason


@pytest.mark.parametrize("indicator", OWN_INDICATORS)
def test_every_figure_has_a_reason(indicator):
    assert INDICATORS[indicator].kind == "rate"
    assert reason_of(case(indicator, 84))


def test_who_fell_out_is_listed_and_of_an_unwanted_figure_who_is_in_it():
    """Check three of each: yes, no and not measured."""
    answers = [(True, True), (True, False), (False, False)]
    cases = [
        case(indicator, measured=measured, is_yes=yes)
        for indicator in ("response", "deteriorated")
        for measured, yes in answers
    ]
    response, deteriorated = own_figures(cases)
    assert (response.eligible, response.measured, response.numerator) == (3, 2, 1)
    assert response.listed == tuple(cases[1:3])
    assert deteriorated.listed == (cases[3],)


def test_an_indicator_without_a_case_has_no_figure():
    assert own_figures([case("active_caseload")]) == []
