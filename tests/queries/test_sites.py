"""What a lead is shown of a site: its caseload by tier, as far as it may be shown."""

from datetime import date, timedelta

import pytest

from dashboard.clinical.comparison import Period
from dashboard.clinical.rules import Tier
from dashboard.clinical.site_view import View
from dashboard.database import acting_as
from dashboard.queries import sites as ask
from dashboard.queries.counting import count_all, count_some_sites

TODAY = date(2026, 11, 24)
PERIOD = Period(date(2026, 1, 1), date(2026, 10, 1))


def add_patients(database, team, **numbers):
    """So many of each tier, enrolled a week ago and never reviewed."""
    for total, patients in zip((21, 8), (numbers["safety"], numbers["to_review"]), strict=True):
        for _ in range(patients):
            case = team.case(TODAY - timedelta(days=7))
            database.assessment(case.patient, "phq9", TODAY - timedelta(days=7), total)


def tiers_seen(database, team):
    with acting_as(database.practitioner("lead")) as connection:
        sites = ask.watched_sites(connection)
        site = ask.one_site(connection, View(PERIOD, (team.site,)), sites, TODAY)
    return {tier: shown.value for tier, shown in site.tiers.items()}


def of(safety, to_review):
    """The counts by tier: the others are nobody."""
    return dict.fromkeys(Tier, 0) | {Tier.SAFETY: safety, Tier.REVIEW_DUE: to_review}


@pytest.mark.parametrize(
    ("safety", "to_review", "shown"),
    [
        # Both of eleven or more.
        (12, 14, of(12, 14)),
        # Three are hidden; the total of 17 would give them away, and so the others are too.
        (3, 14, of(None, None)),
        # Nine in all: nothing is said, not even who is nobody.
        (3, 6, dict.fromkeys(Tier)),
    ],
)
def test_the_caseload_by_tier(database, safety, to_review, shown):
    team = database.team()
    add_patients(database, team, safety=safety, to_review=to_review)
    count_all(TODAY)
    assert tiers_seen(database, team) == shown


def test_before_the_nurses_are_counted_there_are_no_tiers(database):
    team = database.team()
    add_patients(database, team, safety=0, to_review=1)
    count_some_sites(TODAY)
    assert tiers_seen(database, team) == {}


def test_who_has_come_between_the_two_counts_is_not_found_by_subtraction(database):
    """26 were counted by tier, then two came: the 28 of the site less the tiers would be these
    two."""
    team = database.team()
    add_patients(database, team, safety=12, to_review=14)
    count_all(TODAY)
    add_patients(database, team, safety=0, to_review=2)
    count_some_sites(TODAY, timedelta(0))
    assert sum(value is None for value in tiers_seen(database, team).values()) >= 1
