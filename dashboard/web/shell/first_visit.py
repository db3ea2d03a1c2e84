"""The introduction: three sentences on a person's start page, until the person closes them."""

import streamlit as st
from streamlit.navigation.page import Page

from dashboard.components.account.first_contact import first_contact
from dashboard.web import database_retry
from dashboard.web.auth.accounts import is_new, remember_introduction
from dashboard.web.auth.sessions import SignedIn
from dashboard.web.shell.navigation import is_start

HELP_PAGE = "../pages/help.py"
_IS_NEW = "first_visit"


def welcome(page: Page, person: SignedIn) -> None:
    """Draw the introduction if ``page`` is the person's start page and they have not closed it
    before.

    Draw nothing while the screen is shared. The database is asked only once for each session.
    """
    if person.presenting or not is_start(page, person.role):
        return
    if _IS_NEW not in st.session_state:
        st.session_state[_IS_NEW] = is_new(person.practitioner_id)
    if st.session_state[_IS_NEW]:
        first_contact(
            person.role,
            lambda: _dismiss(person.practitioner_id),
            lambda: st.switch_page(HELP_PAGE),
        )


def _dismiss(practitioner_id: int) -> None:
    database_retry.answered(lambda: remember_introduction(practitioner_id), database_retry.toast)
    st.session_state[_IS_NEW] = False
