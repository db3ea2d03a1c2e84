"""Signing in, staying in, going out, in a real browser on a real server.

Each test is about something that a patient would fear.
"""

import http.client
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import text
from websockets.exceptions import InvalidStatus

from dashboard.database import administering, serving
from dashboard.database.operations.embedded import address_of
from dashboard.web.auth import sessions
from dashboard.web.auth.accounts import add_account
from dashboard.web.shell.navigation import TABLE
from tests.browser import websocket
from tests.browser.conftest import Server, sign_in, submit_sign_in
from tests.browser.open_tabs import choose_in_menu, go, settled
from tests.browser.programme import eventually
from tests.support.factories import Case, Database

PASSWORD = "correct horse battery"  # noqa: S105
# Without accents, which a dump of the websocket would escape.
PATIENT = "Zwingelstein"
REFUSED = re.compile("Signing in was refused")
FORM = "input[type=password]"


ROLES = {"moreau": "psychiatrist", "roux": "nurse", "petit": "gp", "lead": "lead"}


@dataclass(frozen=True)
class Programme:
    """A served registry with one case."""

    database: Database
    server: Server
    people: dict[str, int]
    """The practitioner of each role."""
    case: Case

    @property
    def url(self) -> str:
        return self.server.url

    def run(self, statement: str, **values: object) -> None:
        with self.database.owner().begin() as connection:
            connection.execute(text(statement), values)

    def ask(self, statement: str) -> list:
        with self.database.owner().begin() as connection:
            return list(connection.execute(text(statement)))

    def cookie(self, role: str) -> str:
        """Return the cookie of a person of this role who has just signed in."""
        with serving() as connection:
            ticket = sessions.begin(connection, self.people[role], "192.0.2.1")
            token = sessions.redeem(connection, ticket)
        return f"{sessions.PLAIN_COOKIE}={token}"

    @contextmanager
    def database_away(self) -> Iterator[None]:
        """Refuse all connections to the database within the block."""
        name = urlsplit(self.database.owner_url).path.strip("/")
        self._as_server(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        self._as_server(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )
        try:
            yield
        finally:
            self._as_server(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            self.database.close()

    def _as_server(self, statement: str) -> None:
        with administering(address_of(self.database.owner_url, database="postgres")) as owner:
            owner.exec_driver_sql(statement)


@pytest.fixture(scope="module")
def programme(registry, live_server) -> Programme:
    team = registry.team()
    case = team.case(date(2026, 9, 1), family_name=PATIENT)
    people = {
        "psychiatrist": team.psychiatrist,
        "nurse": team.nurse,
        "gp": team.gp,
        "lead": registry.practitioner("lead"),
    }
    with administering(registry.owner_url) as connection:
        for username, role in ROLES.items():
            add_account(connection, people[role], username, PASSWORD)
    return Programme(registry, live_server(registry.app_url), people, case)


@pytest.fixture(autouse=True)
def as_new(programme):
    """Delete the failures and the sign-ins of the test before."""
    programme.run("DELETE FROM review.sign_in_failure")
    programme.run("DELETE FROM review.sign_in")
    programme.run("UPDATE review.account SET locked_at = NULL")
    programme.run("UPDATE registry.practitioner SET active = true")


@pytest.fixture
def moreau(visitor, programme) -> Page:
    """Return a tab in which the psychiatrist is signed in."""
    context = visitor(locale="en-GB")
    name, value = programme.cookie("psychiatrist").split("=")
    context.add_cookies([{"name": name, "value": value, "url": programme.url}])
    page = context.new_page()
    page.goto(programme.url)
    expect(page.locator(".st-key-person_menu")).to_be_visible()
    return page


def expect_form(page: Page) -> None:
    # A page whose sign-in has ended elsewhere is told within five seconds, and reloaded.
    expect(page.locator(FORM)).to_be_visible()
    expect(page.locator(".st-key-person_menu")).to_have_count(0)
    assert PATIENT not in page.content()


def click(page: Page) -> None:
    """Make the page run again, as any click does: R is Streamlit's key for it."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.locator("body").press("r")


def session_cookie(context: BrowserContext) -> dict | None:
    return next((c for c in context.cookies() if c["name"] == sessions.PLAIN_COOKIE), None)


def answer(url: str, method: str = "GET", path: str = "/", **headers: str):
    """Status and headers of a plain request."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    connection.request(
        method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    reply = connection.getresponse()
    reply.read()
    return reply


# Before signing in


def test_a_fresh_server_asked_for_every_page_first_shows_none(registry, live_server, programme):
    """Check it because Streamlit runs pages alone until the main script calls st.navigation."""
    fresh_server = live_server(registry.app_url)
    for entry in TABLE:
        with websocket.client(fresh_server.url) as stranger:
            shown = str(websocket.run(stranger, entry.address, f"episode={programme.case.episode}"))
        assert "Username" in shown or "Identifiant" in shown
        assert PATIENT not in shown
    with websocket.client(fresh_server.url, cookie=programme.cookie("psychiatrist")) as client:
        assert PATIENT in str(websocket.run(client, "review-list"))


def test_downloads_need_a_cookie(programme):
    path = "/media/anything.pdf"
    assert answer(programme.url, path=path).status == 401
    assert answer(programme.url, path=path, Cookie="session=made-up").status == 401
    signed_in = answer(programme.url, path=path, Cookie=programme.cookie("gp"))
    assert signed_in.status in (200, 404)
    assert signed_in.headers["Cache-Control"] == "no-store"


def test_every_answer_has_the_security_headers(programme):
    for path in ("/", "/case", "/_stcore/health", "/healthz", "/media/x", "/static/none.js"):
        headers = answer(programme.url, path=path).headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "Server" not in headers


# Signing in


@pytest.fixture
def page(visitor) -> Page:
    return visitor(locale="en-GB").new_page()


def test_the_cookie_is_out_of_reach_of_scripts(page, programme):
    sign_in(page, programme.url, "moreau", PASSWORD)
    cookie = session_cookie(page.context)
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert cookie["path"] == "/"
    assert cookie["value"] not in page.evaluate("document.cookie")
    assert cookie["value"] not in page.content()
    assert cookie["expires"] == pytest.approx(time.time() + 4 * 3600, abs=60)


def test_behind_https_the_cookie_is_bound_to_the_host(programme):
    with serving() as connection:
        ticket = sessions.begin(connection, programme.people["gp"], "192.0.2.1")
    reply = answer(
        programme.url,
        "POST",
        "/auth/session",
        Host="reviews.example",
        Origin="https://reviews.example",
        X_Ticket=ticket,
    )
    assert reply.status == 204
    name, *attributes = reply.headers["Set-Cookie"].lower().split("; ")
    assert name.startswith("__host-session=")
    assert {"httponly", "secure", "samesite=strict", "path=/"} <= set(attributes)
    assert not any(attribute.startswith("domain") for attribute in attributes)


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null"])
def test_another_sites_page_cannot_exchange_a_ticket(programme, origin):
    with serving() as connection:
        ticket = sessions.begin(connection, programme.people["gp"], "192.0.2.1")
    headers = {"Origin": origin} if origin else {}
    reply = answer(programme.url, "POST", "/auth/session", X_Ticket=ticket, **headers)
    assert reply.status == 403
    assert "Set-Cookie" not in reply.headers


def test_unknown_user_and_wrong_password_read_the_same(page, programme):
    page.goto(programme.url)
    said = []
    for username, password in (("moreau", "wrong"), ("nobody", PASSWORD)):
        submit_sign_in(page, username, password)
        expect(page.get_by_test_id("stAlert")).to_have_text(REFUSED)
        said.append(page.get_by_test_id("stAlert").inner_text())
        page.reload()
    assert said[0] == said[1]


@pytest.mark.thorough
def test_five_failures_close_the_account_for_a_while(page, programme):
    for _failure in range(4):
        programme.run(
            "INSERT INTO review.sign_in_failure (id, practitioner_id, address)"
            " VALUES (gen_random_uuid(), :id, '192.0.2.1')",
            id=programme.people["lead"],
        )
    page.goto(programme.url)
    for password in ("wrong", PASSWORD):
        submit_sign_in(page, "lead", password)
        expect(page.get_by_test_id("stAlert")).to_have_text(REFUSED)
        page.reload()
    programme.run("UPDATE review.sign_in_failure SET at = now() - interval '15 minutes'")
    submit_sign_in(page, "lead", PASSWORD)
    expect(page.locator(".st-key-person_menu")).to_be_visible()


def test_a_link_to_a_case_is_still_there_after_signing_in_and_after_a_reload(page, programme):
    address = f"{programme.url}/case?episode={programme.case.episode}"
    sign_in(page, address, "moreau", PASSWORD)
    assert page.url == address
    expect(page.locator(FORM)).to_have_count(0)
    page.reload()
    expect(page.locator(".st-key-person_menu")).to_be_visible()
    assert page.url == address


# Staying in


@pytest.mark.parametrize("role", ROLES.values())
def test_another_roles_page_cannot_be_reached_by_its_address(programme, role):
    start = next(entry.address for entry in TABLE if role in entry.start_of)
    with websocket.client(programme.url, cookie=programme.cookie(role)) as client:
        for entry in TABLE:
            if role not in entry.roles:
                answered = websocket.run(client, entry.address)
                assert websocket.page_shown(answered) == start, entry.address


def test_each_role_reaches_its_own_pages(programme):
    for role in ROLES.values():
        with websocket.client(programme.url, cookie=programme.cookie(role)) as client:
            for entry in TABLE:
                if role in entry.roles:
                    answered = websocket.run(client, entry.address)
                    assert websocket.page_shown(answered) == entry.address


def test_a_page_in_use_does_not_idle(moreau, programme):
    programme.run("UPDATE review.sign_in SET last_seen_at = now() - interval '14 minutes'")
    click(moreau)
    expect(moreau.locator(".st-key-person_menu")).to_be_visible()
    eventually(lambda: seconds_since_seen(programme) < 10)


def seconds_since_seen(programme) -> float:
    """Return the seconds since the only sign-in was last in use."""
    [(ago,)] = programme.ask("SELECT now() - last_seen_at FROM review.sign_in")
    return ago.total_seconds()


@pytest.mark.thorough
def test_the_expired_page_shows_the_form_without_a_click_and_comes_back_where_it_was(
    moreau, programme
):
    """Check the page alone; ``test_sessions.py`` has each way in which a sign-in ends."""
    address = f"{programme.url}/case?episode={programme.case.episode}"
    go(moreau, address)
    programme.run("UPDATE review.sign_in SET last_seen_at = now() - interval '15 minutes'")
    expect_form(moreau)
    submit_sign_in(moreau, "moreau", PASSWORD)
    expect(moreau.locator(".st-key-person_menu")).to_be_visible()
    assert moreau.url == address


# Going out


@pytest.mark.thorough
def test_signing_out_ends_both_tabs_and_leaves_nothing_to_the_next_person(moreau, programme):
    other = moreau.context.new_page()
    other.goto(moreau.url)
    expect(other.locator(".st-key-person_menu")).to_be_visible()
    go(moreau, f"{programme.url}/case?episode={programme.case.episode}")
    choose_in_menu(moreau, "Sign out")
    moreau.wait_for_url(f"{programme.url}/")
    expect_form(moreau)
    expect_form(other)
    assert session_cookie(moreau.context) is None
    submit_sign_in(moreau, "lead", PASSWORD)
    expect(moreau.locator(".st-key-person_menu")).to_contain_text("medical lead")
    assert PATIENT not in moreau.content()


@pytest.mark.thorough
def test_a_cookie_copied_before_the_sign_out_is_refused_after(moreau, visitor, programme):
    copied = session_cookie(moreau.context)
    choose_in_menu(moreau, "Sign out")
    expect_form(moreau)
    thief = visitor(locale="en-GB")
    thief.add_cookies([copied])
    page = thief.new_page()
    page.goto(programme.url)
    expect_form(page)
    cookie = f"{copied['name']}={copied['value']}"
    assert answer(programme.url, path="/media/x", Cookie=cookie).status == 401


# Stealing


def test_a_stolen_streamlit_session_is_worth_nothing(programme):
    """Check it because Streamlit gives a live session to any client that names its id."""
    with websocket.client(programme.url, cookie=programme.cookie("psychiatrist")) as victim:
        before = websocket.run(victim, "review-list")
        assert PATIENT in str(before)
        stolen = websocket.session_id(before)
        for cookie in ("", "session=made-up"):
            with (
                pytest.raises(InvalidStatus),
                websocket.client(programme.url, cookie=cookie, session=stolen),
            ):
                pass
        with websocket.client(programme.url, cookie=programme.cookie("gp"), session=stolen) as gp:
            shown = websocket.run(gp, "review-list")
        assert websocket.session_id(shown) != stolen
        assert PATIENT not in str(shown)
        assert PATIENT in str(websocket.run(victim, "review-list"))


def test_the_same_browser_comes_back_to_its_session(programme):
    cookie = programme.cookie("psychiatrist")
    with websocket.client(programme.url, cookie=cookie) as client:
        session = websocket.session_id(websocket.run(client))
    with websocket.client(programme.url, cookie=cookie, session=session) as client:
        assert websocket.session_id(websocket.run(client)) == session


# Two languages, and what goes wrong


@pytest.mark.thorough
def test_the_language_follows_the_browser_and_the_choice_is_remembered(visitor, programme):
    page = visitor(locale="en-GB").new_page()
    page.goto(programme.url)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    sign_in(page, programme.url, "moreau", PASSWORD)
    expect(page.locator("html")).to_have_attribute("lang", "fr")


@pytest.mark.thorough
def test_while_the_database_is_away_the_page_says_so_and_comes_back(moreau, page, programme):
    away = "The database does not answer"
    page.goto(programme.url)
    expect_form(page)
    with programme.database_away():
        click(moreau)
        expect(moreau.get_by_text(away)).to_be_visible()
        submit_sign_in(page, "lead", PASSWORD)
        expect(page.get_by_text(away).first).to_be_visible()
        for path in ("/healthz", "/media/x"):
            assert answer(programme.url, path=path, Cookie="session=any").status == 503
        exchange = {"Origin": programme.url, "X_Ticket": "any"}
        assert answer(programme.url, "POST", "/auth/session", **exchange).status == 503
    expect(moreau.get_by_text(away)).to_have_count(0)
    expect(moreau.locator(".st-key-person_menu")).to_be_visible()
    expect(page.locator(".st-key-person_menu")).to_be_visible()
    assert answer(programme.url, path="/healthz").status == 200


@pytest.mark.thorough
def test_what_is_typed_while_the_database_is_away_is_still_there_when_it_is_back(moreau, programme):
    search = moreau.locator("input[placeholder=Name], input[type=search]").first
    # Without the database it may never be settled, since one run after another waits for it.
    settled(moreau)
    with programme.database_away():
        click(moreau)
        expect(moreau.get_by_text("The database does not answer")).to_be_visible()
        search.fill("Zwing")
        moreau.wait_for_timeout(3_000)
        expect(search).to_have_value("Zwing")
    expect(moreau.get_by_text("The database does not answer")).to_have_count(0)
    expect(search).to_have_value("Zwing")


def test_the_servers_log_names_nobody(programme):
    """Check the log of all tests above."""
    log = programme.server.log.read_text()
    for name in (PATIENT, "moreau", "Psychiatrist", PASSWORD):
        assert name not in log
