"""The page with the accounts at a medical lead's sites.

On this page, the lead invites people, and locks and resets accounts.
"""

import streamlit as st

from dashboard.clinical.accounts import ChangeNotPossible
from dashboard.components.account.account_list import account_list
from dashboard.locale import _
from dashboard.queries.account.managed_accounts import accounts_of_my_sites
from dashboard.queries.account.managing_accounts import change_account
from dashboard.vocabulary import AccountAction, Role
from dashboard.web.page_support.viewer import viewer_for

lead = viewer_for(Role.LEAD)


def change(practitioner_id: int, action: AccountAction) -> None:
    """Change an account. Show a message that says whether the account was changed."""
    try:
        lead.write(change_account, practitioner_id, action)
    except ChangeNotPossible:
        st.toast(_("That is not possible any more: the account has changed."))
    else:
        st.toast(_("Done. The person is told by secure mail."), icon=":material/check:")


st.caption(
    _(
        "Who can sign in at your sites. Roles come from the registry; passwords are chosen by the"
        " person alone. Each change is recorded in the access log, and the person is told."
    )
)
account_list(lead.read(accounts_of_my_sites), change)
