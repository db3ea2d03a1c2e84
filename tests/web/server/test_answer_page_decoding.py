"""Input is decoded once, at each entrance: encoded text stays as written.

A second decoding would let through what was checked while it was still encoded.
"""

import json
from urllib.parse import quote

import pytest

from dashboard.clinical.advice.lines import from_json
from dashboard.web.auth import provider
from tests.web.server.test_answer_page import (
    answers,
    browser,
    case,
    filled,
    link_of,
    linked,
    signed,
)

__all__ = ["browser", "case", "linked"]

CODED = ["%41", "%2527", "a%00b", "&lt;b&gt;", "&amp;amp;", "\\u0041", "+", "=?utf-8?q?=41?="]
"""Each would be another text if it were decoded once more."""


@pytest.mark.parametrize("typed", CODED)
def test_a_reason_in_the_form_behind_a_link(database, case, browser, typed):
    signed(case)
    form = filled(database, l1="done", l3="declined", why3=typed)
    assert browser.post(link_of(database), data=form).status_code == 200
    assert answers(database)[1].reason == typed


@pytest.mark.parametrize("typed", CODED)
def test_a_state_is_compared_as_it_was_sent(typed):
    asked = provider.Asked(state=typed, nonce="n", verifier="v", back="/")
    for given in (quote(typed, safe=""), typed + " "):
        with pytest.raises(provider.Refused, match="state"):
            provider.person_behind(_nobodys_provider(), asked, {"state": given}, 0)
    with pytest.raises(provider.Refused, match="error"):
        provider.person_behind(_nobodys_provider(), asked, {"state": typed}, 0)


@pytest.mark.parametrize("typed", CODED)
def test_a_draft_from_the_page_or_the_database(typed):
    assert from_json(json.loads(json.dumps({"summary": typed}))).summary == typed


def _nobodys_provider():
    return provider.Provider("P", "https://p.example", "", "c", "", "openid", "", "sub", "")
