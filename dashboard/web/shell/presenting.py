"""The presenting mode, which hides names while the screen is shared. Every header can switch it."""

from collections.abc import Callable

import streamlit as st

from dashboard.components.elements.guarded import dialog
from dashboard.locale import _
from dashboard.vocabulary import Role
from dashboard.web import database_retry
from dashboard.web.auth import sessions
from dashboard.web.auth.authorization import signed_in
from dashboard.web.auth.sessions import SignedIn

SHORTCUT = "Alt+P"

WITHOUT_PATIENTS = (Role.LEAD,)
"""Roles without this mode, because they see no patient."""


def control(person: SignedIn) -> None:
    """Draw the button that starts the presenting mode. In this mode, draw a badge and a stop
    button.
    """
    if person.role in WITHOUT_PATIENTS:
        return
    if not person.presenting:
        st.button(
            _("Present"),
            icon=":material/present_to_all:",
            type="tertiary",
            help=_("Before you share your screen: hides who the patients are."),
            shortcut=SHORTCUT,
            on_click=start,
            key="start_presenting",
        )
        return
    st.badge(_("Presenting: names are hidden"), icon=":material/visibility_off:", color="blue")
    if st.button(_("Stop presenting"), type="tertiary", shortcut=SHORTCUT, key="stop_presenting"):
        dialog(_ask, _("Show names again?"))()


def start() -> None:
    """Callback: start the presenting mode with the next run."""
    _write(sessions.start_presenting)


def _ask() -> None:
    st.text(_("Everyone who sees this screen will see who the patients are."))
    with st.container(horizontal=True, horizontal_alignment="right"):
        goes_on = st.button(_("Go on presenting"), type="primary", key="go_on_presenting")
        stopped = st.button(_("Show names"), on_click=_stop, key="show_names")
    if goes_on or stopped:
        st.rerun()


def _stop() -> None:
    _write(sessions.stop_presenting)


def _write(change: Callable[[], None]) -> None:
    signed_in()
    database_retry.answered(change, database_retry.toast)
