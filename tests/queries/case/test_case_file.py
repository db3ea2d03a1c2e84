"""The case of an episode as it stands on a day, for those who may open it."""

from datetime import date, timedelta

import pytest

from dashboard.database import acting_as
from dashboard.database.schema import registry
from dashboard.queries.case.case_file import open_case, read_case
from tests.support.factories import at

ENROLLED, TODAY = date(2026, 9, 1), date(2026, 11, 24)


@pytest.fixture
def case(database):
    return database.team().case(ENROLLED)


def opened(person, case, as_of=TODAY, by=open_case):
    with acting_as(person) as connection:
        return by(connection, case.episode, as_of)


def log(database):
    with database.owner().connect() as owner:
        return owner.exec_driver_sql(
            "SELECT action, patient_id FROM review.access_log ORDER BY at"
        ).all()


@pytest.mark.parametrize("person", ["psychiatrist", "nurse", "gp"])
def test_each_of_the_team_opens_it_and_that_is_on_the_log(database, case, person):
    found = opened(getattr(case.team, person), case)
    assert found.identity.family_name == "Lefèvre"
    assert found.nurse.id == case.team.nurse
    assert log(database) == [("case_opened", case.patient)]


def test_another_team_finds_nothing_and_that_is_on_the_log(database, case):
    assert opened(database.team().psychiatrist, case) is None
    assert [action for action, _patient in log(database)] == ["case_refused"]


def test_reading_it_to_write_leaves_its_trace_to_what_is_written(database, case):
    assert opened(case.team.nurse, case, by=read_case).episode_id == case.episode
    assert log(database) == []


@pytest.mark.parametrize(
    ("taken_on", "shown"),
    [
        (TODAY, True),
        (TODAY + timedelta(days=1), False),
        (ENROLLED - timedelta(days=14), True),
        (ENROLLED - timedelta(days=400), False),
    ],
)
def test_a_form_is_shown_from_before_the_enrolment_up_to_the_day(database, case, taken_on, shown):
    database.assessment(case.patient, "phq9", taken_on, 12)
    forms = opened(case.team.nurse, case).assessments
    assert [form.taken_on for form in forms] == ([taken_on] if shown else [])


@pytest.mark.parametrize(
    ("stopped_on", "part"),
    [
        (None, "treatments"),
        (TODAY, "treatments"),
        (ENROLLED - timedelta(days=14), "treatments"),
        (ENROLLED - timedelta(days=15), "earlier_treatments"),
    ],
)
def test_a_treatment_that_ended_before_the_episode_is_kept_apart(database, case, stopped_on, part):
    database.add(
        registry.medication,
        patient_id=case.patient,
        atc_code="N06AB06",
        name="sertraline",
        daily_dose_mg=50,
        as_needed=False,
        started_on=ENROLLED - timedelta(days=90),
        stopped_on=stopped_on,
        stop_reason="Inefficacité" if stopped_on else None,
    )
    found = opened(case.team.nurse, case)
    told = {name: getattr(found, name) for name in ("treatments", "earlier_treatments")}
    assert {name: [one.stopped_on for one in rows] for name, rows in told.items() if rows} == {
        part: [stopped_on]
    }


def test_a_review_is_shown_with_its_lines_and_not_before_it_was_signed(database, case):
    review = database.case_review(case, at(date(2026, 11, 2)))
    line = database.recommendation(case, review)
    (found,) = opened(case.team.nurse, case).reviews
    assert (found.id, [one.id for one in found.recommendations]) == (review, [line])
    assert opened(case.team.nurse, case, as_of=date(2026, 11, 1)).reviews == ()


def test_a_cover_acts_for_the_psychiatrist_of_a_case_without_gp(database, case):
    database.without("gp", case)
    colleague = database.cover(case.team.psychiatrist, "psychiatrist")
    assert opened(colleague, case).covered.id == case.team.psychiatrist
