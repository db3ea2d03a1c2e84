"""The shapes of a case, from the rows that hold them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from uuid import UUID

import pytest

from dashboard.clinical.case.case_file import Answer
from dashboard.clinical.risk import RiskLevel, RiskStatement
from dashboard.clinical.settlements import LineCourse, LineFact
from dashboard.queries.case.case_rows import (
    answered_since,
    assessment_of,
    recommendation_of,
    risk_of,
    treatment_of,
)

SENT = datetime(2026, 11, 2, 13, tzinfo=UTC)
RECOMMENDATION = SimpleNamespace(
    id=UUID(int=1),
    position=1,
    kind="medication",
    action="increase",
    atc_code="N06AB06",
    drug_name="sertraline",
    daily_dose_mg=Decimal("NaN"),
    titration=None,
    detail="",
    alternative=None,
    owner_role="gp",
    due_on=None,
    replaced_drug_name=None,
)


TREATMENT = SimpleNamespace(
    id=1,
    atc_code="N06AB06",
    name="sertraline",
    daily_dose_mg=Decimal(50),
    as_needed=False,
    started_on=date(2026, 9, 1),
    stopped_on=None,
    stop_reason=None,
    adherence=None,
    side_effects=None,
)


@pytest.mark.parametrize(
    ("stored", "code"), [("N06AB06", "N06AB06"), ("N06AB06 ", "N06AB06"), (" ", ""), (None, "")]
)
def test_a_blank_code_of_a_drug_is_none(stored, code):
    assert treatment_of(SimpleNamespace(**vars(TREATMENT) | {"atc_code": stored})).atc_code == code


def answer(at):
    return Answer(UUID(int=9), None, "acknowledged", None, at)


@pytest.mark.parametrize(
    ("answered_at", "since"),
    [
        (SENT - timedelta(days=1), False),
        (SENT - timedelta(hours=13), True),
        (datetime(2026, 11, 1, 22, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 1, 23, tzinfo=UTC), True),
        (SENT + timedelta(days=1), True),
    ],
)
def test_an_answer_counts_from_the_day_in_paris_on_which_the_line_was_sent(answered_at, since):
    assert answered_since(SENT, (answer(answered_at),)) is since


def test_a_line_that_was_sent_again_has_to_be_read_again():
    course = LineCourse(LineFact(UUID(int=1), UUID(int=2)), SENT, UUID(int=2), SENT, None)
    early = (answer(SENT - timedelta(days=3)),)
    assert not recommendation_of(RECOMMENDATION, early, course).read_since_sent
    assert recommendation_of(RECOMMENDATION, early).read_since_sent


def test_a_dose_that_is_no_number_is_none():
    assert recommendation_of(RECOMMENDATION, ()).daily_dose_mg is None


@pytest.mark.parametrize(
    ("total", "items", "score"),
    [(12, None, 12), (99, None, None), (None, [1] * 8 + [0], 8)],
)
def test_a_form_has_the_score_that_is_valid(total, items, score):
    row = SimpleNamespace(
        id=1, instrument="phq9", taken_on=date(2026, 11, 2), total=total, items=items
    )
    found = assessment_of(row)
    assert (found.score and found.score.value) == score
    assert found.items == (None if items is None else tuple(items))


@pytest.mark.parametrize(
    ("level", "reason", "stated"),
    [
        (None, None, None),
        ("high", None, RiskStatement(RiskLevel.HIGH, date(2026, 12, 1))),
        ("high", "suivi", RiskStatement(RiskLevel.HIGH, date(2026, 12, 1), "suivi")),
    ],
)
def test_a_review_without_a_level_states_no_risk(level, reason, stated):
    row = SimpleNamespace(risk_level=level, risk_reassess_on=date(2026, 12, 1), risk_reason=reason)
    assert risk_of(row) == stated
