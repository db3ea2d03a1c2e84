"""The only script that Streamlit runs: it finds out who is signed in, and draws the page for them.

Every run begins here, except callbacks and fragments (see ``authorization``). The script must not
be in the folder that contains ``pages/``. Otherwise Streamlit would run the pages by itself,
without this script.
"""

import logging
from time import monotonic, sleep

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.calendar import today
from dashboard.components.advice.recommendation_form import sign_and_say_what_was_left
from dashboard.database.committing import is_out_of_reach
from dashboard.database.schema.contract import is_breach
from dashboard.database.security.identity import NotSignedIn
from dashboard.locale import _, speaking
from dashboard.locale import language as reader_language
from dashboard.web import database_retry
from dashboard.web.auth import authorization, client_origin, rights, sessions
from dashboard.web.auth.rights import Rights
from dashboard.web.auth.sign_in import sign_in_page
from dashboard.web.page_support import fragments, page_runs
from dashboard.web.server.streamlit_sessions import claim_session, release_session
from dashboard.web.shell import first_visit, language, navigation, page_header

_log = logging.getLogger("dashboard.web")


def main() -> None:
    fragments.listen()
    client_origin.listen()
    language.listen()
    # A page has about a thousand texts, so the language is determined only once per run.
    with speaking(reader_language()), page_runs.timed_run():
        show()


def show() -> None:
    """Draw the requested page for the person who is signed in, or the sign-in page."""
    st.set_page_config(layout="wide", initial_sidebar_state="collapsed")
    notice = st.empty()
    seen = authorization.somebody_is_there()
    asked_at = monotonic()
    token = sessions.presented_token()
    known = database_retry.answered(
        lambda: rights.rights_of(token, seen=seen), lambda: database_retry.show_in(notice)
    )
    waited = monotonic() - asked_at >= database_retry.SECONDS_BETWEEN_ATTEMPTS
    notice.empty()
    page_header.forget_others(known.person if known else None)
    if known is None or token is None:
        st.set_page_config(page_title=_("Case review"))
        waiting = database_retry.answered(
            sessions.waiting_now, lambda: database_retry.show_in(notice)
        )
        notice.empty()
        if waiting is not None and token is not None:
            claim_session(token)
        else:
            release_session()
        with page_header.narrow():
            sign_in_page(waiting)
            page_header.show_language_choice()
    else:
        claim_session(token, known)
        show_page(known, notice)
    if waited:
        # Wait until the output of this run is sent. If the browser has requested a fragment
        # meanwhile, the fragment runs next and drops all output that is not sent. The browser would
        # then remove the fields of the fragment and lose the typed text.
        sleep(database_retry.SECONDS_TO_SEND)


def show_page(known: Rights, notice: DeltaGenerator) -> None:
    """Draw the requested page if the person's role has access; otherwise open their start page."""
    person = known.person
    root, pages = navigation.root(), navigation.pages_of(person.role)
    page = st.navigation([root, *pages], position="hidden")
    page_runs.describe_run(page.url_path, person.role)
    if page == root:
        authorization.note_another_roles_page(person, navigation.addresses_without(person.role))
        st.switch_page(navigation.start_of(person.role))
    page_header.show_header(navigation.in_menu(pages), page, today(), person)
    try:
        first_visit.welcome(page, person)
        with authorization.established(known):
            if page.url_path != navigation.CASE:
                sign_and_say_what_was_left()
            page.run()
    except NotSignedIn:
        # The sign-in may have ended since this run began.
        st.rerun()
    except Exception as error:
        if is_breach(error):
            _log.error("The registry has lost a relation or a column: run init.")
            st.error(
                _("The registry has changed, and this page cannot read it. Nothing is lost."),
                icon=":material/database_off:",
            )
            return
        if not is_out_of_reach(error):
            raise
        database_retry.answered(sessions.signed_in_now, lambda: database_retry.show_in(notice))
        st.rerun()


main()
