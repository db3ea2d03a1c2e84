"""Signing in at an identity provider that runs as a process of its own, and lies.

For any error no one is signed in, the page is the same, and the log has the reason.
"""

import base64
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.database import serving
from dashboard.settings import Settings, settings
from dashboard.web.auth import encryption, sessions
from dashboard.web.auth.provider import (
    ALGORITHMS,
    Refused,
    configured_provider,
    rpps_in,
    wrong_with_provider,
)
from dashboard.web.server import provider_routes
from dashboard.web.server.provider_routes import own_address
from tests.browser.conftest import free_port
from tests.support.repository import ROOT
from tests.web.auth.test_second_factor import KEY

RPPS = "99700218896"
US = "http://localhost:8501"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """Yield the address of the provider."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.lying_provider", str(port)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://localhost:{port}"
    deadline = time.monotonic() + 30
    while True:
        try:
            requests.get(address, timeout=1)
            break
        except requests.ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    yield address
    process.kill()
    process.wait()


@dataclass
class Browser:
    """A browser between the two, and what it has seen."""

    provider: str
    pages: TestClient

    def lies(self, **lie: object) -> None:
        requests.put(f"{self.provider}/lie", json=lie, timeout=5).raise_for_status()

    def leave(self, back: str = "/case?episode=7") -> str:
        """Return the address to which the pages redirect."""
        sent = self.pages.get("/auth/provider", params={"back": back})
        assert sent.status_code == 303
        return sent.headers["Location"]

    def prove(self, address: str, who: str = "person") -> str:
        """Say there who one is; to where the provider sends it back, within the pages."""
        sent = requests.post(address, data={"sub": who}, allow_redirects=False, timeout=5)
        assert sent.status_code == 302, sent.text
        return sent.headers["Location"].removeprefix(US)

    def sign_in(self, **lie: object):
        self.lies(**lie)
        return self.pages.get(self.prove(self.leave()))

    def token(self) -> str | None:
        return self.pages.cookies.get(sessions.PLAIN_COOKIE)


@pytest.fixture
def browser(people, run_as_owner, provider, monkeypatch) -> Browser:
    run_as_owner(
        "UPDATE registry.practitioner SET rpps = :rpps WHERE id = :id",
        rpps=RPPS,
        id=people.team.psychiatrist,
    )
    monkeypatch.setattr(encryption, "_key", KEY)
    for name, value in configuration(provider).items():
        monkeypatch.setattr(settings(), name, value)
    said = {"SubjectNameID": f"8{RPPS}", "family_name": "Moreau"}
    requests.put(f"{provider}/users/person", json=said, timeout=5).raise_for_status()
    pages = TestClient(
        Starlette(routes=provider_routes.routes), base_url=US, follow_redirects=False
    )
    return Browser(provider, pages)


def configuration(provider: str) -> dict[str, object]:
    made = Settings(
        oidc_issuer=provider,
        oidc_client_id="case-review",
        oidc_client_secret="not a secret here",  # noqa: S106
        public_url=US,
        sealing_key=KEY,
    )
    names = ("oidc_issuer", "oidc_client_id", "oidc_client_secret", "public_url", "sealing_key")
    return {name: getattr(made, name) for name in names}


def reasons(run_as_owner) -> list[str]:
    rows = run_as_owner(
        "SELECT detail->>'reason' FROM review.access_log"
        " WHERE action = 'sign_in_refused' ORDER BY at"
    )
    return [row[0] for row in rows]


def test_whoever_the_provider_names_is_signed_in_where_they_came_from(browser, people):
    answer = browser.sign_in()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/case?episode=7")
    with serving() as connection:
        person = sessions.holder(connection, browser.token())
    assert person.practitioner_id == people.team.psychiatrist
    cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("session"))
    assert {"httponly", "samesite=strict", "path=/"} <= set(cookie.lower().split("; "))
    assert "provider" not in browser.pages.cookies


def test_what_is_asked_of_the_provider(browser):
    browser.sign_in()
    asked = requests.get(f"{browser.provider}/asked", timeout=5).json()
    assert asked["acr_values"] == "eidas1"
    assert asked["scope"] == "openid scope_all"
    assert asked["prompt"] == "login"
    assert asked["max_age"] == "600"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{US}/auth/provider/callback"
    assert min(map(len, (asked["state"], asked["nonce"], asked["code_challenge"]))) >= 43


def test_signing_in_there_is_on_the_log_and_asks_for_no_other_code(browser, people, run_as_owner):
    browser.sign_in()
    [(who, detail)] = run_as_owner(
        "SELECT practitioner_id, detail FROM review.access_log WHERE action = 'sign_in'"
    )
    assert who == people.team.psychiatrist
    assert detail["steps"] == ["provider"]


LIES = [
    ("another issuer", {"claims": {"iss": "https://evil.example"}}, "issuer"),
    ("for another program", {"claims": {"aud": "another"}}, "audience"),
    ("for several, and not for us", {"claims": {"aud": ["case-review", "another"]}}, "party"),
    ("by another party", {"claims": {"azp": "another"}}, "party"),
    ("for nobody", {"claims": {"aud": None}}, "audience"),
    ("an answer to another question", {"claims": {"nonce": "another"}}, "nonce"),
    ("an answer to no question", {"claims": {"nonce": None}}, "nonce"),
    ("known less surely", {"claims": {"acr": "eidas0"}}, "acr"),
    ("known more surely than asked", {"claims": {"acr": "eidas2"}}, "acr"),
    ("nothing said of how surely", {"claims": {"acr": None}}, "acr"),
    ("expired", {"shifted": {"exp": -61}}, "expired"),
    ("for ever", {"claims": {"exp": None}}, "expired"),
    ("when it expires is a word", {"claims": {"exp": "tomorrow"}}, "expired"),
    ("made long ago", {"shifted": {"iat": -3600}}, "age"),
    ("made in the future", {"shifted": {"iat": 300}}, "age"),
    ("not valid yet", {"shifted": {"nbf": 300}}, "not_yet"),
    ("proved this morning", {"shifted": {"auth_time": -4 * 3600}}, "long_ago"),
    ("proved in the future", {"shifted": {"auth_time": 300}}, "long_ago"),
    ("nothing said of when it was proved", {"claims": {"auth_time": None}}, "long_ago"),
    ("proved at a time that is a word", {"claims": {"auth_time": "today"}}, "long_ago"),
    ("made at a time that is true", {"claims": {"iat": True}}, "age"),
    ("known in several ways", {"claims": {"acr": ["eidas1", "eidas0"]}}, "acr"),
    ("issued by several", {"claims": {"iss": ["https://evil.example"]}}, "issuer"),
    ("an answer to several questions", {"claims": {"nonce": ["another"]}}, "nonce"),
    ("nobody in particular", {"claims": {"sub": ""}}, "subject"),
    ("not signed", {"alg": "none"}, "signature"),
    ("signed with what everybody knows", {"alg": "HS256"}, "signature"),
    ("signed by somebody else", {"alg": "another key"}, "signature"),
    ("altered after it was signed", {"alg": "altered"}, "signature"),
    ("an algorithm that was not agreed", {"alg": "RS512"}, "signature"),
    ("somebody else at userinfo", {"userinfo": {"sub": "another"}}, "userinfo"),
    ("no name", {"userinfo": {"SubjectNameID": None}}, "name"),
    ("an ADELI number", {"userinfo": {"SubjectNameID": "0123456789"}}, "name"),
    ("two names", {"userinfo": {"SubjectNameID": [f"8{RPPS}", "899700000000"]}}, "name"),
    ("an unknown RPPS number", {"userinfo": {"SubjectNameID": "899700000000"}}, "unknown"),
]


def test_a_lie_signs_nobody_in(browser, run_as_owner, subtests):
    for title, lie, reason in LIES:
        with subtests.test(title):
            run_as_owner("DELETE FROM review.sign_in_failure")
            before = len(reasons(run_as_owner))
            refused_calmly(browser, browser.sign_in(**lie))
            assert reasons(run_as_owner)[before:] == [f"provider_{reason}"]


def refused_calmly(browser: Browser, answer) -> None:
    assert answer.status_code == 403
    assert browser.token() is None
    shown = re.sub("<style>.*</style>", "", answer.text, flags=re.DOTALL)
    assert "Connexion refusée" in shown
    assert not re.search("issuer|nonce|token|acr|eidas|RPPS|Traceback", shown)


@pytest.mark.parametrize(
    ("title", "change", "reason"),
    [
        ("left", "UPDATE registry.practitioner SET active = false", "closed"),
        ("locked", "UPDATE review.account SET locked_at = now()", "closed"),
        ("without an account", "DELETE FROM review.account", "unknown"),
        ("twice", "UPDATE registry.practitioner SET rpps = '" + RPPS + "'", "ambiguous"),
    ],
)
def test_whoever_may_not_sign_in_here_does_not_there(browser, run_as_owner, title, change, reason):
    run_as_owner(change)
    refused_calmly(browser, browser.sign_in())
    assert reasons(run_as_owner) == [f"provider_{reason}"]


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "http://evil.example/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_description_that_is_not_the_providers_sends_nobody_anywhere(browser, metadata):
    browser.lies(metadata=metadata)
    refused_calmly(browser, browser.pages.get("/auth/provider"))


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/.well-known/openid-configuration", "redirect"),
        ("/oauth2/token", "away"),
        ("/jwks", "redirect"),
        ("/userinfo", "redirect"),
    ],
)
def test_no_answer_sends_this_program_elsewhere(browser, run_as_owner, path, reason):
    browser.lies()
    back = browser.prove(browser.leave())
    browser.lies(redirected=path)
    refused_calmly(browser, browser.pages.get(back))
    assert reasons(run_as_owner) == [f"provider_{reason}"]


@pytest.mark.parametrize("name", ["token_endpoint", "jwks_uri", "userinfo_endpoint"])
def test_no_secret_goes_where_somebody_could_listen(browser, run_as_owner, name):
    browser.lies()
    back = browser.prove(browser.leave())
    browser.lies(metadata={name: "http://evil.example/"})
    refused_calmly(browser, browser.pages.get(back))
    assert reasons(run_as_owner) == ["provider_address"]


def test_a_code_is_good_for_the_browser_that_asked_alone(browser, run_as_owner):
    """Check it because one could otherwise sign a colleague in as oneself, or the reverse."""
    browser.lies()
    back = browser.prove(browser.leave())
    browser.pages.cookies.clear()
    refused_calmly(browser, browser.pages.get(back))
    browser.leave()
    refused_calmly(browser, browser.pages.get(back))
    assert reasons(run_as_owner) == ["provider_cookie", "provider_state"]


def test_a_state_of_any_letters_is_refused_and_counts(browser, run_as_owner):
    browser.leave()
    for state in ("é", "%ff", "%00", "漢字"):
        answer = browser.pages.get(f"/auth/provider/callback?code=x&state={state}")
        refused_calmly(browser, answer)
        browser.leave()
    assert reasons(run_as_owner) == ["provider_state"] * 4
    assert run_as_owner("SELECT count(*) FROM review.sign_in_failure") == [(4,)]


def test_signing_in_ends_the_sign_in_that_the_browser_had(browser, people):
    before = people.token()
    browser.pages.cookies.set(sessions.PLAIN_COOKIE, before)
    assert browser.sign_in().status_code == 303
    with serving() as connection:
        assert sessions.holder(connection, before) is None


def test_an_answer_works_once(browser):
    browser.lies()
    back = browser.prove(browser.leave())
    kept = browser.pages.cookies["provider"]
    assert browser.pages.get(back).status_code == 303
    browser.pages.cookies.clear()
    browser.pages.cookies.set("provider", kept)
    refused_calmly(browser, browser.pages.get(back))


def test_an_answer_that_comes_too_late_is_refused(browser, run_as_owner, monkeypatch):
    browser.lies()
    back = browser.prove(browser.leave())
    monkeypatch.setattr(provider_routes, "MINUTES_TO_COME_BACK", -1)
    refused_calmly(browser, browser.pages.get(back))
    assert reasons(run_as_owner) == ["provider_too_late"]


def test_a_cookie_that_was_made_up_or_altered_is_refused(browser, run_as_owner):
    browser.lies()
    back = browser.prove(browser.leave())
    sealed = bytearray(base64.urlsafe_b64decode(browser.pages.cookies["provider"]))
    sealed[20] ^= 1
    for cookie in ("made-up", base64.urlsafe_b64encode(sealed).decode()):
        browser.pages.cookies.clear()
        browser.pages.cookies.set("provider", cookie)
        refused_calmly(browser, browser.pages.get(back))
    assert reasons(run_as_owner) == ["provider_cookie"] * 2


def test_whoever_says_no_at_the_provider_comes_back_to_a_calm_page(browser, run_as_owner):
    state = re.search("state=([^&]+)", browser.leave())[1]
    answer = browser.pages.get(f"/auth/provider/callback?error=access_denied&state={state}")
    refused_calmly(browser, answer)
    assert reasons(run_as_owner) == ["provider_error"]


def test_a_provider_that_is_away_is_no_error(browser, monkeypatch):
    monkeypatch.setattr(settings(), "oidc_issuer", f"http://localhost:{free_port()}")
    refused_calmly(browser, browser.pages.get("/auth/provider"))


def test_a_provider_that_is_away_delays_no_password_at_the_same_address(
    browser, run_as_owner, monkeypatch
):
    back = browser.prove(browser.leave())
    monkeypatch.setattr(settings(), "oidc_issuer", f"http://localhost:{free_port()}")
    browser.pages.get(back)
    browser.pages.get("/auth/provider")
    assert reasons(run_as_owner) == ["provider_away"] * 2
    assert run_as_owner("SELECT count(*) FROM review.sign_in_failure") == [(0,)]


def test_after_many_lies_an_address_waits(browser, run_as_owner):
    run_as_owner(
        "INSERT INTO review.sign_in_failure (id, address)"
        " SELECT gen_random_uuid(), 'testclient' FROM generate_series(1, 20)"
    )
    refused_calmly(browser, browser.sign_in())


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("/case?episode=7", "/case?episode=7"),
        ("", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\r\nSet-Cookie: x=y", "/"),
        ("javascript:alert(1)", "/"),
        ("/auth/provider", "/"),
        ("/" + "x" * 500, "/"),
    ],
)
def test_nobody_is_sent_elsewhere_afterwards(asked, given):
    assert own_address(asked) == given


@pytest.mark.parametrize(
    ("name", "rpps"),
    [(f"8{RPPS}", RPPS), (RPPS, RPPS), (f"0{RPPS}", None), ("8" * 13, None), (f"8{RPPS}\n", None)],
)
def test_which_rpps_number_a_name_holds(name, rpps):
    if rpps is None:
        with pytest.raises(Refused):
            rpps_in(name)
    else:
        assert rpps_in(name) == rpps


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"oidc_client_secret": None}, "CASE_REVIEW_OIDC_CLIENT_SECRET"),
        ({"public_url": None, "sealing_key": None}, "CASE_REVIEW_PUBLIC_URL, CASE_REVIEW_SEALING"),
        ({"oidc_issuer": "http://provider.example"}, "must begin with https://"),
        ({"oidc_discovery_url": "http://provider.example/x"}, "must begin with https://"),
    ],
)
def test_half_a_configuration_is_said(changed, said):
    made = Settings(**configuration("https://provider.example") | changed)
    assert said in wrong_with_provider(made)
    assert configured_provider(made) is None


def test_without_a_provider_there_is_no_way_to_one(people):
    pages = TestClient(Starlette(routes=provider_routes.routes))
    for address in ("/auth/provider", "/auth/provider/callback"):
        assert pages.get(address).status_code == 404


def test_no_algorithm_has_one_key_or_none():
    assert all(re.match("[RPE]S", one) for one in ALGORITHMS)
