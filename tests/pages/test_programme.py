"""The medical lead's page: counts of the sites they watch, and nobody's record."""

from datetime import timedelta

import pytest

from dashboard.database import registry as tables
from dashboard.locale import LANGUAGES
from tests.pages.conftest import TODAY, words


@pytest.fixture
def caseload(database, team):
    """Two open episodes, one of them in relapse prevention, one closed; and an empty site."""
    team.case(TODAY - timedelta(days=27), family_name="Zwingelstein")
    team.case(TODAY - timedelta(weeks=40), family_name="Zwingelstein", status="relapse_prevention")
    team.case(
        TODAY - timedelta(weeks=40),
        family_name="Zwingelstein",
        status="closed",
        closed_on=TODAY - timedelta(days=1),
    )
    return database.site(name="CMS du Lac", department="95")


def figures(tab):
    assert not tab.exception
    return {metric.label: metric.value for metric in tab.metric}


def test_the_lead_sees_counts_and_no_record(visit, caseload):
    tab = visit("lead", "programme")
    assert figures(tab) == {
        "Open episodes": "2",
        "In relapse prevention": "1",
        "Enrolled in the last 28 days": "1",
    }
    [table] = tab.dataframe
    assert table.value.values.tolist() == [
        ["MSP du Parc", "78", 2, 1, 1],
        ["CMS du Lac", "95", 0, 0, 0],
    ]
    assert "Counts only: no patient's record is shown here." in words(tab)
    assert "Zwingelstein" not in str(tab.main) + words(tab)


def test_a_lead_of_some_sites_sees_those(visit, caseload, database, people):
    database.add(tables.practitioner_site, practitioner_id=people.lead, site_id=caseload)
    tab = visit("lead", "programme")
    assert figures(tab)["Open episodes"] == "0"
    assert list(tab.dataframe[0].value.site) == ["CMS du Lac"]


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "You watch no site yet."), ("fr", "Vous ne suivez encore aucun site.")],
)
def test_without_a_site_the_page_says_where_sites_come_from(visit, database, language, said):
    with database.owner().begin() as connection:
        for table in (tables.practitioner_site, tables.episode, tables.site):
            connection.execute(table.delete())
    assert said in words(visit("lead", "programme", language=language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_both_languages(visit, caseload, language):
    assert len(figures(visit("lead", "programme", language=language))) == 3
