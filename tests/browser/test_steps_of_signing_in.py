"""The second factor, the page that closes itself, and signing out everywhere, in a real browser."""

import re

import pyotp
import pytest
import requests
from playwright.sync_api import Page, expect
from websockets.exceptions import InvalidStatus

from dashboard.database import administering
from dashboard.web.auth.accounts import reset_password
from tests.browser import websocket
from tests.browser.axe import violations
from tests.browser.conftest import submit_sign_in
from tests.browser.open_tabs import choose_in_menu
from tests.browser.programme import picture
from tests.browser.served_site import PASSWORD, opened, settled, summary
from tests.browser.test_signing_in import answer, expect_form
from tests.web.auth.test_provider import provider

pytestmark = pytest.mark.thorough

__all__ = ["provider"]

GIVEN, CHOSEN = "une girafe au bain", "quatre huîtres sous la pluie"
IN = {"name": re.compile("psychiatrist|nurse|GP")}


@pytest.fixture(scope="module")
def served(registry, open_tabs, tmp_path_factory, provider):
    yield from opened(
        registry,
        open_tabs,
        tmp_path_factory.mktemp("ward"),
        CASE_REVIEW_SECOND_FACTOR_ROLES="psychiatrist",
        CASE_REVIEW_SEALING_KEY="a key of the tests, long enough to seal with",
        CASE_REVIEW_PUBLIC_URL="{url}",
        CASE_REVIEW_OIDC_ISSUER=provider,
        CASE_REVIEW_OIDC_CLIENT_ID="case-review",
        CASE_REVIEW_OIDC_CLIENT_SECRET="not a secret here",  # noqa: S106
    )


@pytest.fixture
def ward(served, visitor):
    served.visitor = visitor
    served.run("DELETE FROM review.sign_in_failure")
    served.run("UPDATE review.sign_in SET ended_at = now() WHERE ended_at IS NULL")
    return served


@pytest.fixture
def page(visitor) -> Page:
    """Return a tab into which axe can be injected."""
    return visitor(locale="en-GB", bypass_csp=True).new_page()


@pytest.fixture
def clocked(ward):
    """Yield a tab of the psychiatrist whose clock can be moved.

    Its context is closed afterwards: the next visitor would find the clock as it was left.
    """
    tab = ward.tab(ward.team.psychiatrist)
    tab.clock.install()
    yield tab
    tab.context.close()


def is_in(page: Page) -> None:
    expect(page.locator(".st-key-person_menu")).to_be_visible()


def give_code(page: Page, code: str) -> None:
    field = page.get_by_role("textbox", name="Code", exact=True)
    field.fill(code)
    field.press("Enter")


def test_the_first_sign_in_then_with_a_code_then_without_the_telephone(ward, page):
    with administering(ward.database.owner_url) as owner:
        reset_password(owner, "moreau", GIVEN, temporary=True)
    case = ward.case()
    address = f"{ward.url}/case?episode={case.episode}"
    page.goto(address)
    submit_sign_in(page, "moreau", GIVEN)

    expect(page.get_by_role("heading", name="Choose a password")).to_be_visible()
    assert violations(page) == []
    picture(page, "sign_in_new_password")
    new, again = page.locator("input[type=password]").all()
    new.fill(CHOSEN)
    again.fill(CHOSEN)
    again.press("Enter")

    expect(page.get_by_role("heading", name="A second factor")).to_be_visible()
    expect(page.get_by_alt_text("QR code")).to_be_visible()
    assert violations(page) == []
    picture(page, "sign_in_enrolment")
    secret = page.get_by_test_id("stCode").inner_text().replace(" ", "").strip()
    page.reload()
    expect(page.get_by_test_id("stCode")).to_contain_text(secret[:4])
    typed = page.get_by_role("textbox", name="Code from the app")
    typed.fill("000000")
    typed.press("Enter")
    expect(page.get_by_text("not the one that the app shows")).to_be_visible()
    typed.fill(pyotp.TOTP(secret).now())
    typed.press("Enter")

    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    assert violations(page) == []
    picture(page, "sign_in_recovery_codes")
    recovery = page.get_by_test_id("stCode").inner_text().split()
    assert len(recovery) == 8
    page.get_by_role("button", name="Go on").click()
    is_in(page)
    expect(summary(page)).to_be_visible()
    assert page.url == address

    choose_in_menu(page, "Sign out")
    expect_form(page)
    submit_sign_in(page, "moreau", CHOSEN)
    expect(page.get_by_role("heading", name="Code from your telephone")).to_be_visible()
    assert violations(page) == []
    picture(page, "sign_in_code")
    token = page.context.cookies()[0]
    half = f"{token['name']}={token['value']}"
    assert answer(ward.url, path="/media/x", Cookie=half).status == 401
    give_code(page, "123456")
    expect(page.get_by_text("This code is not valid")).to_be_visible()
    ward.run("UPDATE review.second_factor SET last_step = 0")
    give_code(page, pyotp.TOTP(secret).now())
    is_in(page)
    assert answer(ward.url, path="/media/x", Cookie=half).status == 401

    choose_in_menu(page, "Sign out")
    expect_form(page)
    for works in (True, False):
        submit_sign_in(page, "moreau", CHOSEN)
        expect(page.get_by_role("heading", name="Code from your telephone")).to_be_visible()
        give_code(page, recovery[0])
        if works:
            is_in(page)
            choose_in_menu(page, "Sign out")
            expect_form(page)
    expect(page.get_by_text("This code is not valid")).to_be_visible()
    page.get_by_role("button", name="Sign in as somebody else").click()
    expect_form(page)


