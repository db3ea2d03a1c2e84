"""The downloads of a lead: made at the click, logged, and without a small count."""

import csv
import io
from datetime import timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import text

from dashboard import calendar
from dashboard.clinical.sites.comparison import Period
from dashboard.clinical.sites.forecast import later, month_of
from dashboard.clinical.sites.protection import STEP
from dashboard.clinical.sites.site_view import View
from dashboard.components.charts.chart_export import as_png, as_svg
from dashboard.components.sites.funnel_chart import funnel_chart
from dashboard.database import acting_as, serving
from dashboard.database.audit.client_origin import NOWHERE
from dashboard.locale import LANGUAGES, speaking
from dashboard.queries.sites import site_figures
from dashboard.queries.sites.counting import count_all
from dashboard.web.auth import sessions
from dashboard.web.page_support import site_files
from dashboard.web.page_support.deferred import NotAllowed
from dashboard.web.server import sockets
from dashboard.web.server.sockets import Socket

TODAY = calendar.today()
SURNAME = "Zwingelstein"
UNTIL = later(month_of(TODAY), -1)
VIEW = View(Period(later(UNTIL, -11), UNTIL))


@pytest.fixture
def counted(database, people):
    """Forty patients of one site, thirty of another, four of a third."""
    sites = [people.team.site, database.site(name="MSP du Bois"), database.site(name="CMS du Lac")]
    for site, patients in zip(sites, (40, 30, 4), strict=True):
        for number in range(patients):
            enrolled = TODAY - timedelta(days=120 + number % 60)
            case = people.team.case(enrolled, family_name=SURNAME, site_id=site)
            database.assessment(case.patient, "phq9", enrolled, 18)
            after = enrolled + timedelta(days=60)
            database.assessment(case.patient, "phq9", after, 8 if number % 2 else 17)
    count_all(TODAY)
    return sites


@pytest.fixture
def as_lead(people, monkeypatch):
    """Sign in the lead as the reader of files, unless the test says otherwise."""

    def sign_in(username):
        token = people.token(username)
        monkeypatch.setattr(sessions, "presented_token", lambda: token)
        with serving() as connection:
            person = sessions.holder(connection, token, seen=True)
        monkeypatch.setattr(site_files, "signed_in", lambda *_roles: person)

    sign_in("lead")
    return sign_in


def downloaded(file):
    """Return the file, for the browser that presents the token of this test."""
    browser = Socket((sessions.hash_of(sessions.presented_token()),), NOWHERE)
    with sockets.answering(browser):
        return file.make()


def table(made):
    return list(csv.DictReader(io.StringIO(made.decode("utf-8-sig")), delimiter=";"))


@pytest.mark.parametrize("shown", ["overview", "sites"])
def test_the_table_holds_no_count_from_one_to_ten(counted, as_lead, shown):
    rows = table(downloaded(site_files.site_files(VIEW, shown).csv))
    assert {row["level"] for row in rows} == {"all", "month", "site"}
    numbers = [row[name] for row in rows for name in ("eligible", "measured", "numerator")]
    assert [one for one in numbers if one and int(one) < 11] == []
    assert {int(one) % STEP for one in numbers if one} == {0}
    assert {row["counted_in"] for row in rows} == {str(STEP)}


def test_the_small_site_is_hidden(counted, as_lead):
    rows = table(downloaded(site_files.site_files(VIEW, "overview").csv))
    open_ = [row for row in rows if row["figure"] == "active_caseload" and row["site_id"]]
    hidden = [int(row["site_id"]) for row in open_ if not row["eligible"]]
    assert hidden == counted[2:]


@pytest.mark.parametrize("shown", ["site", "forecast"])
def test_the_other_views_have_tables_too(counted, as_lead, shown):
    view = View(VIEW.period, (counted[0],)) if shown == "site" else VIEW
    rows = table(downloaded(site_files.site_files(view, shown).csv))
    assert rows
    assert SURNAME not in str(rows)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_has_two_tagged_pages_and_names_nobody(counted, as_lead, language):
    with speaking(language):
        made = downloaded(site_files.site_files(VIEW, "overview").report)
    report = PdfReader(io.BytesIO(made))
    said = "".join(page.extract_text() for page in report.pages)
    assert len(report.pages) == 2
    assert report.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert {"en": "How the sites perform", "fr": "Résultats des sites"}[language] in said
    assert SURNAME not in said
    assert {"en": "steps of 6", "fr": "par pas de 6"}[language] in said.replace("\xa0", " ")


def test_a_chart_as_a_picture(counted, people):
    with acting_as(people.lead) as connection:
        sites = site_figures.watched_sites(connection)
        figures = site_figures.figures(connection, VIEW, sites, TODAY, ["improved_70"])
    drawn = funnel_chart(figures["improved_70"], "all", {site.id: site.name for site in sites}, 270)
    assert as_svg(drawn).startswith("<svg")
    assert "steps of 6" in as_svg(drawn) or "par pas de 6" in as_svg(drawn)
    assert as_png(drawn).startswith(b"\x89PNG")


def test_each_download_is_logged_with_its_filters_and_nobody_s_name(counted, as_lead, database):
    downloaded(site_files.site_files(View(VIEW.period, tuple(counted[:1])), "overview").csv)
    with database.owner().begin() as connection:
        [detail] = connection.execute(
            text("SELECT detail FROM review.access_log WHERE action = 'sites_exported'")
        ).scalars()
    assert (detail["kind"], detail["view"], detail["sites"]) == ("csv", "overview", counted[:1])


@pytest.mark.parametrize("username", ["moreau", "roux", "petit"])
def test_nobody_else_gets_a_file(counted, as_lead, username):
    as_lead(username)
    files = site_files.site_files(VIEW, "overview")
    for file in (files.csv, files.report, files.picture("svg", "funnel", lambda: b"")):
        with pytest.raises(NotAllowed):
            downloaded(file)
