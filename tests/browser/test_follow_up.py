"""Follow-up and the record in a real browser: remind, read, note, download; look at them."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from fhir.resources.R4B.bundle import Bundle
from playwright.sync_api import expect

from dashboard.calendar import today
from dashboard.database import acting_as
from dashboard.queries.advice.follow_up import follow_up
from tests.browser.axe import violations
from tests.browser.open_tabs import at_rest
from tests.browser.programme import picture, served
from tests.browser.served_site import button, go, settled


@pytest.fixture(scope="module")
def programme(registry, live_server, open_tabs):
    return served(registry, live_server, open_tabs)


@pytest.fixture
def tab(programme):
    """Return a function that opens this page in the tab of a role, where axe can be injected."""

    def walk_to(address, role="psychiatrist"):
        page = programme.open_tab(role, bypass_csp=True)
        go(page, f"{programme.url}/{address}")
        return page

    return walk_to


def logged(programme, action):
    with programme.database.owner().connect() as connection:
        query = "SELECT count(*) FROM review.access_log WHERE action = %s"
        return connection.exec_driver_sql(query, (action,)).scalar_one()


def a_reviewed_case(programme, role="psychiatrist"):
    with acting_as(programme.ids[role]) as connection:
        return follow_up(connection, today())[0].episode_id


def open_record(page):
    button(page, "Record").first.click()
    panel = page.get_by_test_id("stPopoverBody")
    expect(panel.get_by_text("Technical incidents")).to_be_visible()
    settled(page)
    return panel


def test_one_click_reminds_and_the_page_says_when_the_next_is_allowed(programme, tab):
    page = tab("follow-up")
    picture(page, "follow_up")
    reminder = page.get_by_role("button", name="Remind").first
    reminder.dblclick()
    # The second click may find that the first has done it.
    said = page.get_by_text(re.compile("The reminder is on its way|Already reminded"))
    expect(said.first).to_be_visible()
    expect(page.get_by_text("next from").first).to_be_visible()
    with programme.database.owner().connect() as connection:
        query = (
            "SELECT count(*) FROM review.delivery"
            " WHERE reminder > 0 AND queued_at > now() - interval '1 hour'"
        )
        assert connection.exec_driver_sql(query).scalar_one() == 1


def test_the_case_is_one_click_away_and_says_what_followed(programme, tab):
    page = tab("follow-up")
    page.get_by_role("button", name="Open the case of").first.click()
    page.wait_for_url("**/case?episode=*")
    expect(page.get_by_text("Since: PHQ-9").first).to_be_visible()


@pytest.mark.thorough
def test_the_filters_and_the_record_are_within_everybodys_reach(programme, tab):
    page = tab("follow-up", role="nurse")
    assert violations(page) == []
    page.get_by_text("Export", exact=True).click()
    expect(button(page, "Download the records")).to_be_visible()
    assert violations(page) == []
    go(page, f"{programme.url}/case?episode={a_reviewed_case(programme, 'nurse')}")
    open_record(page)
    assert violations(page) == []
    picture(page, "record")


def test_a_period_is_downloaded_under_a_name_that_says_nothing(programme, tab):
    page = tab("follow-up")
    page.get_by_text("Export", exact=True).click()
    before = logged(programme, "records_exported")
    with page.expect_download() as asked:
        button(page, "Download the records").click()
    first = today() - timedelta(days=90)
    assert asked.value.suggested_filename == f"tele-expertise-{first}-{today()}.csv"
    table = Path(asked.value.path()).read_bytes().decode("utf-8-sig")
    assert table.startswith("review_id;episode_id;")
    assert table.count("\r\n") > 20
    assert logged(programme, "records_exported") == before + 1


def test_a_report_is_downloaded_as_fhir_and_is_valid(programme, tab):
    page = tab(f"case?episode={a_reviewed_case(programme)}")
    panel = open_record(page)
    before = logged(programme, "report_exported")
    with page.expect_download() as asked:
        button(panel, "Report (FHIR)").click()
    bundle = json.loads(Path(asked.value.path()).read_text())
    Bundle.model_validate(bundle)
    name = asked.value.suggested_filename
    assert name == f"tele-expertise-{bundle['identifier']['value'][9:17]}.json"
    assert logged(programme, "report_exported") == before + 1


@pytest.mark.thorough
def test_an_incident_is_noted_at_the_review(programme, tab):
    page = tab(f"case?episode={a_reviewed_case(programme, 'nurse')}", role="nurse")
    panel = open_record(page)
    button(panel, "Note the incident").click()
    expect(panel.get_by_text("Say what happened.")).to_be_visible()
    panel.get_by_role("textbox", name="Technical incident to note").fill("Son coupé <b>*5*</b>")
    at_rest(page)
    button(panel, "Note the incident").click()
    expect(panel.get_by_text("Son coupé <b>*5*</b>")).to_be_visible()
    assert logged(programme, "incident_noted") == 1


@pytest.mark.thorough
def test_while_presenting_nothing_is_offered_and_nothing_is_given(programme, visitor):
    """Check that a button that another tab still shows gives nothing either."""
    page = programme.sign_in_at_once(visitor(locale="en-GB"), "psychiatrist")
    page.goto(f"{programme.url}/follow-up")
    stale = button(page, "Download the records")
    expect(page.get_by_text("Export", exact=True)).to_be_visible()
    at_rest(page)
    page.get_by_text("Export", exact=True).click()
    expect(stale).to_be_visible()
    at_rest(page)
    other = page.context.new_page()
    other.goto(f"{programme.url}/follow-up")
    expect(other.get_by_text("Export", exact=True)).to_be_visible()
    at_rest(other)
    button(other, "Present Alt + P").or_(other.get_by_role("button", name="Present")).first.click()
    expect(other.get_by_text("names are hidden")).to_be_visible()
    settled(other)
    expect(other.get_by_text("Export", exact=True)).to_have_count(0)
    before = logged(programme, "records_exported")
    downloads = []
    page.on("download", lambda download: downloads.append(download))
    stale.click()
    settled(page)
    page.wait_for_timeout(1500)
    assert downloads == []
    assert logged(programme, "records_exported") == before
    go(other, f"{programme.url}/case?episode={a_reviewed_case(programme)}")
    panel = open_record(other)
    expect(panel.get_by_text("While presenting nothing can be downloaded.")).to_be_visible()
    expect(button(panel, "Report (FHIR)")).to_have_count(0)
