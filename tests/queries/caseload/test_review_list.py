from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

import pytest

from dashboard.database import acting_as
from dashboard.database.schema import registry, review
from dashboard.queries.advice.delivering import deliver
from dashboard.queries.caseload.review_list import ReadList, read_list, review_list
from tests.support.factories import Case, Database, Team, at
from tests.support.statements import statements

TODAY = date(2026, 11, 24)


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def test_the_most_urgent_episode_comes_first_with_its_reasons(database):
    team = database.team()
    calm = team.case(days_ago(20), "Aubert")
    database.case_review(calm, at(days_ago(3)))
    database.assessment(calm.patient, "phq9", days_ago(2), 12)
    urgent = team.case(days_ago(70), "Zola")
    database.assessment(urgent.patient, "phq9", days_ago(68), 16, items=[2, 2, 2, 2, 2, 2, 2, 2, 0])
    database.assessment(urgent.patient, "phq9", days_ago(6), 19, items=[2, 2, 2, 2, 2, 3, 2, 2, 2])

    with acting_as(team.psychiatrist) as connection:
        rows = review_list(connection, TODAY)

    assert rows[["rank", "tier", "episode_id"]].values.tolist() == [
        [1, 0, urgent.episode],
        [2, 5, calm.episode],
    ]
    assert rows.reasons[0] == [
        ("suicidal_ideation", days_ago(6)),
        ("never_reviewed", days_ago(70)),
        ("week_8", days_ago(14)),
        ("no_contact", days_ago(42)),
        ("not_improved", days_ago(14)),
    ]
    assert rows.reasons[1] == []
    first = rows.iloc[0]
    assert (first.phq9, first.phq9_change, first.item9, first.phq9_recent) == (
        19,
        3,
        "positive",
        [16, 19],
    )


def test_what_was_left_open_in_an_earlier_episode_is_no_reason_in_this_one(database):
    team = database.team()
    earlier = team.case(days_ago(300), status="closed", closed_on=days_ago(60))
    reviewed = database.case_review(earlier, at(days_ago(90)), next_review_on=days_ago(62))
    database.recommendation(earlier, reviewed, due_on=days_ago(80))
    database.add(
        review.preparation,
        patient_id=earlier.patient,
        episode_id=earlier.episode,
        nurse_id=team.nurse,
        question="Que faire ?",
        ready_at=at(days_ago(70)),
    )
    team.case(days_ago(5), patient_id=earlier.patient)

    with acting_as(team.psychiatrist) as connection:
        (reasons,) = review_list(connection, TODAY).reasons

    assert reasons == [("never_reviewed", days_ago(5))]


def test_of_one_day_the_contact_with_the_higher_id_is_the_later(database):
    team = database.team()
    missed_twice = team.case(days_ago(20))
    evening, morning = at(days_ago(5), hour=18), at(days_ago(5), hour=9)
    for happened_at, attended in ((at(days_ago(9)), False), (evening, True), (morning, False)):
        add_contact_at(database, team, missed_twice, happened_at, attended)
    add_contact_at(database, team, missed_twice, at(days_ago(5), hour=8), False)

    with acting_as(team.psychiatrist) as connection:
        (reasons,) = review_list(connection, TODAY).reasons

    assert ("missed_contacts", days_ago(5)) in reasons


def test_a_line_of_a_review_that_changed_nothing_stands(database):
    team = database.team()
    case = team.case(days_ago(40))
    unchanged = database.case_review(case, at(days_ago(10)), outcome="no_change")
    database.recommendation(case, unchanged)

    with acting_as(team.psychiatrist) as connection:
        (reasons,) = review_list(connection, TODAY).reasons

    assert ("advice_unacknowledged", days_ago(3)) in reasons


def test_an_episode_of_unknown_status_can_be_in_stable_remission(database):
    team = database.team()
    case = team.case(days_ago(100), status="suspendu")
    for days in (30, 2):
        database.assessment(case.patient, "phq9", days_ago(days), None, items=[0] * 9)

    with acting_as(team.psychiatrist) as connection:
        (reasons,) = review_list(connection, TODAY).reasons

    assert ("stable_remission", days_ago(2)) in reasons


