"""The owners of Streamlit sessions, and when they are forgotten."""

from collections import OrderedDict

import pytest

from dashboard.web.server import streamlit_sessions
from dashboard.web.server.streamlit_sessions import SECONDS_TO_RESUME, Claim, claim_of, session_left

OWNER = Claim("hash")


@pytest.fixture(autouse=True)
def later(monkeypatch):
    """Return a function that moves the clock on; the sessions ``a`` and ``b`` have an owner."""
    now = [1000.0]
    monkeypatch.setattr(streamlit_sessions, "monotonic", lambda: now[0])
    monkeypatch.setattr(streamlit_sessions, "_left", OrderedDict())
    monkeypatch.setattr(streamlit_sessions, "_claims", OrderedDict(a=OWNER, b=OWNER))

    def move(seconds):
        now[0] += seconds

    return move


def test_a_session_can_be_resumed_for_a_while_after_its_browser_has_left(later):
    session_left("a", set())
    later(SECONDS_TO_RESUME - 1)
    session_left("b", set())
    assert claim_of("a") == OWNER


def test_the_owner_of_a_session_left_long_ago_is_forgotten(later):
    session_left("a", set())
    later(SECONDS_TO_RESUME + 1)
    session_left("b", set())
    assert (claim_of("a"), claim_of("b")) == (None, OWNER)


def test_the_owner_of_a_resumed_session_is_kept(later):
    session_left("a", set())
    later(SECONDS_TO_RESUME + 1)
    session_left("b", {"a"})
    assert claim_of("a") == OWNER


def test_a_session_that_is_left_again_can_be_resumed_again(later):
    session_left("a", set())
    later(SECONDS_TO_RESUME - 1)
    session_left("a", set())
    later(2)
    session_left("b", set())
    assert claim_of("a") == OWNER
