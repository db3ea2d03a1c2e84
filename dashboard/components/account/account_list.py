"""The list of the accounts of the care teams. A medical lead changes the accounts in this list."""

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard.clinical.accounts import ManagedAccount, possible_actions
from dashboard.clinical.people import folded
from dashboard.components.elements.escaping import plain
from dashboard.components.elements.stylesheet import stylesheet
from dashboard.locale import _, ngettext
from dashboard.locale.formats import full_name, moment
from dashboard.vocabulary import AccountAction
from dashboard.words.accounts import account_action_name, state_name
from dashboard.words.roles import role_name

MOST_ROWS = 40
"""The maximum number of people that are drawn. To find another person, the reader searches for the
name.
"""


def account_list(
    accounts: Sequence[ManagedAccount], change: Callable[[int, AccountAction], None]
) -> None:
    """Draw a line for each person whose name contains the typed text, at most ``MOST_ROWS`` lines.

    Each line has a menu of the changes that are possible now, unless there is none.
    ``change`` is called with the practitioner's id and the chosen change.
    """
    typed = st.text_input(
        _("Name"),
        key="accounts/name",
        placeholder=_("Name"),
        label_visibility="collapsed",
        icon=":material/search:",
    )
    found = [one for one in accounts if folded(typed) in folded(_name(one))]
    st.caption(ngettext("{n} person", "{n} people", len(found)))
    if not found:
        return
    stylesheet(__file__)
    with st.container(key="account_lines"):
        for one in found[:MOST_ROWS]:
            _line(one, change)
    if len(found) > MOST_ROWS:
        st.caption(_("Only the first {n} are shown: search by name.", n=MOST_ROWS))


def _line(one: ManagedAccount, change: Callable[[int, AccountAction], None]) -> None:
    key = f"accounts/{one.person.id}"

    def chosen() -> None:
        change(one.person.id, AccountAction(st.session_state[key]))

    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f"**{plain(_name(one))}** · {role_name(one.role)} · {plain(_state(one))}",
            width="stretch",
        )
        actions = possible_actions(one)
        if actions:
            st.menu_button(
                _("Change {name}", name=plain(_name(one))),
                list(actions),
                format_func=account_action_name,
                on_click=chosen,
                key=key,
                width="content",
            )


def _name(one: ManagedAccount) -> str:
    return full_name(one.person.family_name, one.person.given_name)


def _state(one: ManagedAccount) -> str:
    parts = [
        one.username or "",
        state_name(one.state)
        if one.invited_until is None
        else _("invitation valid until {time}", time=moment(one.invited_until)),
        _("last sign-in {time}", time=moment(one.last_sign_in_at)) if one.last_sign_in_at else "",
        "" if one.has_address else _("no secure mail address in the registry"),
        _("the last mail was not delivered") if one.mail_failed else "",
    ]
    return " · ".join(part for part in parts if part)
