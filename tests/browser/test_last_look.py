"""News since the last look, in a real browser: marked, kept, taken back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from dashboard.calendar import today
from dashboard.database.schema import registry as tables
from tests.browser.open_tabs import at_rest
from tests.browser.programme import choose_row, eventually, list_shown, picture
from tests.browser.served_site import button, settled
from tests.support.factories import at

pytestmark = pytest.mark.thorough

NEWS = "PHQ-9 17, 1 contact, sertraline 50 → 100 mg"


@pytest.fixture
def ward(shared, visitor):
    shared.visitor = visitor
    return shared


def drug(ward, case, dose, started_on):
    ward.database.add(
        tables.medication,
        patient_id=case.patient,
        atc_code="N06AB06",
        name="sertraline",
        daily_dose_mg=Decimal(dose),
        as_needed=False,
        started_on=started_on,
    )


def days_later(ward):
    ward.run("UPDATE review.last_look SET looked_at = looked_at - interval '3 days'")


def test_what_came_in_is_marked_while_one_looks_and_again_when_taken_back(ward):
    case = ward.case()
    ward.database.assessment(case.patient, "phq9", today() - timedelta(days=80), 19)
    drug(ward, case, 50, today() - timedelta(days=70))
    page = ward.open(case)
    for said in ("New since", "Nothing new"):
        expect(page.get_by_text(said)).to_have_count(0)

    days_later(ward)
    ward.database.assessment(case.patient, "phq9", today(), 17)
    ward.database.add(
        tables.contact,
        patient_id=case.patient,
        happened_at=at(today() - timedelta(days=2)),
        kind="phone",
        attended=True,
        practitioner_id=ward.team.nurse,
    )
    ward.run(f"UPDATE registry.medication SET stopped_on = '{today()}'")
    drug(ward, case, 100, today())

    page.reload()
    expect(page.get_by_text(NEWS)).to_be_visible()
    # Automatic reruns, another tab of the details and another page leave the marks.
    at_rest(page)
    page.get_by_role("tab", name="Treatments").click()
    settled(page)
    expect(page.get_by_text(NEWS)).to_be_visible()
    picture(page, "last_look_1_marked")
    page.get_by_role("link", name="Review list").first.click()
    expect(page.get_by_role("heading", name="Review list")).to_be_visible()
    settled(page)
    eventually(lambda: list_shown(page))
    choose_row(page, 0)
    expect(page.get_by_text(NEWS)).to_be_visible()

    at_rest(page)
    button(page, "Mark as not looked at").click()
    expect(page.get_by_text("marked again when you next look")).to_be_visible()
    expect(button(page, "Mark as not looked at")).to_have_count(0)
    picture(page, "last_look_2_taken_back")
    # The page has noted this look, which is then put back in time with the others.
    settled(page)
    days_later(ward)
    page.reload()
    expect(page.get_by_text(NEWS)).to_be_visible()
    expect(button(page, "Mark as not looked at")).to_be_visible()
    settled(page)

    days_later(ward)
    page.reload()
    expect(page.get_by_text("Nothing new since")).to_be_visible()
    picture(page, "last_look_3_nothing_new")