def test_a_page_that_nobody_uses_closes_itself_and_the_draft_is_there_after_signing_in(
    ward, clocked
):
    case, tab = ward.case(), clocked
    ward.open(case, tab)
    summary(tab).fill("Partial response")
    ward.wait_for_draft(case, "Partial response")
    settled(tab)
    ward.run("UPDATE review.sign_in SET last_seen_at = now() - interval '15 minutes'")
    tab.clock.fast_forward("15:10")
    expect_form(tab)
    assert "Zwingelstein" not in tab.content()
    assert tab.url.endswith(f"/case?episode={case.episode}")
    again = ward.open(case, ward.tab(ward.team.psychiatrist, tab.context))
    expect(summary(again)).to_have_value("Partial response")


def test_a_page_somebody_uses_without_a_click_stays_open_and_says_so_once_a_minute(ward, clocked):
    tab = clocked
    ward.open(ward.case(), tab)
    settled(tab)
    said = []
    tab.on("request", lambda one: said.append(one.method) if "/auth/" in one.url else None)
    ward.run("UPDATE review.sign_in SET last_seen_at = now() - interval '14 minutes'")
    tab.clock.fast_forward("01:05")
    with tab.expect_response("**/auth/session"):
        tab.mouse.move(300, 300)
    for place in range(10):
        tab.mouse.move(300 + place, 300)
    [(ago,)] = ward.ask(
        "SELECT extract(epoch FROM now() - last_seen_at) FROM review.sign_in WHERE ended_at IS NULL"
    )
    assert ago < 30
    assert said == ["PUT"]


def test_a_tab_that_lies_open_beside_one_in_use_asks_and_stays(ward, clocked):
    tab = clocked
    ward.open(ward.case(), tab)
    settled(tab)
    with tab.expect_response("**/auth/session") as answered:
        tab.clock.fast_forward("15:10")
    assert answered.value.status == 200
    is_in(tab)


def test_a_page_without_its_server_is_not_left_open(ward, clocked):
    """Check it because without its server the page cannot know whether it may still be seen."""
    tab = clocked
    ward.open(ward.case(), tab)
    settled(tab)
    tab.context.set_offline(True)
    tab.clock.fast_forward("15:10")
    expect(tab.get_by_text("Zwingelstein")).to_have_count(0)


def test_what_a_script_makes_is_no_sign_of_somebody(ward, clocked):
    tab = clocked
    ward.open(ward.case(), tab)
    settled(tab)
    said = []
    tab.on("request", lambda one: said.append(one.method) if "/auth/" in one.url else None)
    tab.clock.fast_forward("02:00")
    tab.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', { key: 'a' }))")
    tab.wait_for_timeout(500)
    assert said == []


