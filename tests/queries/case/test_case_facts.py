"""The facts of a case are those by which the list is made."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from dashboard.clinical.advice.drafts import Seen
from dashboard.database import acting_as
from dashboard.database.schema import registry, review
from dashboard.queries.advice.changes import changed_since
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
    signed = database.case_review(case, at(date(2026, 11, 2)), next_review_on=date(2026, 11, 30))
    database.recommendation(case, signed, kind="safety", due_on=date(2026, 11, 16))
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
    listed, of_case = both(case, as_of)
    assert of_case == listed


def test_a_drug_taken_since_before_the_episode_counts_from_its_first_day(database, case):
    first, changed_on = ENROLLED - timedelta(days=120), ENROLLED - timedelta(days=30)
    for started_on, stopped_on in ((first, changed_on), (changed_on, None)):
        database.add(
            registry.medication,
            patient_id=case.patient,
            atc_code="N05BA12",
            name="alprazolam",
            as_needed=False,
            started_on=started_on,
            stopped_on=stopped_on,
        )
    listed, of_case = both(case, TODAY)
    assert [drug.started_on for drug in of_case.medications] == [first, changed_on]
    assert of_case == listed


def test_blanks_around_the_code_of_a_drug_do_not_count(database, case):
    database.add(
        registry.medication,
        patient_id=case.patient,
        atc_code="N06AB06 ",
        name="sertraline",
        as_needed=False,
        started_on=ENROLLED,
    )
    listed, of_case = both(case, TODAY)
    assert [drug.atc_code for drug in listed.medications] == ["N06AB06"]
    assert of_case == listed


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ([("nurse", "done")], "done"),
        ([("gp", "declined"), ("nurse", "acknowledged")], "declined"),
        ([("nurse", "done"), ("nurse", "acknowledged")], None),
        ([("gp", "declined"), ("nurse", "done"), ("nurse", "acknowledged")], "declined"),
    ],
)
def test_an_answer_counts_unless_its_author_took_it_back(database, case, said, outcome):
    with acting_as(case.team.psychiatrist) as connection:
        [line] = open_case(connection, case.episode, TODAY).reviews[0].recommendations
    for second, (role, given) in enumerate(said):
        database.add(
            review.answer,
            patient_id=case.patient,
            recommendation_id=line.id,
            practitioner_id=getattr(case.team, role),
            outcome=given,
            reason="Contre-indiqué" if given == "declined" else None,
            answered_at=at(date(2026, 11, 5)) + timedelta(seconds=second),
        )
    listed, of_case = both(case, TODAY)
    assert [advice.outcome for advice in listed.standing_advice] == [outcome]
    assert of_case == listed


@pytest.mark.parametrize("cleared_on", [ENROLLED - timedelta(days=3), date(2026, 10, 1)])
@pytest.mark.parametrize(
    ("kind", "named", "stands"),
    [
        ("safety", False, True),
        ("safety", True, False),
        ("discussion", False, False),
        ("discussion", True, False),
    ],
)
def test_every_reader_counts_a_safety_flag_as_cleared_only_by_somebody_named(
    database, case, kind, named, stands, cleared_on
):
    database.add(
        registry.flag,
        patient_id=case.patient,
        kind=kind,
        raised_by=case.team.nurse,
        raised_at=at(ENROLLED - timedelta(days=9)),
        cleared_by=case.team.psychiatrist if named else None,
        cleared_at=at(cleared_on),
    )
    listed, of_case = both(case, TODAY)
    with acting_as(case.team.psychiatrist) as connection:
        unseen = changed_since(connection, case.episode, Seen(), TODAY).flags
    assert [bool(of_case.flags), bool(listed.flags), bool(unseen)] == [stands] * 3


def both(case, as_of):
    """Return the facts of the list and those of the case."""
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
    return listed, facts_of_case(opened, BORN)


def test_they_hold_what_was_entered(case):
    with acting_as(case.team.psychiatrist) as connection:
        opened = open_case(connection, case.episode, TODAY)
    facts = facts_of_case(opened, BORN)
    assert [score.value for score in facts.phq9] == [18]
    assert [answer.value for answer in facts.item9] == [2]
    assert len(facts.standing_advice) == len(facts.contacts) == len(facts.reviews) == 1
