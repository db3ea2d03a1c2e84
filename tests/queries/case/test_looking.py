"""The stored looks of each person: visible to that person only, and cheap."""

from datetime import timedelta

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import ProgrammingError

from dashboard.calendar import today
from dashboard.clinical.advice.drafts import NotYours
from dashboard.database import acting_as
from dashboard.database.schema import registry, review
from dashboard.queries.case.case_file import open_case
from dashboard.queries.case.looking import look, take_back
from tests.support.factories import at

TODAY = today()
ENROLLED = TODAY - timedelta(weeks=12)


@pytest.fixture
def case(database):
    case = database.team().case(ENROLLED)
    database.assessment(case.patient, "phq9", ENROLLED, 18)
    return case


@pytest.fixture
def later(database):
    """Make every look this many hours older."""

    def age(hours=2):
        with database.owner().begin() as connection:
            connection.execute(
                text("UPDATE review.last_look SET looked_at = looked_at - :age"),
                {"age": timedelta(hours=hours)},
            )

    return age


def look_as(person, case):
    with acting_as(person) as connection:
        return look(connection, open_case(connection, case.episode, TODAY))


def take_back_as(person, case):
    with acting_as(person) as connection:
        take_back(connection, open_case(connection, case.episode, TODAY))


def phq9(database, case, total=17):
    """Add a new form; return its mark."""
    form = database.assessment(case.patient, "phq9", TODAY - timedelta(days=1), total)
    return {"assessments": {str(form)}}


def test_it_marks_what_came_between_two_looks_and_then_no_more(database, case, later):
    me = case.team.psychiatrist
    assert look_as(me, case).since is None
    later()
    fresh = phq9(database, case)
    assert look_as(me, case).arrived == fresh
    assert look_as(me, case).arrived == fresh
    later()
    again = look_as(me, case)
    assert not again
    assert again.since is not None


def test_a_drug_that_was_stopped_in_place_is_marked(database, case, later):
    me = case.team.psychiatrist
    drug = database.add(
        registry.medication,
        patient_id=case.patient,
        atc_code="N06AB06",
        name="sertraline",
        daily_dose_mg=50,
        as_needed=False,
        started_on=ENROLLED,
    )
    look_as(me, case)
    later()
    with database.owner().begin() as connection:
        connection.execute(registry.medication.update().values(stopped_on=TODAY))
    found = look_as(me, case)
    assert (found.arrived, found.changed) == ({}, {"treatments": {str(drug)}})


def test_each_person_has_looks_of_their_own(database, case, later):
    me, nurse, gp = case.team.psychiatrist, case.team.nurse, case.team.gp
    look_as(me, case)
    look_as(nurse, case)
    later()
    fresh = phq9(database, case)
    assert look_as(nurse, case).arrived == fresh
    assert look_as(gp, case).since is None
    assert look_as(me, case).arrived == fresh


def test_each_episode_has_looks_of_its_own(database, case, later):
    me = case.team.psychiatrist
    other = case.team.case(ENROLLED)
    look_as(me, case)
    later()
    assert look_as(me, other).since is None


def test_taken_back_it_is_marked_again_the_next_time(database, case, later):
    me = case.team.psychiatrist
    look_as(me, case)
    later()
    fresh = phq9(database, case)
    assert look_as(me, case).can_take_back
    take_back_as(me, case)
    now = look_as(me, case)
    assert (now.arrived, now.taken_back, now.can_take_back) == (fresh, True, False)
    later()
    again = look_as(me, case)
    assert (again.arrived, again.taken_back, again.can_take_back) == (fresh, False, True)
    later()
    assert not look_as(me, case)


def test_what_nobody_has_looked_at_is_not_taken_back(case):
    with pytest.raises(NotYours):
        take_back_as(case.team.psychiatrist, case)


def test_an_answer_and_a_review_by_a_colleague_are_new_and_ones_own_are_not(database, case, later):
    me, nurse = case.team.psychiatrist, case.team.nurse
    for person in (me, nurse):
        look_as(person, case)
    later()
    signed = database.case_review(case, at(TODAY))
    line = database.recommendation(case, signed)
    answer = database.add(
        review.answer,
        patient_id=case.patient,
        recommendation_id=line,
        practitioner_id=nurse,
        outcome="done",
        answered_at=at(TODAY),
    )
    assert look_as(me, case).arrived == {"answers": {str(answer)}}
    assert look_as(nurse, case).arrived == {"reviews": {str(signed)}}


def test_no_case_no_look(database, case):
    stranger = database.practitioner("psychiatrist")
    with acting_as(stranger) as connection:
        assert open_case(connection, case.episode, TODAY) is None
    with database.owner().connect() as connection:
        assert connection.execute(review.last_look.select()).all() == []


def test_who_loses_the_case_while_it_is_open_does_not_look_at_it(database, case):
    stranger = database.practitioner("psychiatrist")
    with acting_as(case.team.psychiatrist) as connection:
        seen = open_case(connection, case.episode, TODAY)
    with pytest.raises(ProgrammingError), acting_as(stranger) as connection:
        look(connection, seen)


COST = [
    # how it comes to be opened, reads, writes
    ("for the first time", 1, 1),
    ("at once again", 1, 0),
    ("later", 1, 1),
    ("later, with a new form", 1, 1),
]


def test_it_costs_one_query_and_at_most_one_write(database, case, later):
    for how, reads, writes in COST:
        if how.startswith("later"):
            later()
        if how.endswith("form"):
            phq9(database, case)
        with acting_as(case.team.psychiatrist) as connection:
            seen = open_case(connection, case.episode, TODAY)
            statements = []
            event.listen(
                connection,
                "before_cursor_execute",
                lambda *said, kept=statements: kept.append(said[2].split()[0]),
            )
            look(connection, seen)
        assert statements == ["SELECT"] * reads + ["INSERT"] * writes, how
