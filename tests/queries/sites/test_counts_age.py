"""The age of the counts that a medical lead sees."""

from datetime import date

import pytest

from dashboard.database import acting_as
from dashboard.queries.sites.counting import count_all
from dashboard.queries.sites.counts_age import freshness

TODAY = date(2026, 11, 24)


@pytest.fixture
def sites(database):
    return tuple(database.site(name=f"MSP {number}") for number in range(12))


def seen(lead, sites=None):
    with acting_as(lead) as connection:
        return freshness(connection, sites)


def test_sites_that_were_never_counted_are_waiting(database, sites):
    count_all(TODAY)
    later = database.site(name="MSP nouvelle")
    with database.owner().begin() as owner:
        owner.exec_driver_sql(
            "INSERT INTO review.site_counted (site_id) VALUES (%s)",
            (later,),
        )
    found = seen(database.practitioner("lead"))
    assert (found.counted, found.waiting, found.as_of) == (12, 1, TODAY)


def test_the_age_is_that_of_the_sites_that_are_looked_at(database, sites):
    count_all(TODAY)
    with database.owner().begin() as owner:
        owner.exec_driver_sql(
            "UPDATE review.site_counted SET counted_at = '2026-11-01' WHERE site_id = %s",
            (sites[0],),
        )
    lead = database.practitioner("lead")
    assert seen(lead).oldest.date() <= date(2026, 11, 1)
    assert seen(lead, sites[1:]).oldest.date() > date(2026, 11, 1)
    assert seen(lead, sites[:1]).counted == 1


def test_without_counts_there_is_no_age(database):
    found = seen(database.practitioner("lead"))
    assert (found.oldest, found.newest, found.as_of, found.counted) == (None, None, None, 0)
