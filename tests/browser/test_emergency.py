"""Emergency access from end to end: asked for, seen by the team and the lead, and over.

axe-core looks at each page on the way, in both themes.
"""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from dashboard.calendar import today
from dashboard.database import administering
from dashboard.web.auth.accounts import add_account
from tests.browser.axe import violations
from tests.browser.open_tabs import at_rest
from tests.browser.programme import eventually, picture
from tests.browser.served_site import PASSWORD, button, choose, settled

pytestmark = pytest.mark.thorough


@pytest.fixture
def ward(shared, visitor):
    shared.visitor = visitor
    return shared


@pytest.fixture(scope="module")
def lead(shared):
    lead = shared.database.practitioner("lead", "Chef")
    with administering(shared.database.owner_url) as connection:
        add_account(connection, lead, "chef", PASSWORD)
    return lead


def test_a_record_is_opened_in_an_emergency_and_not_unseen(ward, lead):
    other = ward.database.team()
    case = other.case(today() - timedelta(days=90), "Zwingelstein")
    nurse_of_patient = other.nurse
    with administering(ward.database.owner_url) as connection:
        add_account(connection, nurse_of_patient, "morel", PASSWORD)

    page = ward.tab(context=ward.visitor(locale="en-GB", bypass_csp=True))
    page.goto(f"{ward.url}/case?episode={case.episode}")
    expect(page.get_by_text("it is not one of yours")).to_be_visible()
    at_rest(page)
    page.get_by_role("button", name="Emergency access").click()
    expect(page.get_by_role("heading", name="Emergency access", level=2)).to_be_visible()
    at_rest(page)
    page.get_by_role("textbox", name="Case number").fill(str(case.episode))
    page.get_by_role("textbox", name="Family name").fill("zwingelstein")
    birth = page.get_by_test_id("stDateInput")
    birth.get_by_role("spinbutton").first.click()
    page.keyboard.type("02051983")
    choose(page, "Reason", "On call, or first care of an unknown patient")
    page.get_by_role("textbox", name="What is happening").fill("On call: suicidal thoughts tonight")
    picture(page, "emergency_1_form")
    assert violations(page) == []
    at_rest(page)
    button(page, "Open the record for one hour").click()
    expect(page.get_by_text("Emergency access until")).to_be_visible()
    expect(page.get_by_text("Zwingelstein").first).to_be_visible()
    expect(button(page, "Preview and sign")).to_have_count(0)
    settled(page)
    picture(page, "emergency_2_banner")
    assert violations(page) == []

    nurse = ward.tab(nurse_of_patient, ward.visitor(locale="en-GB", bypass_csp=True))
    nurse.goto(f"{ward.url}/inbox")
    expect(nurse.get_by_text("to the record of Zwingelstein Camille")).to_be_visible()
    expect(nurse.get_by_text("On call: suicidal thoughts tonight")).to_be_visible()
    picture(nurse, "emergency_3_team")
    assert violations(nurse) == []

    chef = ward.tab(lead, ward.visitor(locale="en-GB", bypass_csp=True))
    chef.goto(f"{ward.url}/access")
    expect(chef.get_by_text("Emergency accesses")).to_be_visible()
    at_rest(chef)
    chef.get_by_role("textbox", name="Case number").fill(str(case.episode))
    chef.keyboard.press("Enter")
    expect(button(chef, "Report for the patient (CSV)")).to_be_visible()
    picture(chef, "emergency_4_lead")
    assert violations(chef) == []
    assert "Zwingelstein" not in chef.content()
    with chef.expect_download() as download:
        button(chef, "Report for the patient (CSV)").click()
    assert "opened the record" in download.value.path().read_text("utf-8-sig")

    # The hour passes; the page that was left open closes on its own.
    ward.run(
        "UPDATE review.emergency_access SET begun_at = begun_at - interval '1 hour',"
        " ends_at = ends_at - interval '1 hour'"
    )
    expect(page.get_by_text("it is not one of yours")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Zwingelstein")).to_have_count(0)

    said = ward.ask(
        "SELECT action, why, role, address, sign_in IS NOT NULL FROM review.access_log"
        " WHERE practitioner_id = :me AND starts_with(action, 'emergency') ORDER BY at",
        me=ward.team.psychiatrist,
    )
    assert said == [("emergency_opened", "emergency", "psychiatrist", "localhost", True)]
    assert ward.ask(
        "SELECT address FROM review.access_log"
        " WHERE action = 'accesses_exported' AND practitioner_id = :lead",
        lead=lead,
    ) == [("127.0.0.1",)]


def test_the_page_of_another_role_is_refused_and_on_the_log(ward, lead):
    page = ward.tab(lead)
    page.goto(f"{ward.url}/review-list")
    eventually(
        lambda: (
            ward.ask(
                "SELECT detail->>'page' FROM review.access_log"
                " WHERE action = 'page_refused' AND practitioner_id = :lead",
                lead=lead,
            )
            == [("review-list",)]
        )
    )
