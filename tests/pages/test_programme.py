"""The medical lead's page: counts of the sites they watch, and no patient’s record."""

import html
import json
from datetime import timedelta

import pytest

from dashboard.clinical.registry_imports import Arrived
from dashboard.clinical.sites.forecast import later, month_of
from dashboard.database import administering
from dashboard.database.loading.import_history import record_import
from dashboard.database.schema import registry as tables
from dashboard.locale import LANGUAGES
from dashboard.queries.sites.counting import count_all
from dashboard.vocabulary import ImportOutcome
from tests.pages.conftest import TODAY, words

VIEWS = ("overview", "sites", "site", "forecast")
SURNAME = "Zwingelstein"
LAST_MONTH = later(month_of(TODAY), -1)


@pytest.fixture
def counted(database, team):
    """Thirty patients of one site and four of another, enrolled three months ago; counted."""
    team.case(TODAY, family_name=SURNAME)
    small = database.site(name="CMS du Lac", department="95")
    for site, patients in ((team.site, 30), (small, 4)):
        for number in range(patients):
            case = team.case(
                TODAY - timedelta(days=100 + number % 9), family_name=SURNAME, site_id=site
            )
            database.assessment(case.patient, "phq9", TODAY - timedelta(days=95), 18)
            database.assessment(
                case.patient, "phq9", TODAY - timedelta(days=40), 8 if number % 2 else 17
            )
    count_all(TODAY)
    return small


def said(tab):
    """Return all texts of the page, including its figures and its charts."""
    metrics = [f"{one.label} {one.value}" for one in tab.metric]
    charts = [one.proto.spec for one in tab.main.get("vega_lite_chart")]
    return "\n".join([words(tab), *metrics, *charts])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_in_both_languages_and_without_a_record(visit, counted, view, language):
    tab = visit("lead", "programme", language=language, view=view)
    text = said(tab)
    assert not tab.error
    assert SURNAME not in text
    assert {"en": "no patient’s record", "fr": "aucun dossier de patient"}[language] in text


def overview(tab):
    """Return the data of the overview as the browser gets them."""
    [table] = [
        json.loads(one.proto.json)
        for one in tab.get("bidi_component")
        if one.proto.component_name == "case_review_overview"
    ]
    return table


def row(tab, indicator):
    """Return the line of the overview of this name, by column."""
    [line] = [line for line in overview(tab)["rows"] if line["name"] == indicator]
    return line


def test_the_overview_counts_in_steps(visit, counted):
    """34 patients were enrolled over 70 days ago with a baseline of 18: 17 have improved."""
    line = row(visit("lead", "programme", months=12), "Improved at 70 days")
    assert line["n"] in {"30", "36"}
    assert 33 <= int(line["all"].removesuffix("\N{NO-BREAK SPACE}%")) <= 67


def test_the_overview_marks_the_shown_indicator_and_defines_a_change(visit, counted):
    table = overview(visit("lead", "programme", months=6, indicator="response"))
    assert table["chosen"] == "response"
    assert "difference from the 6 months before this period" in table["note"]


def test_a_hidden_month_of_the_overview_is_a_gap_and_not_a_zero(visit, counted):
    """Check it with sites whose patients were all enrolled in one or two of the twelve months."""
    months = row(visit("lead", "programme", months=12), "Patients enrolled")["months"]
    assert len(months) == 12
    assert months.count(None) >= 10
    assert 0 not in months


def test_the_view_of_one_site_says_below_its_numbers_what_is_hidden(visit, counted):
    tab = visit("lead", "programme", view="site", of=counted)
    assert "hidden: fewer than 11 cases." in [one.value for one in tab.caption]


def test_the_small_site_can_be_read_nowhere(visit, counted):
    tab = visit("lead", "programme", view="site", of=counted)
    metrics = {one.label: one.value for one in tab.metric}
    assert metrics["Open episodes"] == "hidden"
    flow = tab.table[3].value
    assert set(flow.iloc[:, 1]) == {"hidden"}
    tiers = tab.table[1].value
    assert set(tiers.iloc[:, 1]) == {"hidden"}


def test_the_page_says_that_its_counts_are_in_steps(visit, counted):
    assert "steps of 6" in said(visit("lead", "programme"))


