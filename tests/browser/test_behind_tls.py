"""The server behind a reverse proxy that speaks TLS: cookies, client addresses, HTTP rules."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from dashboard.web.auth import sessions
from tests.browser.conftest import free_port, submit_sign_in
from tests.browser.open_tabs import choose_in_menu
from tests.browser.programme import eventually
from tests.browser.served_site import PASSWORD, opened
from tests.browser.test_signing_in import answer
from tests.browser.tls_proxy import CLIENT, tls_proxy

pytestmark = pytest.mark.thorough

SPOOFED = "198.51.100.1"


@pytest.fixture(scope="module")
def secure_port():
    return free_port()


@pytest.fixture(scope="module")
def ward(registry, open_tabs, tmp_path_factory, secure_port):
    folder = tmp_path_factory.mktemp("ward")
    settings = {
        "CASE_REVIEW_PUBLIC_URL": f"https://127.0.0.1:{secure_port}",
        "CASE_REVIEW_TRUSTED_PROXIES": "127.0.0.1",
        "CASE_REVIEW_LINK_KEY": "a key of the tests, long enough to sign",
    }
    for ward in opened(registry, open_tabs, folder, **settings):
        with tls_proxy(secure_port, ward.port, folder):
            yield ward


@pytest.fixture
def address(secure_port):
    return f"https://127.0.0.1:{secure_port}"


def test_whoever_signs_in_gets_a_cookie_for_this_host_alone(ward, address, visitor):
    context = visitor(
        locale="en-GB", ignore_https_errors=True, extra_http_headers={"X-Forwarded-For": SPOOFED}
    )
    page = context.new_page()
    reply = page.goto(address)
    assert reply.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    submit_sign_in(page, "moreau", PASSWORD)
    expect(page.locator(".st-key-person_menu")).to_be_visible()
    cookies = {cookie["name"]: cookie for cookie in context.cookies()}
    assert list(cookies) == [sessions.SECURE_COOKIE]
    cookie = cookies[sessions.SECURE_COOKIE]
    assert cookie["secure"]
    assert cookie["httpOnly"]
    assert (cookie["sameSite"], cookie["path"]) == ("Strict", "/")
    assert cookie["domain"] == "127.0.0.1"
    [[seen]] = ward.ask("SELECT address FROM review.sign_in ORDER BY created_at DESC LIMIT 1")
    assert seen == CLIENT

    choose_in_menu(page, "Français")
    expect(page.get_by_text("psychiatre")).to_be_visible()
    eventually(lambda: len(context.cookies()) == 2)
    language = next(one for one in context.cookies() if one["name"] != sessions.SECURE_COOKIE)
    assert (language["name"], language["value"]) == ("__Host-language", "fr")
    assert language["secure"]
    assert language["sameSite"] == "Strict"
    page.reload()
    expect(page.get_by_text("psychiatre")).to_be_visible()


@pytest.mark.parametrize(
    ("said", "believed"),
    [
        (CLIENT, CLIENT),
        (f"{SPOOFED}, {CLIENT}", CLIENT),
        (f"{CLIENT}, 127.0.0.1", CLIENT),
        (None, "127.0.0.1"),
    ],
)
def test_a_trusted_proxy_says_from_where_somebody_comes(ward, said, believed):
    headers = {"X_Forwarded_For": said} if said else {}
    assert answer(ward.url, path="/answer/forged", **headers).status == 404
    assert latest_address(ward) == believed


def test_nobody_else_is_believed(ward, registry, tmp_path_factory):
    settings = {"CASE_REVIEW_LINK_KEY": ward.settings["CASE_REVIEW_LINK_KEY"]}
    alone = replace(
        ward, port=free_port(), folder=tmp_path_factory.mktemp("alone"), settings=settings
    )
    alone.start()
    try:
        reply = answer(alone.url, path="/answer/forged", X_Forwarded_For=SPOOFED)
        assert reply.status == 404
        assert "Strict-Transport-Security" not in reply.headers
        assert latest_address(alone) == "127.0.0.1"
    finally:
        alone.stop()


def latest_address(ward):
    [[address]] = ward.ask(
        "SELECT address FROM review.access_log WHERE action = 'answer_link_forged'"
        " ORDER BY at DESC LIMIT 1"
    )
    return address
