"""Names of the states of accounts and of their changes, for the lead's page."""

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
    """Return the name of a change of an account, for the button or menu of a lead."""
    return {
        AccountAction.INVITE: _("Invite"),
        AccountAction.RESET_PASSWORD: _("Reset the password"),
        AccountAction.RESET_SECOND_FACTOR: _("Remove the second factor"),
        AccountAction.LOCK: _("Lock"),
        AccountAction.UNLOCK: _("Unlock"),
    }[action]
