"""The risk decision of a review."""

from datetime import date

import pytest

from dashboard.clinical.caseload.rules import RULES
from dashboard.clinical.risk import (
    ASKING_RULES,
    RiskLevel,
    RiskStatement,
    asks_for_decision,
    proposed_reassessment,
)

REVIEWED_ON = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("level", "decides"),
    [
        (RiskLevel.LOW, True),
        (RiskLevel.MODERATE, True),
        (RiskLevel.HIGH, True),
        (RiskLevel.NOT_ASSESSED, False),
    ],
)
def test_a_risk_that_was_not_assessed_is_no_decision(level, decides):
    assert RiskStatement(level).is_decision is decides


@pytest.mark.parametrize(
    ("rules", "asks"),
    [((), False), (("week_8",), False), (("week_8", "safety_flag"), True)],
)
def test_an_alert_asks_for_a_decision(rules, asks):
    assert asks_for_decision(rules) is asks


def test_every_rule_that_asks_is_one_of_the_list():
    assert set(ASKING_RULES) <= set(RULES)


@pytest.mark.parametrize(
    ("level", "day"),
    [
        (RiskLevel.HIGH, date(2026, 12, 1)),
        (RiskLevel.MODERATE, date(2026, 12, 8)),
        (RiskLevel.LOW, None),
        (RiskLevel.NOT_ASSESSED, None),
    ],
)
def test_a_day_of_reassessment_is_proposed_by_the_level(level, day):
    assert proposed_reassessment(level, REVIEWED_ON) == day