@pytest.mark.parametrize(("method", "origin"), [("PUT", "https://evil.example"), ("PUT", None)])
def test_another_sites_page_keeps_nobody_signed_in(ward, method, origin):
    headers = {"Origin": origin} if origin else {}
    assert answer(ward.url, method, "/auth/session", **headers).status == 403


def test_signing_out_everywhere_ends_every_machine(ward):
    here, there = (ward.tab(ward.team.nurse) for _machine in range(2))
    colleague = ward.tab(ward.team.gp)
    for tab in (here, there, colleague):
        tab.goto(ward.url)
        is_in(tab)
        settled(tab)
    choose_in_menu(here, "Sign out everywhere")
    expect_form(here)
    there.locator("body").press("r")
    expect_form(there)
    colleague.locator("body").press("r")
    settled(colleague)
    is_in(colleague)


def test_the_account_in_both_themes(ward, visitor):
    tab = ward.tab(ward.team.nurse, visitor(locale="en-GB", bypass_csp=True))
    tab.goto(ward.url)
    is_in(tab)
    choose_in_menu(tab, "Your account")
    expect(tab.get_by_role("heading", name="Second factor")).to_be_visible()
    tab.get_by_text("Set up a second factor").click()
    expect(tab.get_by_alt_text("QR code")).to_be_visible()
    assert violations(tab) == []
    picture(tab, "account")


def test_a_stolen_streamlit_session_is_worth_nothing_to_whoever_has_half_a_sign_in(ward):
    """Check it for a thief who knows the person's password but not the code, too."""
    case = ward.case()
    whole, half, anothers = (
        ward.token(ward.team.psychiatrist),
        ward.token(ward.team.psychiatrist, awaits="code"),
        ward.token(ward.team.nurse, awaits="enrolment"),
    )
    page, query = "case", f"episode={case.episode}"
    with websocket.client(ward.url, cookie=f"session={whole}") as victim:
        before = websocket.run(victim, page, query)
        assert "Zwingelstein" in str(before)
        stolen = websocket.session_id(before)
        for token in (half, anothers):
            assert refused(ward, f"session={token}", stolen, query)
        assert "Zwingelstein" in str(websocket.run(victim, page, query))
    # And when the victim has closed the page, while Streamlit still keeps its session.
    for cookie in ("", f"session={half}"):
        assert refused(ward, cookie, stolen, query)


def refused(ward, cookie, session, query):
    """Return whether no connection is made for this session of another person."""
    try:
        with websocket.client(ward.url, cookie=cookie, session=session) as thief:
            shown = websocket.run(thief, "case", query)
    except InvalidStatus as refusal:
        return refusal.response.status_code == 403
    return websocket.session_id(shown) != session and "Zwingelstein" not in str(shown)


def test_whoever_signs_in_at_the_provider_comes_back_to_the_case(ward, page, provider):
    """Check the way to the provider and back, with the cookies as a browser keeps them."""
    ward.run("UPDATE registry.practitioner SET rpps = NULL")
    rpps = "99700218896"
    ward.run(
        "UPDATE registry.practitioner SET rpps = :rpps WHERE id = :id",
        rpps=rpps,
        id=ward.team.nurse,
    )
    named = {"SubjectNameID": f"8{rpps}"}
    requests.put(f"{provider}/users/roux", json=named, timeout=5).raise_for_status()
    address = f"{ward.url}/case?episode={ward.case().episode}"
    page.goto(address)
    expect(page.get_by_role("button", name="Sign in with Pro Santé Connect")).to_be_visible()
    assert violations(page) == []
    picture(page, "sign_in_provider")
    page.get_by_role("button", name="Sign in with Pro Santé Connect").click()
    page.locator("input[name=sub]").fill("roux")
    page.get_by_role("button", name="Authorize").click()
    is_in(page)
    assert page.url == address
    [cookie] = [one for one in page.context.cookies() if one["name"] == "session"]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    page.reload()
    is_in(page)


def test_the_password_is_asked_for_first_whatever_comes_after(ward, page):
    page.goto(ward.url)
    submit_sign_in(page, "moreau", PASSWORD + " not")
    expect(page.get_by_text("Signing in was refused")).to_be_visible()
    expect(page.get_by_role("textbox", name="Code", exact=True)).to_have_count(0)
