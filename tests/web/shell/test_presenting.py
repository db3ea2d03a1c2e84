"""Presenting belongs to a sign-in: every tab of its browser, until it is turned off or ends."""

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.database import serving
from dashboard.web.auth import sessions
from dashboard.web.server.asgi import MAIN_SCRIPT
from tests.pages.conftest import rows_of

NAME = "Zwingelstein"


@pytest.fixture
def as_browser(people, monkeypatch):
    """Return a function that makes the browser present this token."""
    return lambda token: monkeypatch.setattr(sessions, "presented_token", lambda: token)


def is_presenting(token):
    with serving() as connection:
        holder = sessions.holder(connection, token)
    return holder is not None and holder.presenting


def start(people):
    sessions.start_presenting()


def test_nobody_presents_who_has_just_signed_in(people):
    assert not is_presenting(people.token())


def test_one_browser_presents_and_the_others_of_the_same_person_do_not(people, as_browser):
    here, elsewhere = people.token(), people.token()
    as_browser(here)
    start(people)
    assert is_presenting(here)
    assert not is_presenting(elsewhere)


def test_starting_again_changes_nothing(people, as_browser, run_as_owner):
    as_browser(people.token())
    since = "SELECT presenting_since FROM review.sign_in"
    start(people)
    first = run_as_owner(since)
    start(people)
    assert run_as_owner(since) == first
    assert first[0][0] is not None


def test_without_a_cookie_nothing_is_turned_on(people, as_browser):
    token = people.token()
    as_browser(None)
    start(people)
    assert not is_presenting(token)


def test_whoever_signs_in_again_does_not_present(people, as_browser):
    token = people.token()
    as_browser(token)
    start(people)
    sessions.sign_out(token)
    assert not is_presenting(token)
    assert not is_presenting(people.token())


# The control in the header.


@pytest.fixture
def tab(people, as_browser):
    """Return a function that opens a tab at the root, in English; by default a new sign-in's."""

    def open_tab(username="moreau", token=None):
        as_browser(token or people.token(username))
        tab = AppTest.from_file(str(MAIN_SCRIPT), default_timeout=60)
        tab.session_state["language"] = "en"
        return tab.run()

    return open_tab


def labels(tab):
    assert not tab.exception
    return [button.label for button in tab.button]


@pytest.mark.parametrize("username", ["moreau", "roux", "petit"])
def test_whoever_sees_patients_can_present_at_a_click(people, tab, username):
    token = people.token(username)
    shown = tab(username, token)
    assert "Present" in labels(shown)
    shown.button(key="start_presenting").click().run()
    assert is_presenting(token)
    assert "Present" not in labels(shown)
    assert "Stop presenting" in labels(shown)


def test_a_lead_sees_no_patient_and_has_nothing_to_hide(tab):
    assert "Present" not in labels(tab("lead"))


def test_a_reload_and_another_tab_show_no_name(people, tab):
    people.team.case(date(2026, 9, 1), NAME)
    token = people.token()
    first = tab(token=token)
    assert NAME in str(rows_of(first))
    first.button(key="start_presenting").click().run()
    assert rows_of(first) == []
    for again in (tab(token=token), tab(token=token)):
        assert "Stop presenting" in labels(again)
        assert NAME not in str(again.main)
        assert not again.text_input


def test_turning_it_off_asks_once(people, tab):
    token = people.token()
    shown = tab(token=token)
    shown.button(key="start_presenting").click().run()
    shown.button(key="stop_presenting").click().run()
    assert is_presenting(token)
    assert {"Go on presenting", "Show names"} <= set(labels(shown))
    shown.button(key="show_names").click().run()
    assert not is_presenting(token)
    assert "Present" in labels(shown)


def test_going_on_presenting_is_one_click_away(people, tab):
    token = people.token()
    shown = tab(token=token)
    shown.button(key="start_presenting").click().run()
    shown.button(key="stop_presenting").click().run()
    shown.button(key="go_on_presenting").click().run()
    assert is_presenting(token)
    assert "Show names" not in labels(shown)
