"""The link of an invitation begins a sign-in that awaits a password, and works once."""

from uuid import uuid4

import pyotp
import pytest
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.database import administering, serving
from dashboard.delivery.invitation_link import address_of
from dashboard.queries.account.managing_accounts import change_account_as_owner
from dashboard.settings import settings
from dashboard.vocabulary import AccountAction, SignInStep
from dashboard.web.auth import encryption, second_factor, sessions, sign_in_flow
from dashboard.web.auth.sign_in import admit
from dashboard.web.server import invitation_page
from tests.web.auth.test_second_factor import KEY as SEALING_KEY

KEY = "k" * 40
NEW = "quatre huîtres sous la pluie"
HERE = "192.0.2.1"


def new_browser():
    app = Starlette(routes=[invitation_page.route])
    return TestClient(app, follow_redirects=False, headers={"Origin": "http://testserver"})


@pytest.fixture
def browser():
    return new_browser()


@pytest.fixture
def nurse(database):
    return database.practitioner("nurse", "Lopez", given_name="Anne", secure_email="l@mss.example")


@pytest.fixture
def path(database, nurse, monkeypatch):
    """Return the path of an invitation of the nurse."""
    monkeypatch.setenv("CASE_REVIEW_LINK_KEY", KEY)
    settings.cache_clear()
    with administering(database.owner_url) as connection:
        change_account_as_owner(connection, nurse, AccountAction.INVITE)
    ((number,),) = _rows(database, "SELECT id FROM review.account_notice")
    yield address_of(number, "", KEY)
    monkeypatch.undo()
    settings.cache_clear()


def _rows(database, statement):
    with database.owner().begin() as connection:
        result = connection.exec_driver_sql(statement)
        return list(result) if result.returns_rows else []


def token_in(response):
    return response.cookies[sessions.PLAIN_COOKIE]


def waiting(token):
    with serving() as connection:
        return sessions.waiting(connection, token)


def exchanged(ticket):
    with serving() as connection:
        return sessions.redeem(connection, ticket)


def test_opening_the_link_shows_the_username_and_uses_nothing_up(browser, path):
    for _ in range(2):
        page = browser.get(path)
        assert page.status_code == 200
        assert "anne.lopez" in page.text
        assert not page.cookies


def test_button_begins_a_sign_in_that_awaits_a_password(browser, path):
    response = browser.post(path)
    assert (response.status_code, response.headers["location"]) == (303, "/")
    assert waiting(token_in(response)).awaits == SignInStep.NEW_PASSWORD


def test_link_is_void_once_a_password_was_chosen(browser, path):
    token = token_in(browser.post(path))
    assert sign_in_flow.choose_password(waiting(token), token, NEW, HERE)
    assert browser.get(path).status_code == 404
    assert browser.post(path).status_code == 404
    assert admit("anne.lopez", NEW, HERE)


def test_two_browsers_with_one_invitation_choose_one_password(path):
    first, second = (token_in(new_browser().post(path)) for _ in range(2))
    one, other = waiting(first), waiting(second)
    assert sign_in_flow.choose_password(one, first, NEW, HERE)
    assert sign_in_flow.choose_password(other, second, f"{NEW} bis", HERE) is None
    assert not admit("anne.lopez", f"{NEW} bis", HERE)


def test_invited_person_sets_up_a_second_factor_next(browser, path, nurse, monkeypatch):
    monkeypatch.setattr(encryption, "_key", SEALING_KEY)
    token = token_in(browser.post(path))
    token = exchanged(sign_in_flow.choose_password(waiting(token), token, NEW, HERE))
    person = waiting(token)
    assert person.awaits == SignInStep.ENROLMENT
    with serving(nurse) as connection:
        secret = second_factor.offered_secret(connection, nurse, token)
    assert sign_in_flow.enrol(person, token, pyotp.TOTP(secret).now(), HERE).recovery_codes
    token = exchanged(sign_in_flow.has_kept_codes(waiting(token), token, HERE))
    with serving() as connection:
        assert sessions.holder(connection, token).practitioner_id == nurse


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE review.account_notice SET expires_at = now() - interval '1 second'",
        "UPDATE review.account_notice SET voided_at = now()",
        "UPDATE review.account SET locked_at = now()",
        "UPDATE registry.practitioner SET active = false",
    ],
)
def test_link_is_void_when_expired_replaced_locked_or_left(browser, path, database, statement):
    _rows(database, statement)
    assert browser.get(path).status_code == browser.post(path).status_code == 404


def test_forged_and_unknown_links_are_not_found(browser, path):
    for address in (address_of(uuid4(), "", KEY), address_of(uuid4(), "", "x" * 40), f"{path}x"):
        assert browser.get(address).status_code == 404


@pytest.mark.parametrize(
    ("stored", "browsers", "title"),
    [
        (None, "en-GB,en;q=0.9,fr;q=0.8", "Your access to case review"),
        (None, "de-DE,de;q=0.9", "Votre accès à la revue de cas"),
        ("fr", "en-GB", "Votre accès à la revue de cas"),
    ],
)
def test_page_is_in_the_language_of_the_account_else_of_the_browser(
    browser, path, database, stored, browsers, title
):
    with database.owner().begin() as connection:
        connection.execute(
            text("UPDATE review.account SET language = :language"), {"language": stored}
        )
    assert title in browser.get(path, headers={"Accept-Language": browsers}).text


def test_closed_page_is_in_the_language_of_the_browser(browser, path):
    closed = browser.get(f"{path}x", headers={"Accept-Language": "en-GB"})
    assert closed.status_code == 404
    assert "Ask for another one" in closed.text