def test_opening_the_list_is_on_the_access_log(database):
    team = database.team()
    team.case(days_ago(20))
    with acting_as(team.psychiatrist) as connection:
        review_list(connection, TODAY)
    with database.owner().connect() as owner:
        logged = owner.exec_driver_sql(
            "SELECT practitioner_id, action FROM review.access_log"
        ).all()
    assert logged == [(team.psychiatrist, "list_opened")]


def test_no_row_on_the_access_log_means_no_list(database):
    from sqlalchemy.exc import DBAPIError

    team = database.team()
    team.case(days_ago(20))
    with database.owner().begin() as owner:
        owner.exec_driver_sql("REVOKE INSERT ON review.access_log FROM case_review_app")
    with pytest.raises(DBAPIError), acting_as(team.psychiatrist) as connection:
        review_list(connection, TODAY)


def test_the_number_of_statements_does_not_depend_on_the_number_of_episodes(database):
    draw = partial(review_list, as_of=TODAY)
    team = database.team()
    with acting_as(team.psychiatrist) as connection:
        of_none = statements(connection, draw)
    for days in range(1, 6):
        team.case(days_ago(days))
    with acting_as(team.psychiatrist) as connection:
        assert statements(connection, draw) == of_none


# Opened again


def a_case(database: Database) -> Case:
    """Return a case with a row in every table that the list reads."""
    case = database.team().case(days_ago(70))
    database.assessment(case.patient, "phq9", days_ago(68), 16)
    add_contact(database, case, days_ago(40))
    add_medication(database, case, days_ago(60))
    add_flag(database, case, days_ago(30))
    signed = database.case_review(case, at(days_ago(50)))
    database.recommendation(case, signed, due_on=days_ago(20))
    return case


def add_contact(database: Database, case: Case, day: date) -> None:
    database.add(
        registry.contact,
        patient_id=case.patient,
        practitioner_id=case.team.nurse,
        kind="phone",
        happened_at=at(day),
        attended=True,
    )


def add_medication(database: Database, case: Case, day: date, dose: int = 25) -> None:
    database.add(
        registry.medication,
        patient_id=case.patient,
        atc_code="N06AB06",
        name="sertraline",
        daily_dose_mg=dose,
        as_needed=False,
        started_on=day,
    )


def add_flag(database: Database, case: Case, day: date) -> None:
    database.add(
        registry.flag,
        patient_id=case.patient,
        kind="discussion",
        raised_by=case.team.nurse,
        raised_at=at(day),
    )


def write(statement: str) -> Callable[[Database, Case], None]:
    """Return a function that changes an existing row."""

    def changed(database: Database, case: Case) -> None:
        with database.owner().begin() as owner:
            owner.exec_driver_sql(statement)

    return changed


CHANGES: dict[str, Callable[[Database, Case], object]] = {
    "a score": lambda database, case: database.assessment(case.patient, "phq9", days_ago(1), 20),
    "a score that is corrected": write("UPDATE registry.assessment SET total = 21"),
    "a contact": lambda database, case: add_contact(database, case, days_ago(1)),
    "a drug": lambda database, case: add_medication(database, case, days_ago(5), 400),
    "a dose": write("UPDATE registry.medication SET daily_dose_mg = 400"),
    "a condition": lambda database, case: database.add(
        registry.condition,
        patient_id=case.patient,
        code="Z33",
        label="Grossesse",
        onset_on=days_ago(9),
    ),
    "a flag": lambda database, case: add_flag(database, case, days_ago(31)),
    "a flag that is cleared": write("UPDATE registry.flag SET cleared_at = '2026-11-01'"),
    "a sequence": lambda database, case: database.add(
        registry.care_sequence,
        episode_id=case.episode,
        kind="classique",
        number=1,
        starts_on=days_ago(70),
        ends_on=days_ago(-5),
    ),
    "a review": lambda database, case: database.case_review(case, at(days_ago(1))),
    "an answer": lambda database, case: database.add(
        review.answer,
        patient_id=case.patient,
        recommendation_id=the_line(database),
        practitioner_id=case.team.nurse,
        outcome="done",
        answered_at=at(days_ago(2)),
    ),
    "a question": lambda database, case: database.add(
        review.preparation,
        patient_id=case.patient,
        episode_id=case.episode,
        nurse_id=case.team.nurse,
        question="Que faire ?",
        ready_at=at(days_ago(2)),
    ),
    "another name": write("UPDATE registry.patient SET family_name = 'Aubert'"),
    "another nurse's name": write(
        "UPDATE registry.practitioner SET family_name = 'Roux' WHERE role = 'nurse'"
    ),
    "another state": write("UPDATE registry.episode SET status = 'relapse_prevention'"),
    "an episode": lambda database, case: case.team.case(days_ago(3), "Zola"),
    "an end": write("UPDATE registry.episode SET status = 'closed', closed_on = '2026-11-20'"),
    "another psychiatrist": write("UPDATE registry.episode SET psychiatrist_id = gp_id"),
}


