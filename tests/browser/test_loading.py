"""Every page of every role, loaded anew: elsewhere pages are reached from an open one."""

import pytest
from playwright.sync_api import expect

from dashboard.database import administering
from dashboard.locale import speaking
from dashboard.vocabulary import Role
from dashboard.web.auth.accounts import add_account
from dashboard.web.shell.navigation import TABLE, title_of
from tests.browser.served_site import settled


@pytest.fixture(scope="module")
def people(shared):
    """Return a person of each role."""
    team = shared.team
    lead = shared.database.practitioner("lead")
    with administering(shared.database.owner_url) as connection:
        add_account(connection, lead, "loading", None)
    return {
        Role.PSYCHIATRIST: team.psychiatrist,
        Role.NURSE: team.nurse,
        Role.GP: team.gp,
        Role.LEAD: lead,
    }


@pytest.fixture
def ward(shared, visitor):
    shared.visitor = visitor
    return shared


@pytest.mark.parametrize("role", [Role.PSYCHIATRIST, Role.NURSE, Role.GP, Role.LEAD])
def test_each_page_of_a_role_is_there_when_it_is_loaded_by_its_address(ward, people, role):
    case = ward.case()
    page = ward.tab(people[role])
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    for entry in TABLE:
        if role not in entry.roles:
            continue
        named = f"?episode={case.episode}" if entry.address in ("case", "prepare") else ""
        page.goto(f"{ward.url}/{entry.address}{named}")
        expect(page.locator(".st-key-person_menu")).to_be_visible()
        settled(page)
        with speaking("en"):
            expect(page).to_have_title(title_of(entry))
        assert page.url.startswith(f"{ward.url}/{entry.address}")
        expect(page.get_by_test_id("stException")).to_have_count(0)
    assert errors == []
