"""The day of the next review that a draft sets, and the earlier days that it passes."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from dashboard.clinical.advice.lines import DraftReview
from dashboard.clinical.advice.next_review import next_review_of
from dashboard.clinical.caseload.need import Need, Needed, NeedFact
from dashboard.clinical.risk import RiskStatement
from dashboard.vocabulary import RiskLevel
from tests.support.chart_cases import case, review, week

CASE = case()
TODAY = CASE.as_of
FLAGGED = Needed(Need.HIGH, (NeedFact("safety_flag", day=TODAY),))
DECIDED = Needed(Need.HIGH, (NeedFact("risk_decision", RiskLevel.HIGH, TODAY),))
UNKNOWN = Needed(Need.MODERATE, (NeedFact("risk_unknown"),))
UNKNOWN_TOO = Needed(Need.MODERATE, (NeedFact("phq9", 12, TODAY), NeedFact("risk_unknown")))
LOW = Needed(Need.LOW, ())


def after(days):
    return TODAY + timedelta(days=days)


def decision(level, days=None):
    return RiskStatement(level, None if days is None else after(days))


@pytest.mark.parametrize(
    ("need", "risk", "days"),
    [
        (FLAGGED, None, 14),
        (LOW, None, 56),
        (None, None, None),
        (LOW, decision(RiskLevel.HIGH), 14),
        (LOW, decision(RiskLevel.MODERATE), 28),
        (LOW, decision(RiskLevel.NOT_ASSESSED), 56),
        (FLAGGED, decision(RiskLevel.LOW), 14),
        # The facts of a need that is lower than the highest one are not known.
        (DECIDED, decision(RiskLevel.LOW), None),
        (DECIDED, decision(RiskLevel.NOT_ASSESSED), 14),
        # A need of which nothing but the unknown risk is known can only become low.
        (UNKNOWN, decision(RiskLevel.LOW), 56),
        (UNKNOWN, decision(RiskLevel.NOT_ASSESSED), 28),
        (UNKNOWN, decision(RiskLevel.HIGH), 14),
        (UNKNOWN_TOO, decision(RiskLevel.LOW), 28),
    ],
)
def test_the_need_sets_the_latest_day(need, risk, days):
    found = next_review_of(replace(CASE, need=need), DraftReview(risk=risk))
    assert found.by_need == (None if days is None else after(days))


@pytest.mark.parametrize(
    ("days", "passes"), [(14, False), (15, True), (24, True)], ids=lambda one: str(one)
)
def test_a_chosen_day_later_than_the_need_asks_for_is_found(days, passes):
    found = next_review_of(replace(CASE, need=FLAGGED), DraftReview(next_review_on=after(days)))
    assert found.passes_need is passes


@pytest.mark.parametrize(
    ("chosen", "reassess", "passes"),
    [(None, 7, True), (None, 14, False), (10, 7, True), (7, 7, False), (10, None, False)],
)
def test_a_review_after_the_day_of_reassessment_is_found(chosen, reassess, passes):
    draft = DraftReview(
        next_review_on=None if chosen is None else after(chosen),
        risk=decision(RiskLevel.HIGH, reassess),
    )
    assert next_review_of(replace(CASE, need=FLAGGED), draft).passes_reassessment is passes


@pytest.mark.parametrize(
    ("days", "amends", "found"),
    [(3, None, 3), (3, UUID(int=5), None), (-1, None, None)],
    ids=["of the last decision", "of the amended review", "past"],
)
def test_without_a_decision_the_day_of_reassessment_is_that_of_the_last_one(days, amends, found):
    signed = replace(review(week(1)), id=UUID(int=5), risk=decision(RiskLevel.MODERATE, days))
    draft = DraftReview(risk=decision(RiskLevel.NOT_ASSESSED))
    held = next_review_of(replace(CASE, reviews=(signed,)), draft, amends)
    assert held.reassess_on == (None if found is None else after(found))