def the_line(database: Database) -> object:
    with database.owner().connect() as owner:
        return owner.exec_driver_sql("SELECT id FROM review.recommendation").scalar_one()


def opened(case: Case, before: ReadList | None = None, day: date = TODAY) -> ReadList:
    with acting_as(case.team.psychiatrist) as connection:
        return read_list(connection, day, before)


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_has_changed_is_on_the_list_that_is_opened_again(database, change):
    case = a_case(database)
    before = opened(case)
    CHANGES[change](database, case)

    again = opened(case, before).rows

    assert again != before.rows
    assert again == opened(case).rows


def test_a_list_is_of_its_day_also_when_it_is_opened_again(database):
    case = a_case(database)
    again = opened(case, opened(case), days_ago(-10))
    assert again.rows == opened(case, day=days_ago(-10)).rows


def test_where_nothing_has_changed_no_list_is_made_but_it_is_read_and_logged(database):
    case = a_case(database)
    before = opened(case)
    assert opened(case, before) is before
    with database.owner().connect() as owner:
        logged = owner.exec_driver_sql("SELECT action FROM review.access_log").scalars().all()
    assert logged == ["list_opened"] * 2


def add_contact_at(
    database: Database, team: Team, case: Case, happened_at: datetime, attended: bool
) -> None:
    database.add(
        registry.contact,
        patient_id=case.patient,
        happened_at=happened_at,
        kind="clinic",
        attended=attended,
        practitioner_id=team.nurse,
    )


def sent_letter(database):
    """Sign a review 12 days ago and send its letter; return the team of its patient."""
    team = database.team()
    case = team.case(days_ago(70))
    signed = database.case_review(case, at(days_ago(12)))
    with acting_as(team.psychiatrist) as connection:
        deliver(connection, case.patient, signed, (team.gp,))
    return team


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ("state = 'failed'", True),
        ("state = 'sent'", False),
        (
            "state = 'failed', settled_at = '2026-11-20 12:00+01', settled_how = 'phone',"
            " settled_by = recipient_id",
            False,
        ),
        ("state = 'failed', queued_at = now()", False),
    ],
)
def test_a_row_names_the_review_whose_letter_was_not_delivered(database, changed, named):
    team = sent_letter(database)
    with database.owner().begin() as owner:
        owner.exec_driver_sql(
            "UPDATE review.delivery SET queued_at = '2026-11-12 12:00+01', error = 'refused 550 no'"
        )
        owner.exec_driver_sql(f"UPDATE review.delivery SET {changed}")
    with acting_as(team.psychiatrist) as connection:
        (row,) = read_list(connection, TODAY).rows
    assert row.undelivered_on == (days_ago(12) if named else None)


def test_a_list_is_made_again_once_a_letter_could_not_be_delivered(database):
    team = sent_letter(database)
    with database.owner().begin() as owner:
        owner.exec_driver_sql(
            "UPDATE review.delivery SET queued_at = '2026-11-12 12:00+01', state = 'sent'"
        )
    with acting_as(team.psychiatrist) as connection:
        first = read_list(connection, TODAY)
    with database.owner().begin() as owner:
        owner.exec_driver_sql("UPDATE review.delivery SET state = 'failed', error = 'refused'")
    with acting_as(team.psychiatrist) as connection:
        again = read_list(connection, TODAY, first)
    assert [row.undelivered_on for row in again.rows] == [days_ago(12)]