def test_the_filters_stand_in_the_address_by_id_and_word(visit, counted, people):
    tab = visit(
        "lead",
        "programme",
        months=24,
        until=f"{LAST_MONTH:%Y-%m}",
        site=counted,
        kind="leger",
        severity="severe",
        indicator="early_contact",
    )
    chosen = {one.key: one.value for one in (*tab.selectbox, *tab.multiselect)}
    assert chosen["months"] == 24
    assert chosen["site"] == [counted]
    assert (chosen["kind"], chosen["severity"]) == ("leger", "severe")
    assert "Contact within 28 days" in [one.value for one in tab.header]
    tab.selectbox(key="months").set_value(6).run()
    assert tab.query_params["months"] == "6"
    assert SURNAME not in str(tab.query_params)


@pytest.mark.parametrize(
    "query",
    [
        {"view": "nothing"},
        {"months": "-1", "until": "1999-01", "kind": "x", "severity": "y"},
        {"site": "999999", "nurse": "nobody", "indicator": "DROP", "basis": "?"},
        {"view": "site", "of": "999999"},
        {"view": "forecast", "until": "2099-12"},
    ],
)
def test_an_address_that_names_nothing_is_the_usual_view(visit, counted, query):
    tab = visit("lead", "programme", **query)
    assert not tab.exception
    assert not tab.error


def test_a_view_that_is_sent_shows_what_the_reader_may_see(visit, counted, database, people, team):
    """Check it with the lead of one site, who opens the address of the other."""
    database.add(tables.practitioner_site, practitioner_id=people.lead, site_id=team.site)
    tab = visit("lead", "programme", view="site", of=counted, site=counted)
    assert tab.selectbox(key="of").value == team.site
    assert "CMS du Lac" not in said(tab) + str([one.options for one in tab.selectbox])


def test_the_forecast_says_what_is_begun_and_what_remains(visit, counted):
    figures = {one.label: one.value for one in visit("lead", "programme", view="forecast").metric}
    assert figures["Remains of 2,617,026 €"] == "hidden"
    assert figures["Sequences, classic"] == "hidden"


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "You watch no site yet."), ("fr", "Vous ne suivez encore aucun site.")],
)
def test_without_a_site_the_page_says_where_sites_come_from(visit, database, language, text):
    with database.owner().begin() as connection:
        for table in (tables.practitioner_site, tables.episode, tables.site):
            connection.execute(table.delete())
    assert text in words(visit("lead", "programme", language=language))


def test_before_the_sites_are_counted_the_page_says_so(visit, database, people):
    assert "have not been counted yet" in words(visit("lead", "programme"))


@pytest.mark.parametrize("view", VIEWS)
def test_an_empty_registry_is_no_error(visit, people, view):
    count_all(TODAY)
    tab = visit("lead", "programme", view=view)
    assert "no patient’s record" in html.unescape(said(tab))


def imported(database, **numbers):
    """Add an import of scores to the history."""
    with administering(database.owner_url) as connection:
        record_import(
            connection,
            TODAY,
            "files",
            ImportOutcome.LOADED,
            [Arrived("assessment", **numbers), Arrived("patient", added=1)],
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_imports_are_shown_with_their_sums_and_the_last_by_relation(
    visit, counted, database, language
):
    imported(database, added=3, changed=2, removed=1, refused=4)
    tab = visit("lead", "programme", language=language)
    [imports] = [one for one in tab.expander if "egist" in one.label]
    sums, by_relation = (one.value for one in imports.dataframe)
    assert sums.iloc[0].tolist()[-4:] == [4, 2, 1, 4]
    assert by_relation.values.tolist() == [["assessment", 3, 2, 1, 4], ["patient", 1, 0, 0, 0]]


def test_an_import_that_read_no_file_is_shown_without_a_table_by_relation(visit, counted, database):
    with administering(database.owner_url) as connection:
        record_import(connection, TODAY, "files", ImportOutcome.STOPPED, [])
    [imports] = [one for one in visit("lead", "programme").expander if "egist" in one.label]
    [sums] = (one.value for one in imports.dataframe)
    assert sums.iloc[0].tolist()[-5:] == ["stopped, nothing changed", 0, 0, 0, 0]


def test_without_imports_nothing_is_said_of_them(visit, counted):
    assert not [one for one in visit("lead", "programme").expander if "registry" in one.label]
