"""What stands before Streamlit."""

import base64
import hashlib
from pathlib import Path

import pytest
import streamlit

from dashboard.web import gate
from dashboard.web.sessions import PLAIN_COOKIE, SECURE_COOKIE, hash_of


@pytest.fixture(autouse=True)
def drawn_session(monkeypatch):
    """A Streamlit session that was last drawn for the holder of a token."""
    monkeypatch.setattr(gate, "_owner_of_session", {"drawn": hash_of("token")})


def handshake(protocols, cookie=None):
    headers = [(b"host", b"reviews.example"), (b"sec-websocket-protocol", protocols.encode())]
    if cookie:
        headers.append((b"cookie", cookie.encode()))
    return {"type": "websocket", "path": "/_stcore/stream", "headers": headers}


def session_asked_for(scope):
    protocols = dict(scope["headers"])[b"sec-websocket-protocol"].decode().split(",")
    return protocols[2].strip() if len(protocols) > 2 else None


@pytest.mark.parametrize(
    ("title", "cookie", "session", "given"),
    [
        ("the same browser comes back", f"{PLAIN_COOKIE}=token", "drawn", "drawn"),
        ("the same, over https", f"{SECURE_COOKIE}=token", "drawn", "drawn"),
        ("a thief with no cookie", None, "drawn", None),
        ("a thief with a cookie of her own", f"{PLAIN_COOKIE}=other", "drawn", None),
        ("signed in again meanwhile", f"{PLAIN_COOKIE}=newer", "drawn", None),
        ("a session that showed the form", f"{PLAIN_COOKIE}=token", "form", None),
        ("a session of nobody's, without cookie", None, "form", None),
    ],
)
def test_a_session_is_given_to_the_cookie_that_it_was_drawn_for(title, cookie, session, given):
    scope = handshake(f"streamlit, xsrf, {session}", cookie)
    assert session_asked_for(gate.without_foreign_session(scope)) == given


@pytest.mark.parametrize("protocols", ["streamlit", "streamlit, xsrf", "streamlit,,"])
def test_a_first_connection_goes_through_as_it_is(protocols):
    scope = handshake(protocols)
    passed = gate.without_foreign_session(scope)
    assert dict(passed["headers"])[b"sec-websocket-protocol"].decode().startswith("streamlit")
    assert not session_asked_for(passed)


def test_the_policy_allows_streamlits_own_script_and_no_other():
    policy = gate.content_security_policy()
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text()
    script = page.partition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy
    scripts = next(rule for rule in policy.split("; ") if rule.startswith("script-src"))
    assert "unsafe" not in scripts
    assert "http" not in policy
