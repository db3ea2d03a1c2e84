"""The lines of a case that stand, with what the reviews say of risk, as the case is opened."""

from datetime import date, timedelta

import pytest

from dashboard.clinical.advice.standing_advice import standing_advice, unsettled_advice
from dashboard.clinical.case.case_file import SafetyPlan
from dashboard.clinical.risk import RiskStatement
from dashboard.database import acting_as
from dashboard.database.schema import review as tables
from dashboard.database.security.policies import secure
from dashboard.queries.case.case_file import open_case
from dashboard.vocabulary import RiskLevel
from tests.support.factories import at

TODAY = date(2026, 11, 24)
FIRST, SECOND, THIRD = (TODAY - timedelta(days=days) for days in (30, 20, 10))


@pytest.fixture
def case(database):
    return database.team().case(TODAY - timedelta(weeks=12))


@pytest.fixture
def opened(case):
    def opened(as_of=TODAY):
        with acting_as(case.team.psychiatrist) as connection:
            return open_case(connection, case.episode, as_of)

    return opened


def settle(database, case, line, review, kind, on, **values):
    return database.add(
        tables.settlement,
        patient_id=case.patient,
        case_review_id=review,
        settled_by=case.team.psychiatrist,
        settled_at=at(on),
        recommendation_id=line,
        kind=kind,
        **values,
    )


def test_a_line_that_a_review_keeps_stands_with_its_new_due_date(database, case, opened):
    line = database.recommendation(case, database.case_review(case, at(FIRST)), due_on=SECOND)
    later = database.case_review(case, at(SECOND))
    settle(database, case, line, later, "kept", SECOND, due_on=TODAY)

    (standing,) = standing_advice(opened())
    assert standing.line.id == line
    assert (standing.sent_at, standing.due_on) == (at(SECOND), TODAY)
    assert [one.due_on for one in standing_advice(opened(FIRST))] == [SECOND]


def test_a_line_that_was_withdrawn_between_reviews_stands_until_that_day(database, case, opened):
    line = database.recommendation(case, database.case_review(case, at(FIRST)))
    settle(database, case, line, None, "withdrawn", SECOND, reason="Plus souhaité")

    assert standing_advice(opened()) == ()
    assert len(standing_advice(opened(SECOND - timedelta(days=1)))) == 1
    (withdrawal,) = opened().withdrawals
    assert (withdrawal.reason, withdrawal.settled_by.id) == (
        "Plus souhaité",
        case.team.psychiatrist,
    )


def test_an_amendment_counts_neither_the_lines_nor_the_settlements_of_what_it_amends(
    database, case, opened
):
    line = database.recommendation(case, database.case_review(case, at(FIRST)))
    amended = database.case_review(case, at(SECOND))
    new = database.recommendation(case, amended)
    settle(database, case, line, amended, "replaced", SECOND, replaced_by=new)

    assert [one.line.id for one in standing_advice(opened())] == [new]
    assert [one.line.id for one in standing_advice(opened(), amended)] == [line]


@pytest.mark.parametrize(
    ("outcome", "unsettled"),
    [("acknowledged", 1), ("done", 0), ("modified", 0), ("refused_by_patient", 0)],
)
def test_a_line_is_to_be_settled_until_somebody_answers_it(
    database, case, opened, outcome, unsettled
):
    line = database.recommendation(case, database.case_review(case, at(FIRST)))
    database.add(
        tables.answer,
        patient_id=case.patient,
        recommendation_id=line,
        practitioner_id=case.team.gp,
        outcome=outcome,
        answered_at=at(SECOND),
    )
    assert len(unsettled_advice(opened())) == unsettled
    assert len(standing_advice(opened())) == 1


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ({}, None),
        ({"risk_level": "not_assessed"}, RiskStatement(RiskLevel.NOT_ASSESSED)),
        (
            {"risk_level": "high", "risk_reassess_on": TODAY, "risk_reason": "Hospitalisé"},
            RiskStatement(RiskLevel.HIGH, TODAY, "Hospitalisé"),
        ),
    ],
)
def test_a_review_says_of_risk_what_is_stored(database, case, opened, stored, expected):
    database.case_review(case, at(THIRD), **stored)
    assert opened().reviews[0].risk == expected


@pytest.fixture
def with_safety_plans(database):
    """Add to the registry the relation of safety plans, which the contract makes optional."""
    with database.owner().begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE registry.safety_plan (id bigint PRIMARY KEY, patient_id bigint,"
            " made_on date, reviewed_on date)"
        )
        secure(connection)
    yield
    with database.owner().begin() as connection:
        connection.exec_driver_sql("DROP TABLE registry.safety_plan")


def test_a_registry_without_safety_plans_has_none_to_show(opened):
    assert opened().safety_plans == ()


def test_safety_plans_of_the_patient_are_read_up_to_the_day(
    database, case, opened, with_safety_plans
):
    other = database.team().case(FIRST)
    with database.owner().begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO registry.safety_plan VALUES"
            f" (1, {case.patient}, '{FIRST}', '{THIRD}'), (2, {other.patient}, '{FIRST}', NULL)"
        )
    assert opened().safety_plans == (SafetyPlan(1, FIRST, THIRD),)
    assert opened(SECOND).safety_plans == (SafetyPlan(1, FIRST, None),)
    with acting_as(case.team.psychiatrist) as connection:
        rows = connection.exec_driver_sql("SELECT id FROM registry.safety_plan").scalars().all()
    assert rows == [1]


def test_a_relation_of_another_shape_is_not_read(database, opened):
    with database.owner().begin() as connection:
        connection.exec_driver_sql("CREATE TABLE registry.safety_plan (id bigint)")
        connection.exec_driver_sql("GRANT SELECT ON registry.safety_plan TO case_review_app")
    try:
        assert opened().safety_plans == ()
    finally:
        with database.owner().begin() as connection:
            connection.exec_driver_sql("DROP TABLE registry.safety_plan")
