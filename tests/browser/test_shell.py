"""The shell around the pages, in a real browser: what it forbids, and that nothing leaks."""

import json
import re
import urllib.request
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, expect
from websockets.exceptions import ConnectionClosed

from dashboard.calendar import today
from dashboard.database.schema import registry as tables
from dashboard.web.auth import sessions
from dashboard.web.server.serving import LONGEST_MESSAGE
from tests.browser import websocket
from tests.browser.conftest import violations_in
from tests.browser.open_tabs import at_rest
from tests.browser.programme import chart_height, eventually, rows_shown
from tests.browser.served_site import (
    button,
    go,
    opened,
    preview,
    settled,
    sign_and_send,
    summary,
    write,
)
from tests.browser.test_signing_in import answer
from tests.support.factories import at

pytestmark = pytest.mark.thorough

FAMILY_NAME, GIVEN_NAME, SAID = "Zwingelstein", "Camille", "Zaubernote"


@pytest.fixture(scope="module")
def served(registry, open_tabs, tmp_path_factory):
    yield from opened(registry, open_tabs, tmp_path_factory.mktemp("ward"))


@pytest.fixture
def ward(served, visitor):
    served.visitor = visitor
    served.run("UPDATE registry.episode SET status = 'closed', closed_on = enrolled_on")
    return served


@pytest.fixture
def case(ward):
    """Return a patient with scores to plot and a note to list."""
    case = ward.case(FAMILY_NAME)
    ward.database.assessment(case.patient, "phq9", today(), 18)
    ward.database.add(
        tables.contact,
        patient_id=case.patient,
        practitioner_id=ward.team.nurse,
        happened_at=at(today(), 0, 1),
        kind="phone",
        attended=True,
        note=SAID,
    )
    return case


@pytest.fixture
def asked():
    """Return the list of addresses requested and titles shown by a browser."""
    return []


def watched(page: Page, asked: list[str]) -> Page:
    page.on("request", lambda request: asked.append(unquote(request.url)))
    page.on("load", lambda page: asked.append(page.title()))
    return page


