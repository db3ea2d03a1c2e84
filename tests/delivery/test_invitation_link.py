"""The link of an invitation is signed: nobody can make one without the site's key."""

from uuid import uuid4

import pytest

from dashboard.delivery.invitation_link import PATH, address_of, invitation_in
from dashboard.letters import answer_link
from dashboard.letters.answer_link import AnswerLink

KEY = "k" * 40


def token_of(address):
    return address.rpartition(PATH)[2]


def test_link_names_its_invitation():
    invitation = uuid4()
    address = address_of(invitation, "https://revue.example/", KEY)
    assert address.startswith("https://revue.example/invitation/")
    assert invitation_in(token_of(address), KEY) == invitation


@pytest.mark.parametrize("token", ["", "x", "IjEi.abc", "a.b.c"])
def test_forged_token_names_nothing(token):
    assert invitation_in(token, KEY) is None


def test_link_of_another_key_names_nothing():
    token = token_of(address_of(uuid4(), "https://revue.example", "other" * 8))
    assert invitation_in(token, KEY) is None


def test_answer_link_is_no_invitation():
    link = answer_link.address_of(AnswerLink(uuid4(), 3), "https://revue.example", KEY)
    assert invitation_in(link.rpartition("/")[2], KEY) is None
