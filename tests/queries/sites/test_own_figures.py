"""The cases of the indicators of one's own caseload."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from dashboard.clinical.sites.comparison import Period
from dashboard.clinical.sites.own_figures import own_figures
from dashboard.database import acting_as
from dashboard.database.schema import review
from dashboard.queries.sites.counting import count_all
from dashboard.queries.sites.own_figures import own_cases
from tests.oracles.exact_counts import show_exact_counts
from tests.queries.sites.test_indicators import TODAY, Patient, add_patient

PERIOD = Period(date(2026, 9, 1), date(2026, 11, 1))


@pytest.fixture
def team(database):
    """Return a team with three patients; another team has one more."""
    team = database.team()
    # Seen and measured in November, and not improved; in September out of early contact.
    add_patient(database, team, Patient(90, contacts=(40, 80), scores={0: 20, 60: 15, 88: 14}))
    add_patient(database, team, Patient(90, scores={0: 20, 60: 9}, closed=(80, "moved")))
    add_patient(database, team, Patient(40, contacts=(3,), scores={0: 12}))
    add_patient(database, database.team(), Patient(90))
    return team


@pytest.mark.parametrize("role", ["nurse", "psychiatrist"])
def test_the_figures_are_the_counts_of_the_own_caseload_case_by_case(database, team, role):
    """Check early contact, due on 23 September (twice) and on 12 November, and the others."""
    with acting_as(getattr(team, role)) as connection:
        figures = {one.indicator: one for one in own_figures(own_cases(connection, PERIOD, TODAY))}
    early, month = figures["early_contact"], figures["contact_and_score"]
    assert (early.eligible, early.numerator, len(early.listed)) == (3, 1, 2)
    assert (month.eligible, month.numerator, len(month.listed)) == (3, 1, 2)
    assert (figures["improved_70"].eligible, figures["improved_70"].numerator) == (2, 1)
    assert figures["unimproved_reviewed_with_advice"].eligible == 1
    assert "response" not in figures


def test_the_figures_are_those_that_leads_would_see_if_counts_were_exact(database, team):
    count_all(TODAY)
    show_exact_counts(database, TODAY)
    with database.owner().connect() as connection:
        expected = connection.execute(
            text(
                "SELECT sum(early_contact), sum(improved_70), sum(baseline_known),"
                " sum(four_contacts_eligible), sum(psychosocial_care_eligible)"
                " FROM review.site_month WHERE kind = 'all' AND severity = 'all'"
                " AND site_id = :site AND month BETWEEN :since AND :until"
            ),
            {"site": team.site, "since": PERIOD.since, "until": PERIOD.until},
        ).one()
    with acting_as(team.nurse) as connection:
        figures = {one.indicator: one for one in own_figures(own_cases(connection, PERIOD, TODAY))}
    found = [figures[one].numerator for one in ("early_contact", "improved_70", "baseline_known")]
    found += [figures[one].eligible for one in ("four_contacts", "psychosocial_care")]
    assert found == list(expected)


def test_a_covered_colleague_s_patients_are_not_counted(database, team):
    colleague = database.practitioner("nurse")
    database.add(
        review.cover,
        covered_id=team.nurse,
        covering_id=colleague,
        starts_on=TODAY - timedelta(days=1),
        ends_on=TODAY + timedelta(days=400),
    )
    with acting_as(colleague) as connection:
        assert own_cases(connection, PERIOD, TODAY) == []


@pytest.mark.parametrize("role", ["gp", "lead"])
def test_others_have_no_cases(database, team, role):
    who = team.gp if role == "gp" else database.practitioner("lead")
    with acting_as(who) as connection:
        assert own_cases(connection, PERIOD, TODAY) == []


def test_the_reading_is_on_the_access_log(database, team):
    with acting_as(team.nurse) as connection:
        found = own_cases(connection, PERIOD, TODAY)
    with database.owner().connect() as connection:
        detail = connection.execute(
            text("SELECT detail FROM review.access_log WHERE action = 'own_figures_opened'")
        ).scalar_one()
    assert detail == {"since": "2026-09-01", "until": "2026-11-01", "cases": len(found)}
