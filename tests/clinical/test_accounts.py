"""Accounts of a care team: proposed usernames, and the changes that a state allows."""

import re

import pytest

from dashboard.clinical.accounts import ManagedAccount, possible_actions, proposed_username
from dashboard.clinical.people import Person
from dashboard.vocabulary import AccountAction, AccountState


@pytest.mark.parametrize(
    ("given", "family", "username"),
    [
        ("Anne-Sophie", "Lopez", "anne-sophie.lopez"),
        ("Zoé", "D’Été-Lœuf", "zoe.d-ete-loeuf"),
        ("Jean  Marc", " De La Tour ", "jean-marc.de-la-tour"),
        ("", "Ng", "person.ng"),
        ("李", "王", "person"),
        ("", "", "person"),
    ],
)
def test_username_is_made_of_both_names(given, family, username):
    assert proposed_username(given, family) == username


def test_username_of_long_names_leaves_room_for_a_number():
    proposed = proposed_username("a" * 50, "b" * 50)
    assert re.fullmatch(r"[a-z0-9][a-z0-9._@+-]{2,63}", f"{proposed}999")


def account(state, *, has_address=True):
    return ManagedAccount(
        Person(1, "Lopez", "A"), "nurse", state, None, has_address, None, None, False
    )


@pytest.mark.parametrize(
    ("state", "actions"),
    [
        (AccountState.NONE, {AccountAction.INVITE}),
        (AccountState.INVITED, {AccountAction.INVITE, AccountAction.LOCK}),
        (AccountState.EXPIRED, {AccountAction.INVITE, AccountAction.LOCK}),
        (
            AccountState.ACTIVE,
            {AccountAction.RESET_PASSWORD, AccountAction.RESET_SECOND_FACTOR, AccountAction.LOCK},
        ),
        (AccountState.LOCKED, {AccountAction.UNLOCK}),
    ],
)
def test_changes_depend_on_the_state(state, actions):
    assert set(possible_actions(account(state))) == actions


def test_link_is_offered_only_to_a_known_address():
    for state in AccountState:
        offered = possible_actions(account(state, has_address=False))
        assert not {AccountAction.INVITE, AccountAction.RESET_PASSWORD} & set(offered)
