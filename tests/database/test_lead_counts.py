"""Counts are for leads, of the sites that they watch; nobody writes them from a page."""

from datetime import date

import pytest
from sqlalchemy.exc import ProgrammingError

from dashboard.database import acting_as, registry
from dashboard.database.lead_counts import COUNT_VISIBILITY
from dashboard.queries.counting import count_all

TODAY = date(2026, 11, 24)


@pytest.fixture
def people(database):
    """Two sites with a patient each, their teams, a lead of all and a lead of the second."""
    north, south = database.team(), database.team()
    for team in (north, south):
        case = team.case(date(2026, 1, 5))
        database.assessment(case.patient, "phq9", date(2026, 1, 5), 15)
    of_all, of_south = database.practitioner("lead"), database.practitioner("lead")
    retired = database.practitioner("lead", active=False)
    database.add(registry.practitioner_site, practitioner_id=of_south, site_id=south.site)
    database.add(registry.practitioner_site, practitioner_id=north.nurse, site_id=north.site)
    count_all(TODAY)
    return {
        "north": north,
        "south": south,
        "of_all": of_all,
        "of_south": of_south,
        "retired": retired,
    }


def sites_seen(practitioner_id, table="site_month"):
    with acting_as(practitioner_id) as connection:
        return set(
            connection.exec_driver_sql(f"SELECT DISTINCT site_id FROM review.{table}").scalars()
        )


def test_a_lead_sees_the_counts_of_the_sites_they_watch(people):
    north, south = people["north"].site, people["south"].site
    for table in ("site_month", "site_work", "site_counted"):
        assert sites_seen(people["of_all"], table) == {north, south}
        assert sites_seen(people["of_south"], table) == {south}


@pytest.mark.parametrize("table", COUNT_VISIBILITY)
def test_nobody_else_sees_any(people, table):
    team = people["north"]
    for person in (team.psychiatrist, team.nurse, team.gp, people["retired"], 10**9, None):
        with acting_as(person) as connection:
            assert connection.exec_driver_sql(f"SELECT * FROM review.{table}").all() == []


@pytest.mark.parametrize("table", COUNT_VISIBILITY)
@pytest.mark.parametrize("statement", ["DELETE FROM {0}", "INSERT INTO {0} DEFAULT VALUES"])
def test_no_page_writes_them(people, table, statement):
    with acting_as(people["of_all"]) as connection, pytest.raises(ProgrammingError, match="denied"):
        connection.exec_driver_sql(statement.format(f"review.{table}"))


def test_they_are_made_where_nobody_acts(people):
    counting = "SELECT review.count_sites('2026-11-24', 10, '0')"
    for person in (people["of_all"], people["north"].nurse):
        with (
            acting_as(person) as connection,
            pytest.raises(ProgrammingError, match="where nobody acts"),
        ):
            connection.exec_driver_sql(counting)


@pytest.mark.parametrize("name", ["counts_of_sites", "waits_of_sites", "work_of_sites"])
def test_a_page_cannot_count_by_itself(people, name):
    for person in (people["of_all"], None):
        with acting_as(person) as connection, pytest.raises(ProgrammingError, match="denied"):
            connection.exec_driver_sql(f"SELECT * FROM review.{name}('{{1}}', '2026-11-24')")
