"""The pages of the steps after the password."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.settings import settings
from dashboard.web.auth import encryption, sessions
from dashboard.web.auth.sessions import Waiting
from tests.web.auth.test_second_factor import KEY


def page(waiting):
    from dashboard.locale import speaking
    from dashboard.web.auth import step_pages

    with speaking("en"):
        step_pages.show(waiting, "192.0.2.1", print)


@pytest.mark.parametrize(
    ("role", "said"),
    [("psychiatrist", "For your role"), ("nurse", "You were invited by a link")],
)
def test_enrolment_says_why_signing_in_takes_a_code(people, monkeypatch, role, said):
    monkeypatch.setattr(encryption, "_key", KEY)
    monkeypatch.setattr(settings(), "second_factor_roles", frozenset({"psychiatrist"}))
    monkeypatch.setattr(sessions, "presented_token", lambda: "token")
    waiting = Waiting(people.team.nurse, role, "lopez", False, "enrolment")
    tab = AppTest.from_function(page, args=(waiting,), default_timeout=60).run()
    assert not tab.exception
    assert tab.caption[0].value.startswith(said)
