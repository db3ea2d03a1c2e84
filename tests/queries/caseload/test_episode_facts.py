"""The facts of episodes, as they stood on a day."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from dashboard.database import acting_as
from dashboard.queries.caseload.episode_facts import facts_of, scores_of
from tests.support.factories import at

ENROLLED, TODAY = date(2026, 9, 1), date(2026, 11, 24)


@pytest.fixture
def team(database):
    return database.team()


def episode(case):
    return SimpleNamespace(
        episode_id=case.episode,
        patient_id=case.patient,
        enrolled_on=ENROLLED,
        closed_on=None,
        status="active",
        birth_date=date(1983, 5, 2),
    )


def facts(team, *cases, as_of=TODAY):
    with acting_as(team.psychiatrist) as connection:
        return facts_of(connection, [episode(case) for case in cases], as_of)


def test_episodes_come_in_the_order_given(team):
    cases = [team.case(ENROLLED) for _each in range(3)]
    assert [one.episode_id for one in facts(team, *cases[::-1])] == [
        case.episode for case in cases[::-1]
    ]


def test_each_patient_has_their_own_forms(database, team):
    one, other = team.case(ENROLLED), team.case(ENROLLED)
    database.assessment(one.patient, "phq9", TODAY, 12)
    database.assessment(other.patient, "phq9", TODAY, 7)
    assert [[score.value for score in found.phq9] for found in facts(team, one, other)] == [
        [12],
        [7],
    ]


@pytest.mark.parametrize(("days", "known"), [(0, True), (1, False)])
def test_what_comes_after_the_day_is_not_known(database, team, days, known):
    case = team.case(ENROLLED)
    database.assessment(case.patient, "phq9", TODAY + timedelta(days=days), 12)
    database.case_review(case, at(TODAY + timedelta(days=days)))
    (found,) = facts(team, case)
    assert bool(found.phq9) is known
    assert bool(found.reviews) is known


def test_a_score_that_is_out_of_range_is_none(database, team):
    case = team.case(ENROLLED)
    database.assessment(case.patient, "phq9", TODAY, 99)
    (found,) = facts(team, case)
    assert found.phq9 == ()


def test_the_facts_of_a_patient_of_others_are_empty(database, team):
    stranger = database.team()
    case = stranger.case(ENROLLED)
    database.assessment(case.patient, "phq9", TODAY, 12)
    (found,) = facts(team, case)
    assert found.phq9 == ()


def test_the_scores_alone_are_those_of_the_facts(database, team):
    case = team.case(ENROLLED)
    database.assessment(case.patient, "phq9", TODAY, 12)
    database.assessment(case.patient, "gad7", TODAY, 9)
    with acting_as(team.psychiatrist) as connection:
        scores = scores_of(connection, [episode(case)], TODAY)
    (found,) = facts(team, case)
    assert scores == {case.episode: {"phq9": found.phq9, "gad7": found.gad7}}
