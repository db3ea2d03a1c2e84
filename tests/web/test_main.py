"""The one script, run in-process as each role: who sees what."""

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.web.auth import sessions, sign_in
from dashboard.web.server.asgi import MAIN_SCRIPT
from dashboard.web.shell.navigation import PAGES, TABLE
from tests.web.conftest import PASSWORD, ROLE_OF


@pytest.fixture
def browser(monkeypatch):
    """Return a function that opens a browser's tab with this cookie."""

    def open_tab(token=None):
        tab = AppTest.from_file(str(MAIN_SCRIPT), default_timeout=60)
        tab.session_state["language"] = "en"
        tab.token = token
        return run(tab)

    monkeypatch.setattr(sign_in, "client_address", lambda: "192.0.2.1")

    def run(tab):
        monkeypatch.setattr(sessions, "presented_token", lambda: tab.token)
        return tab.run()

    open_tab.again = run
    return open_tab


def shows_form(tab):
    assert not tab.exception
    labels = [field.label for field in tab.text_input]
    return labels == ["Username", "Password"] or labels == ["Identifiant", "Mot de passe"]


def title(tab):
    assert not tab.exception
    return tab.title[0].value


def test_without_a_cookie_there_is_the_form_and_nothing_else(people, browser):
    people.team.case(date(2026, 9, 1), family_name="Lefèvre")
    tab = browser()
    assert shows_form(tab)
    assert "Lefèvre" not in str(tab.main)


STARTS = [
    ("moreau", "Review list"),
    ("roux", "Inbox"),
    ("petit", "Inbox"),
    ("lead", "Programme"),
]


@pytest.mark.parametrize(("username", "start"), STARTS)
def test_each_role_begins_with_its_own_work(people, browser, username, start):
    assert title(browser(people.token(username))) == start


@pytest.mark.parametrize("username", ROLE_OF)
def test_a_role_cannot_reach_a_page_that_it_has_not_got(people, browser, username):
    tab = browser(people.token(username))
    for entry in TABLE:
        if ROLE_OF[username] not in entry.roles:
            with pytest.raises(ValueError, match="Could not find"):
                tab.switch_page(str(PAGES / entry.script))


def test_what_the_page_remembers_signs_nobody_in(people, browser):
    """Check that everything kept in the page by the browser or an earlier run may be forged."""
    tab = AppTest.from_file(str(MAIN_SCRIPT), default_timeout=60)
    for key, value in {
        "authentication_status": True,
        "username": "moreau",
        "name": "Moreau",
        "roles": ["psychiatrist"],
        "shown_to": people.team.psychiatrist,
    }.items():
        tab.session_state[key] = value
    tab.token = None
    assert shows_form(browser.again(tab))
    assert "roles" not in tab.session_state or tab.session_state["roles"] is None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE review.account SET locked_at = now()",
        "UPDATE registry.practitioner SET active = false",
        "UPDATE review.sign_in SET ended_at = now()",
        "UPDATE review.sign_in SET last_seen_at = now() - interval '15 minutes'",
        "UPDATE review.sign_in SET created_at = now() - interval '4 hours'",
    ],
)
def test_the_next_click_notices(people, browser, run_as_owner, change):
    tab = browser(people.token())
    assert not shows_form(tab)
    run_as_owner(change)
    assert shows_form(browser.again(tab))


@pytest.mark.parametrize(("by_itself", "idle_minutes"), [(True, 14), (False, 0)])
def test_a_page_that_turns_by_itself_does_not_keep_the_sign_in(
    people, browser, run_as_owner, by_itself, idle_minutes
):
    """Check it because a person who follows a meeting untouched may have left the room."""
    tab = browser(people.token())
    run_as_owner("UPDATE review.sign_in SET last_seen_at = now() - interval '14 minutes'")
    if by_itself:
        tab.session_state["runs_by_itself"] = True
    assert not shows_form(browser.again(tab))
    [(ago,)] = run_as_owner("SELECT now() - last_seen_at FROM review.sign_in")
    assert ago.total_seconds() // 60 == idle_minutes
    browser.again(tab)
    [(ago,)] = run_as_owner("SELECT now() - last_seen_at FROM review.sign_in")
    assert ago.total_seconds() < 60


def test_nothing_of_the_last_person_is_left_for_the_next(people, browser):
    tab = browser(people.token("moreau"))
    tab.session_state["case_order"] = [1, 2, 3]
    browser.again(tab)
    assert tab.session_state["case_order"] == [1, 2, 3]
    tab.token = people.token("roux")
    browser.again(tab)
    assert "case_order" not in tab.session_state


def test_what_a_browser_brings_to_a_new_session_is_kept(people, browser):
    """Check that the text that a browser sends after a restart of the server is kept."""
    tab = AppTest.from_file(str(MAIN_SCRIPT), default_timeout=60)
    tab.session_state["typed"] = "a draft"
    tab.token = people.token("lead")
    browser.again(tab)
    assert title(tab) == "Programme"
    assert tab.session_state["typed"] == "a draft"


def test_a_changed_role_changes_the_pages_at_the_next_click(people, browser, run_as_owner):
    tab = browser(people.token("roux"))
    run_as_owner("UPDATE registry.practitioner SET role = 'lead' WHERE role = 'nurse'")
    browser.again(tab)
    assert title(tab) == "Programme"


def test_the_form_asks_the_database(people, browser):
    tab = browser()
    for username, password in (("moreau", "wrong"), ("nobody", PASSWORD)):
        tab.text_input[0].set_value(username)
        tab.text_input[1].set_value(password)
        tab.button[0].click()
        browser.again(tab)
        assert [error.value[:22] for error in tab.error] == ["Signing in was refused"]
    tab.text_input[0].set_value("Moreau")
    tab.text_input[1].set_value(PASSWORD)
    tab.button[0].click()
    browser.again(tab)
    assert not tab.error
    assert "sign_in_ticket" in tab.session_state
