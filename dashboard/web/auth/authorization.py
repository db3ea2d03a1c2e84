"""Who may see a page: the first statement of every page and callback, and before every fragment.

Streamlit runs callbacks and fragments without the main script, and a page may be reached by
its address. So nothing is taken from ``st.session_state``: within a full run the guard
knows what the main script has just established, anywhere else it asks the database.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NoReturn

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import RunLocation, ThreadState

from dashboard.database import acting_as
from dashboard.database.audit.access_log import log_access
from dashboard.locale import _
from dashboard.vocabulary import Role
from dashboard.web import database_retry
from dashboard.web.auth.rights import Rights
from dashboard.web.auth.sessions import SignedIn, signed_in_now

_BY_ITSELF = "runs_by_itself"

_established: ContextVar[Rights | None] = ContextVar("established", default=None)


@contextmanager
def established(known: Rights) -> Iterator[None]:
    """Within the block, pages know who is signed in. For the main script."""
    token = _established.set(known)
    try:
        yield
    finally:
        _established.reset(token)


def rights_of_run() -> Rights | None:
    """Return the rights under which this run draws; None where nobody has established any."""
    return _established.get()


def signed_in(*roles: Role, automatic: bool = False) -> SignedIn:
    """Who is signed in, with one of these roles; otherwise the run ends here.

    Without roles, any will do. ``automatic`` is for a fragment that runs by itself
    (``run_every``): it does not keep the sign-in from idling.
    """
    known = _established.get()
    person = (
        known.person
        if known
        else database_retry.answered(
            lambda: signed_in_now(seen=not automatic), database_retry.toast
        )
    )
    if person is None or (roles and person.role not in roles):
        _refuse(person)
    return person


def runs_by_itself() -> None:
    """Note that the next full run is nobody's click: it keeps no sign-in from idling either."""
    st.session_state[_BY_ITSELF] = True


def somebody_is_there() -> bool:
    """Whether a person has caused this full run; asked once, by the main script."""
    return not st.session_state.pop(_BY_ITSELF, False)


def _refuse(person: SignedIn | None) -> NoReturn:
    """End this run; after a callback or a fragment the main script shows what is due.

    Somebody of the wrong role is on the access log, with the page that they asked for.
    """
    if person is not None:
        _log(person)
    if ThreadState.get().run_location is not RunLocation.MAIN_SCRIPT:
        st.rerun()
    if person is not None:
        st.error(_("This page is not for your role."))
    st.stop()


def note_another_roles_page(person: SignedIn, addresses: set[str]) -> None:
    """Log it where the address names one of these pages, which are not for this person."""
    if _address() in addresses:
        _log(person)


def _address() -> str:
    """The address that the browser asked for, where it asked for one."""
    run = get_script_run_ctx()
    return (run and run.pages_manager.intended_page_name) or ""


def _log(person: SignedIn) -> None:
    def log() -> None:
        with acting_as(person.practitioner_id) as connection:
            log_access(connection, "page_refused", page=_address())

    database_retry.answered(log, database_retry.toast)
