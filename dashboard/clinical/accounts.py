"""The accounts of a site's care team, and the changes that are possible for each account."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.clinical.people import NamesNoPatient, Person, folded
from dashboard.vocabulary import CARE_TEAM, AccountAction, AccountState

INVITATION_LASTS = timedelta(days=7)
"""Time after an invitation or a reset of the password during which its link can be used."""

INVITING = (AccountAction.INVITE, AccountAction.RESET_PASSWORD)
"""The changes after which the account's owner gets a mail with a link to choose a password."""

MANAGED_ROLES = CARE_TEAM
"""The roles whose accounts a medical lead manages. Only the owner of the database manages the
accounts of medical leads.
"""


class ChangeNotPossible(Exception):
    """The error raised for a change of an account that is not possible. Either the account does not
    belong to one of the medical lead's sites, or the state of the account does not allow the
    change.
    """


@dataclass(frozen=True)
class ManagedAccount(NamesNoPatient):
    """A member of a care team, with or without an account.

    ``username`` is None without an account. ``has_address`` tells whether the registry has a secure
    mail address for the person. ``invited_until`` is the time until which a link to choose a
    password can be used; None if there is no such link. ``mail_failed`` is true if the last mail
    about the account could not be delivered.
    """

    person: Person
    role: str
    state: AccountState
    username: str | None
    has_address: bool
    last_sign_in_at: datetime | None
    invited_until: datetime | None
    mail_failed: bool


_POSSIBLE = {
    AccountState.NONE: (AccountAction.INVITE,),
    AccountState.INVITED: (AccountAction.INVITE, AccountAction.LOCK),
    AccountState.EXPIRED: (AccountAction.INVITE, AccountAction.LOCK),
    AccountState.ACTIVE: (
        AccountAction.RESET_PASSWORD,
        AccountAction.RESET_SECOND_FACTOR,
        AccountAction.LOCK,
    ),
    AccountState.LOCKED: (AccountAction.UNLOCK,),
}


def possible_actions(account: ManagedAccount) -> tuple[AccountAction, ...]:
    """Return the changes that are possible for ``account`` now. A change that sends a link is
    possible only if the person has a mail address.
    """
    return tuple(
        action
        for action in _POSSIBLE[account.state]
        if account.has_address or action not in INVITING
    )


def proposed_username(given_name: str, family_name: str) -> str:
    """Return a username made of the first and the family name, such as ``anne-sophie.lopez``.

    It has 3 to 60 characters: letters without accents, digits, hyphens and dots. The database adds
    a number if the username is already taken.
    """
    name = ".".join(filter(None, map(_plain_letters, (given_name, family_name))))
    return (name if len(name) >= 3 else f"person.{name}".rstrip("."))[:60]


def _plain_letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", folded(name)).strip("-")
