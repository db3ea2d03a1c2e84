"""The figures of a site that a lead may see: its caseload by tier, its waits."""

from datetime import date, timedelta

import pytest

from dashboard.clinical.caseload.rules import Tier
from dashboard.clinical.sites.comparison import Period
from dashboard.clinical.sites.protection import STEP
from dashboard.clinical.sites.site_view import View
from dashboard.database import acting_as
from dashboard.database.schema import registry
from dashboard.queries.sites import site_figures
from dashboard.queries.sites.counting import count_all, count_some_sites
from tests.oracles.exact_counts import show_exact_counts

TODAY = date(2026, 11, 24)
PERIOD = Period(date(2026, 1, 1), date(2026, 10, 1))


def add_patients(database, team, **numbers):
    """Add these numbers of each tier, enrolled a week ago and never reviewed."""
    for total, patients in zip((21, 8), (numbers["severe"], numbers["to_review"]), strict=True):
        for _ in range(patients):
            case = team.case(TODAY - timedelta(days=7))
            database.assessment(case.patient, "phq9", TODAY - timedelta(days=7), total)


def tiers_seen(database, team):
    with acting_as(database.practitioner("lead")) as connection:
        sites = site_figures.watched_sites(connection)
        site = site_figures.one_site(connection, View(PERIOD, (team.site,)), sites, TODAY)
    return {tier: shown.value for tier, shown in site.tiers.items()}


def test_the_caseload_by_tier_is_in_steps_and_small_tiers_are_hidden(database):
    """60 and 4: the four are not shown, the others within two steps."""
    team = database.team()
    add_patients(database, team, severe=60, to_review=4)
    count_all(TODAY)
    seen = tiers_seen(database, team)
    assert abs(seen[Tier.OWED] - 60) <= 2 * STEP
    assert seen[Tier.OWED] % STEP == 0
    assert {seen[tier] for tier in Tier if tier is not Tier.OWED} == {None}


def test_before_the_nurses_are_counted_there_are_no_tiers(database):
    team = database.team()
    add_patients(database, team, severe=0, to_review=1)
    count_some_sites(TODAY)
    assert tiers_seen(database, team) == {}


def test_a_counted_site_without_open_episodes_has_its_tiers_hidden_as_small_ones(database):
    team = database.team()
    count_all(TODAY)
    assert tiers_seen(database, team) == dict.fromkeys(Tier)


def test_a_site_without_counts_is_uncounted_until_every_nurse_was_counted(database):
    empty, other = database.team(), database.team()
    add_patients(database, other, severe=0, to_review=1)
    count_all(TODAY)
    database.practitioner("nurse")
    assert tiers_seen(database, empty) == {}


@pytest.fixture
def three_sites(database):
    """Add three sites of 13, 16 and 12 patients, with exact counts.

    The patients were referred 0 to 9 days before their enrolment in March or April. The counts are
    exact, because these tests are about the queries on them.
    """
    teams = [database.team() for _ in range(3)]
    for team, patients in zip(teams, (13, 16, 12), strict=True):
        for number in range(patients):
            enrolled = date(2026, 3 + number % 2, 10)
            case = team.case(enrolled, referred_on=enrolled - timedelta(days=number % 10))
            database.assessment(case.patient, "phq9", enrolled, 15)
            database.assessment(case.patient, "phq9", enrolled + timedelta(60), number % 16)
    count_all(TODAY)
    show_exact_counts(database, TODAY)
    return teams


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"site": 1},
        {"severity": "moderately_severe"},
        {"site": 0, "severity": "moderately_severe"},
    ],
)
def test_the_sums_over_every_site_say_what_the_sites_say(database, three_sites, chosen):
    """Check both: a lead of all sites reads stored sums; a lead of each of them, the counts."""
    of_all, of_each = database.practitioner("lead"), database.practitioner("lead")
    for team in three_sites:
        database.add(registry.practitioner_site, practitioner_id=of_each, site_id=team.site)
    chosen_sites = (three_sites[chosen["site"]].site,) if "site" in chosen else ()
    view = View(PERIOD, chosen_sites, severity=chosen.get("severity"))
    told = []
    for lead in (of_all, of_each):
        with acting_as(lead) as connection:
            sites = site_figures.watched_sites(connection)
            told.append(
                (
                    site_figures.figures(connection, view, sites, TODAY),
                    site_figures.experiment(connection, PERIOD.until),
                    site_figures.one_site(connection, view, sites, TODAY) if chosen_sites else None,
                )
            )
    assert told[0] == told[1]
    assert any(figure.whole.eligible.value for figure in told[0][0].values())


def test_the_waits_of_a_site_beside_those_of_all(database, three_sites):
    """Check the waits of the second site and of all 41 patients.

    At the second site 16 waited 0 to 9 days, 0 to 5 twice: the eighth 3 days, the fifteenth 8. Of
    all 41 the twenty-first waited 3 days, the thirty-seventh 8.
    """
    lead = database.practitioner("lead")
    with acting_as(lead) as connection:
        sites = site_figures.watched_sites(connection)
        view = View(PERIOD, (three_sites[1].site,))
        here, every = site_figures.waiting_times(connection, view, sites)["referral_to_enrolment"]
    assert (here.cases.value, here.median_days, here.p90_days) == (16, 3, 8)
    assert (every.cases.value, every.median_days, every.p90_days) == (41, 3, 8)


def test_the_caseload_for_a_full_time_post_is_over_all_sites_and_only_where_time_is_known(
    database, three_sites
):
    """Check a half-time nurse with 13 and 16 patients at two sites, and 12 of an unknown time.

    29 patients on half a post are 58 on a full one.
    """
    half, other, unknown = (team.nurse for team in three_sites)
    with database.owner().begin() as connection:
        run = connection.exec_driver_sql
        run("UPDATE review.site_work SET nurse_id = %s WHERE nurse_id = %s", (half, other))
        run("ALTER TABLE registry.practitioner ADD COLUMN full_time numeric")
        run("UPDATE registry.practitioner SET full_time = 0.5 WHERE id = %s", (half,))
    lead = database.practitioner("lead")
    with acting_as(lead) as connection:
        found = site_figures.caseload_per_full_time(connection)
    with database.owner().begin() as connection:
        connection.exec_driver_sql("ALTER TABLE registry.practitioner DROP COLUMN full_time")
    assert found == {half: 58}
    assert unknown not in found


def test_without_working_times_no_caseload_for_a_full_time_post_is_shown(database, three_sites):
    with acting_as(database.practitioner("lead")) as connection:
        assert site_figures.caseload_per_full_time(connection) == {}


def test_a_site_of_few_is_counted_though_no_tier_is_shown(database):
    team = database.team()
    add_patients(database, team, severe=0, to_review=2)
    count_all(TODAY)
    assert tiers_seen(database, team) == dict.fromkeys(Tier)