@pytest.mark.thorough
def test_a_review_is_written_signed_and_answered_within_the_policy(ward, case, visitor, asked):
    """Lists, charts, tabs, the text field, dialogs, a letter, a download: ``visitor`` sees to it
    that none of them asks for anything that the policy forbids."""
    page = watched(ward.tab(), asked)
    page.goto(f"{ward.url}/review-list")
    expect(rows_shown(page)).to_have_count(1)
    page = ward.open(case, page)
    eventually(lambda: chart_height(page) > 100)
    at_rest(page)
    page.get_by_role("tab", name="Contacts").click()
    expect(page.get_by_test_id("stTable").last).to_be_visible()
    write(page, SAID)
    preview(page)
    button(page, "Show the letter").click()
    expect(page.get_by_role("dialog").get_by_text("Page 1 of")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    sign_and_send(page)
    settled(page)
    asked.append(page.title())

    nurse = watched(ward.tab(ward.team.nurse, visitor(locale="en-GB")), asked)
    for address in ("inbox", "prepare", "meeting", "follow-up", "cover", "emergency", "account"):
        go(nurse, f"{ward.url}/{address}")
        asked.append(nurse.title())

    told = "\n".join(asked) + (ward.folder / "log").read_text()
    assert not [word for word in (FAMILY_NAME, GIVEN_NAME, SAID) if word in told]
    elsewhere = [one for one in asked if "://" in one and not one.startswith((ward.url, "blob:"))]
    assert elsewhere == []


def test_what_a_page_must_not_do_is_stopped_and_seen(ward, chromium):
    """Check that an injection into the page can run no script and fetch nothing from outside."""
    context = chromium.new_context()
    page = context.new_page()
    forbidden: list[str] = []
    page.on("console", lambda message: forbidden.extend(violations_in(message.text)))
    page.goto(ward.url)
    expect(page.locator("input[type=password]")).to_be_visible()
    stopped = page.evaluate(
        """async () => {
          const stopped = []
          document.addEventListener(
            "securitypolicyviolation", (event) => stopped.push(event.effectiveDirective))
          const add = (html) => document.body.append(
            document.createRange().createContextualFragment(html))
          add("<script>document.title = 'gone'</script>")
          add("<img src='https://elsewhere.example/x.png'>")
          add("<iframe src='/case'></iframe>")
          add("<a id=x href='javascript:document.title = 2'>x</a>")
          add("<button id=y onclick='document.title = 3'>y</button>")
          document.getElementById("x").click()
          document.getElementById("y").click()
          fetch("https://elsewhere.example/").catch(() => {})
          await new Promise((done) => setTimeout(done, 1000))
          return stopped
        }"""
    )
    expected = {"script-src-elem", "script-src-attr", "img-src", "frame-src", "connect-src"}
    assert expected <= set(stopped)
    assert page.title() not in ("gone", "2", "3")
    assert forbidden
    context.close()


def test_closed_paths_are_closed_for_whoever_is_signed_in_too(ward):
    cookie = f"{sessions.PLAIN_COOKIE}={ward.token(ward.team.psychiatrist)}"
    for method, path in [
        ("GET", "/_stcore/metrics"),
        ("GET", "/_stcore/agent/openapi.json"),
        ("POST", "/_stcore/agent/interact"),
        ("PUT", "/_stcore/upload_file/session/file"),
        ("GET", "/component/extra_streamlit_components.CookieManager/index.html"),
        ("GET", "/auth/login"),
        ("GET", "/docs"),
        ("GET", "/openapi.json"),
        ("TRACE", "/_stcore/trace"),
    ]:
        reply = answer(ward.url, method, path, Cookie=cookie)
        # Streamlit answers unknown paths with its empty page.
        page = reply.headers["Content-Type"] == "text/html; charset=utf-8"
        assert reply.status == 404 or (page and not path.startswith("/_stcore")), path
        assert "Set-Cookie" not in reply.headers
    assert answer(ward.url, "TRACE", "/", Cookie=cookie).status == 405


def test_each_answer_says_what_it_is_and_lists_no_folder(ward):
    [script] = re.findall(r'src="\./(static/js/index\.\w+\.js)"', body(ward, "/"))
    for path, kind in [
        ("/", "text/html; charset=utf-8"),
        ("/case", "text/html; charset=utf-8"),
        ("/answer/x", "text/html; charset=utf-8"),
        ("/healthz", "text/plain; charset=utf-8"),
        ("/_stcore/health", "text/plain; charset=utf-8"),
        ("/_stcore/host-config", "application/json"),
        (f"/{script}", "application/javascript"),
    ]:
        assert answer(ward.url, path=path).headers["Content-Type"] == kind, path
    for folder in ("/static/", "/static/js/", "/app/static/", "/app/static/fonts/"):
        assert answer(ward.url, path=folder).status == 404 or body(ward, folder) == body(ward, "/")


def test_a_message_that_is_none_or_too_long_ends_that_connection_alone(ward):
    for sent in (b"\xff" * 100, SAID.encode(), b"\n" * (LONGEST_MESSAGE + 1), SAID):
        with pytest.raises(ConnectionClosed):
            exchange(ward, sent)
    with websocket.client(ward.url) as other:
        assert "language_choice" in str(websocket.run(other))
    assert SAID not in (ward.folder / "log").read_text()


def test_no_window_of_another_site_gives_orders(ward):
    reply = body(ward, "/_stcore/host-config")
    assert json.loads(reply)["allowedOrigins"] == []
    foreign = answer(ward.url, path="/_stcore/host-config", Origin="http://localhost:3000")
    assert not [name for name in foreign.headers if name.lower().startswith("access-control")]


def exchange(ward, sent):
    with websocket.client(ward.url) as stranger:
        stranger.send(sent)
        stranger.recv(20)


def body(ward, path):
    with urllib.request.urlopen(f"{ward.url}{path}") as reply:  # noqa: S310
        return reply.read().decode()


@pytest.mark.incident
def test_an_error_of_a_page_is_a_number_on_the_page_and_a_place_in_the_log(ward, case):
    ward.run("REVOKE SELECT ON review.preparation FROM case_review_app")
    try:
        page = ward.tab()
        page.goto(f"{ward.url}/case?episode={case.episode}")
        alert = page.get_by_text("report incident")
        expect(alert).to_be_visible()
        shown = page.get_by_test_id("stMain").inner_text()
    finally:
        ward.run("GRANT SELECT ON review.preparation TO case_review_app")
    log = (ward.folder / "log").read_text()
    number = re.search(r"incident (\w{8})", shown)[1]
    assert re.search(rf"^\d{{4}}-\d\d-\d\dT\S+ ERROR Incident {number}: ", log, re.MULTILINE)
    assert "InsufficientPrivilege" in log
    assert not [
        word for word in ("psycopg", "SELECT", "Insufficient", "Traceback") if word in shown
    ]
    assert not [word for word in (FAMILY_NAME, GIVEN_NAME, SAID) if word in log]
    page.reload()
    expect(summary(page)).to_be_visible()
