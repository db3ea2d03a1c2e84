"""The headers of every answer."""

import re
from pathlib import Path

import pytest
import streamlit

from dashboard.settings import Settings
from dashboard.web.server import security_headers


def rules(policy):
    """Return the policy by directive."""
    return dict(rule.partition(" ")[::2] for rule in policy.split("; "))


def test_streamlits_own_script_may_run_and_no_other_of_a_page():
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text()
    [script] = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    allowed = rules(security_headers.content_security_policy())["script-src"].split()
    assert set(allowed) == {"'self'", "blob:", f"'{security_headers.digest_of(script)}'"}


def test_nothing_is_loaded_from_elsewhere_and_what_is_not_named_is_forbidden():
    policy = rules(security_headers.content_security_policy())
    assert policy["default-src"] == "'none'"
    for name in ("frame-ancestors", "base-uri", "object-src", "form-action"):
        assert policy[name] == "'none'"
    assert not re.search(r"http|\*|unsafe-eval", " ".join(policy.values()))
    assert [name for name, said in policy.items() if "unsafe" in said] == ["style-src"]


@pytest.mark.parametrize(
    ("public_url", "told"),
    [("https://revue.example.fr", True), ("http://revue.example.fr", False), (None, False)],
)
def test_browsers_are_told_to_come_back_by_https_where_they_can(monkeypatch, public_url, told):
    monkeypatch.setattr(security_headers, "settings", lambda: Settings(public_url=public_url))
    headers = security_headers.security_headers()
    assert ("Strict-Transport-Security" in headers) is told
