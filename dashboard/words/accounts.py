"""Names of the states of an account, and of the changes that a medical lead can make to an
account.
"""

from dashboard.locale import _
from dashboard.vocabulary import AccountAction, AccountState


def state_name(state: AccountState) -> str:
    """Return the name of the state of an account."""
    return {
        AccountState.NONE: _("no account"),
        AccountState.INVITED: _("invited"),
        AccountState.EXPIRED: _("invitation expired"),
        AccountState.ACTIVE: _("active"),
        AccountState.LOCKED: _("locked"),
    }[state]


def account_action_name(action: AccountAction) -> str:
    """Return the label of the button with which a medical lead changes an account."""
    return {
        AccountAction.INVITE: _("Invite"),
        AccountAction.RESET_PASSWORD: _("Reset the password"),
        AccountAction.RESET_SECOND_FACTOR: _("Remove the second factor"),
        AccountAction.LOCK: _("Lock"),
        AccountAction.UNLOCK: _("Unlock"),
    }[action]
