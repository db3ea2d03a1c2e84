"""The statement of risk in words."""

from datetime import date

import pytest

from dashboard.clinical.risk import RiskLevel, RiskStatement
from dashboard.words.advice.risk import (
    level_name,
    reassessment_in_words,
    risk_in_words,
    short_level_name,
)

SOON = date(2026, 12, 8)


@pytest.mark.parametrize(
    ("level", "name", "short"),
    [
        (RiskLevel.LOW, "low risk of suicide", "low risk"),
        (RiskLevel.MODERATE, "moderate risk of suicide", "moderate risk"),
        (RiskLevel.HIGH, "high risk of suicide", "high risk"),
        (RiskLevel.NOT_ASSESSED, "risk not assessed in this review", "not assessed"),
    ],
)
def test_each_level_has_its_own_words(level, name, short):
    assert (level_name(level), short_level_name(level)) == (name, short)


def test_a_level_with_a_day_says_by_when_it_is_reassessed():
    stated = RiskStatement(RiskLevel.HIGH, SOON)
    assert risk_in_words(stated) == "high risk of suicide, to be reassessed by 8 Dec 2026"
    assert risk_in_words(RiskStatement(RiskLevel.LOW)) == "low risk of suicide"


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        (RiskStatement(RiskLevel.HIGH, SOON), "Risk to be reassessed by Tuesday 8 December 2026."),
        (RiskStatement(RiskLevel.LOW), "No day of reassessment is set."),
        (RiskStatement(RiskLevel.NOT_ASSESSED), ""),
    ],
)
def test_a_decision_says_whether_a_day_of_reassessment_is_set(stated, said):
    assert reassessment_in_words(stated) == said
