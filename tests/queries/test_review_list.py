from datetime import date, timedelta
from functools import partial

from dashboard.database import acting_as
from dashboard.queries.review_list import review_list
from tests.building import at
from tests.statements import statements

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
        ("not_improved", days_ago(14)),
        ("no_contact", days_ago(42)),
    ]
    assert rows.reasons[1] == []
    first = rows.iloc[0]
    assert (first.phq9, first.phq9_change, first.item9, first.phq9_recent) == (
        19,
        3,
        "positive",
        [16, 19],
    )


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
    import pytest
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
