"""Counts are for leads, of the sites that they watch; no page can write them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy.exc import ProgrammingError

from dashboard.clinical.sites.indicators import INDICATORS
from dashboard.clinical.sites.protection import STEP
from dashboard.database import acting_as, serving
from dashboard.database.counts.lead_counts import COUNT_VISIBILITY, EXACT_COUNTS
from dashboard.database.schema import registry
from dashboard.database.security.identity import NotSignedIn
from dashboard.queries.sites.counting import count_all, count_some_sites, protect_an_area

TODAY = date(2026, 11, 24)


@pytest.fixture
def people(database):
    """Return two sites with ten patients each, their teams, and leads of both and of the second."""
    north, south = database.team(), database.team()
    for team in (north, south) * 10:
        case = team.case(date(2026, 1, 5), referred_on=date(2026, 1, 1))
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
    for person in (team.psychiatrist, team.nurse, team.gp, None):
        with acting_as(person) as connection:
            assert connection.exec_driver_sql(f"SELECT * FROM review.{table}").all() == []


@pytest.mark.parametrize("table", COUNT_VISIBILITY)
@pytest.mark.parametrize("statement", ["DELETE FROM {0}", "INSERT INTO {0} DEFAULT VALUES"])
def test_no_page_writes_them(people, table, statement):
    with acting_as(people["of_all"]) as connection, pytest.raises(ProgrammingError, match="denied"):
        connection.exec_driver_sql(statement.format(f"review.{table}"))


def test_they_are_made_by_the_server_where_nobody_acts(people):
    for call in (
        "count_sites('2026-11-24', 10, '0')",
        "claim_area('0')",
        "exact_months_of('{1}')",
        "exact_waits_of('{1}')",
        "exact_works_of('{1}')",
        "secret_of_counts()",
        "store_counts('{1}', '[]', '[]', '[]')",
    ):
        for person in (people["of_all"], people["north"].nurse):
            with acting_as(person) as connection, pytest.raises(ProgrammingError, match="denied"):
                connection.exec_driver_sql(f"SELECT review.{call}")
            with (
                serving(person) as connection,
                pytest.raises(ProgrammingError, match="where nobody acts"),
            ):
                connection.exec_driver_sql(f"SELECT review.{call}")


@pytest.mark.parametrize("table", EXACT_COUNTS)
def test_the_application_cannot_read_an_exact_count(people, table):
    for person in (people["of_all"], people["north"].nurse, None):
        with acting_as(person) as connection, pytest.raises(ProgrammingError, match="denied"):
            connection.exec_driver_sql(f"SELECT * FROM review.{table}")


def test_what_leads_read_is_in_steps(people, database):
    columns = ", ".join(NUMBERS)
    with database.owner().connect() as connection:
        read = connection.exec_driver_sql(f"SELECT {columns} FROM review.site_month").all()
        exact = connection.exec_driver_sql(f"SELECT {columns} FROM review.exact_month").all()
    assert {number % STEP for row in read for number in row} == {0}
    assert {number % STEP for row in exact for number in row} != {0}


def test_a_lead_who_has_left_is_nobody(people):
    with pytest.raises(NotSignedIn), acting_as(people["retired"]):
        pass


@pytest.mark.parametrize("name", ["counts_of_sites", "waits_of_sites", "work_of_sites"])
def test_a_page_cannot_count_by_itself(people, name):
    for person in (people["of_all"], None):
        with acting_as(person) as connection, pytest.raises(ProgrammingError, match="denied"):
            connection.exec_driver_sql(f"SELECT * FROM review.{name}('{{1}}', '2026-11-24')")


NUMBERS = [column for indicator in INDICATORS.values() for column in indicator.columns]
SUMS = {
    "every_month": ("site_month", "kind, severity, month", NUMBERS),
    "every_wait": ("site_wait", "wait, month, days", ["cases"]),
    "site_waited": ("site_wait", "wait, site_id, nurse_id, month", ["cases"]),
}


def kept_and_direct(database, table):
    """Return the stored sums, and the same sums added up from the counts by site."""
    of, keys, numbers = SUMS[table]
    direct = ", ".join(f"sum({name})" for name in numbers)
    some = " + ".join(numbers)
    with database.owner().connect() as connection:
        kept = connection.exec_driver_sql(
            f"SELECT {keys}, {', '.join(numbers)} FROM review.{table} WHERE {some} > 0"
        )
        added_up = connection.exec_driver_sql(
            f"SELECT {keys}, {direct} FROM review.{of} GROUP BY {keys} HAVING sum({some}) > 0"
        )
        return sorted(map(tuple, kept)), sorted(map(tuple, added_up))


def assert_kept_as_added_up(database):
    for table in SUMS:
        kept, direct = kept_and_direct(database, table)
        assert kept == direct
        assert kept


def test_the_sums_are_those_of_the_counts_whatever_becomes_of_the_records(people, database):
    """Check a first count, changed records at both sites, and a site that has gone.

    In the second state one site has a new patient and at the other all were enrolled earlier.
    """
    assert_kept_as_added_up(database)
    before = kept_and_direct(database, "every_month")
    for _ in range(10):
        people["north"].case(date(2026, 2, 2), referred_on=date(2026, 1, 30))
    with database.owner().begin() as connection:
        connection.exec_driver_sql(
            "UPDATE registry.episode SET enrolled_on = '2025-12-01' WHERE site_id = %s",
            (people["south"].site,),
        )
    count_all(TODAY)
    assert_kept_as_added_up(database)
    assert kept_and_direct(database, "every_month") != before
    with database.owner().begin() as connection:
        connection.exec_driver_sql(
            "UPDATE registry.episode SET site_id = %s", (people["north"].site,)
        )
        connection.exec_driver_sql("DELETE FROM registry.practitioner_site")
        connection.exec_driver_sql(
            "DELETE FROM registry.site WHERE id = %s", (people["south"].site,)
        )
    count_all(TODAY)
    assert_kept_as_added_up(database)


def test_the_sums_are_right_when_several_processes_count(database):
    for number in range(25):
        database.team().case(date(2026, 1, 5), referred_on=date(2026, 1, 5 - number % 5))
    for _again in range(3):
        with ThreadPoolExecutor(3) as processes:
            counted = list(processes.map(lambda _: count_some_sites(TODAY, timedelta(0)), range(6)))
            protected = list(processes.map(lambda _: protect_an_area(), range(3)))
        assert sum(counted) >= 25
        assert max(protected) == 25
    assert_kept_as_added_up(database)


def test_an_area_that_another_process_has_is_left_to_it(database):
    for _site in range(3):
        database.team().case(date(2026, 1, 5))
    count_some_sites(TODAY, timedelta(0))
    with ThreadPoolExecutor(1) as process, database.owner().begin() as other:
        other.exec_driver_sql("SELECT FROM review.site_counted ORDER BY site_id LIMIT 1 FOR UPDATE")
        assert process.submit(protect_an_area).result(timeout=10) == 0
    assert protect_an_area() == 3
    assert protect_an_area() == 0


@pytest.mark.parametrize("table", ["every_month", "every_wait"])
def test_sums_over_every_site_are_for_whoever_watches_every_site(people, table):
    seen = {}
    for person in ("of_all", "of_south"):
        with acting_as(people[person]) as connection:
            seen[person] = connection.exec_driver_sql(f"SELECT * FROM review.{table}").all()
    assert seen["of_all"]
    assert seen["of_south"] == []
