"""The facts of a case are those by which the list is made."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from dashboard.database import acting_as
from dashboard.database.schema import registry
from dashboard.queries.case.case_facts import facts_of_case
from dashboard.queries.case.case_file import open_case
from dashboard.queries.caseload.episode_facts import facts_of
from tests.support.factories import at

ENROLLED, TODAY = date(2026, 9, 1), date(2026, 11, 24)
BORN = date(1983, 5, 2)


@pytest.fixture
def case(database):
    case = database.team().case(ENROLLED)
    database.assessment(case.patient, "phq9", ENROLLED, 18, items=[2] * 9)
    database.assessment(case.patient, "gad7", date(2026, 11, 18), 9)
    review = database.case_review(case, at(date(2026, 11, 2)), next_review_on=date(2026, 11, 30))
    database.recommendation(case, review, due_on=date(2026, 11, 16))
    database.add(
        registry.contact,
        patient_id=case.patient,
        practitioner_id=case.team.nurse,
        happened_at=at(date(2026, 11, 18)),
        kind="phone",
        attended=True,
    )
    return case


@pytest.mark.parametrize("as_of", [ENROLLED, date(2026, 11, 10), TODAY, TODAY + timedelta(days=60)])
def test_they_are_those_of_the_list(case, as_of):
    episode = SimpleNamespace(
        episode_id=case.episode,
        patient_id=case.patient,
        enrolled_on=ENROLLED,
        closed_on=None,
        status="active",
        birth_date=BORN,
    )
    with acting_as(case.team.psychiatrist) as connection:
        (listed,) = facts_of(connection, [episode], as_of)
        opened = open_case(connection, case.episode, as_of)
    assert facts_of_case(opened, BORN, opened.treatments) == listed


def test_they_hold_what_was_entered(case):
    with acting_as(case.team.psychiatrist) as connection:
        opened = open_case(connection, case.episode, TODAY)
    facts = facts_of_case(opened, BORN, ())
    assert [score.value for score in facts.phq9] == [18]
    assert [answer.value for answer in facts.item9] == [2]
    assert len(facts.standing_advice) == len(facts.contacts) == len(facts.reviews) == 1
