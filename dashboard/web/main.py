"""The one Streamlit script: who is signed in, which pages they get.

Every run begins here, except callbacks and fragments (see ``guard``). It must not lie
beside ``pages/``: Streamlit would run those by itself, before this script.
"""

from time import monotonic, sleep

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.database.security.identity import NotSignedIn
from dashboard.locale import _, speaking
from dashboard.locale import language as reader_language
from dashboard.web import (
    fragments,
    frame,
    guard,
    language,
    origin,
    outage,
    page_table,
    rights,
    sessions,
)
from dashboard.web.clock import today
from dashboard.web.rights import Rights
from dashboard.web.sign_in import sign_in_page
from dashboard.web.streamlit_sessions import claim_session, release_session


def main() -> None:
    fragments.listen()
    origin.listen()
    language.listen()
    # The language is asked once, not at each of a thousand texts.
    with speaking(reader_language()):
        show()


def show() -> None:
    """What this person may see at this address, or the sign-in."""
    st.set_page_config(layout="wide", initial_sidebar_state="collapsed")
    notice = st.empty()
    seen = guard.somebody_is_there()
    asked_at = monotonic()
    token = sessions.presented_token()
    known = outage.answered(
        lambda: rights.rights_of(token, seen=seen), lambda: outage.show_in(notice)
    )
    waited = monotonic() - asked_at >= outage.SECONDS_BETWEEN_ATTEMPTS
    notice.empty()
    frame.forget_others(known.person if known else None)
    if known is None:
        st.set_page_config(page_title=_("Case review"))
        waiting = outage.answered(sessions.waiting_now, lambda: outage.show_in(notice))
        notice.empty()
        if waiting is not None:
            claim_session(token)
        else:
            release_session()
        with frame.narrow():
            sign_in_page(waiting)
            frame.show_language_choice()
    else:
        claim_session(token, known)
        show_page(known, notice)
    if waited:
        # A fragment that was asked for meanwhile runs next, and what of it has not been sent by
        # then is dropped: the browser would take its fields, with what was typed, for gone.
        sleep(outage.SECONDS_TO_SEND)


def show_page(known: Rights, notice: DeltaGenerator) -> None:
    """The page at this address, if it is one of the person's; else the one they begin with."""
    person = known.person
    root, pages = page_table.root(), page_table.pages_of(person.role)
    page = st.navigation([root, *pages], position="hidden")
    if page == root:
        guard.note_another_roles_page(person, page_table.addresses_without(person.role))
        st.switch_page(page_table.start_of(person.role))
    frame.show_header(page_table.in_menu(pages), page, today(), person)
    try:
        with guard.established(known):
            page.run()
    except NotSignedIn:
        # The sign-in has ended since this run began.
        st.rerun()
    except Exception as error:
        if not outage.is_out_of_reach(error):
            raise
        outage.answered(sessions.signed_in_now, lambda: outage.show_in(notice))
        st.rerun()


main()
