"""The page without scripts: its policy allows its own stylesheet and nothing else."""

import re

import pytest

from dashboard.web.server import security_headers
from dashboard.web.server.plain_page import plain_page
from tests.web.server.test_security_headers import rules

PAGES = {
    "sentences": plain_page("Title", ["Said"], 200),
    "an invitation": plain_page("Title", ["Said"], 200, "invitation.html", button="Begin"),
    "questions": plain_page(
        "Title", ["Said"], 422, "answer.html", lines=[], words={"send": "Send"}
    ),
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_without_scripts_has_a_policy_of_its_own(page):
    policy = rules(page.headers["Content-Security-Policy"])
    [style] = re.findall(r"<style>(.*?)</style>", page.body.decode(), re.DOTALL)
    assert policy["style-src"] == f"'{security_headers.digest_of(style)}'"
    assert "script-src" not in policy
    assert policy["default-src"] == "'none'"


def test_only_a_form_has_a_button():
    buttons = {name: page.body.decode().count("<button") for name, page in PAGES.items()}
    assert buttons == {"sentences": 0, "an invitation": 1, "questions": 1}


def test_a_sentence_with_markup_is_shown_as_typed():
    page = plain_page("Title", ["<b>Said</b>"], 200)
    assert "&lt;b&gt;Said&lt;/b&gt;" in page.body.decode()
