"""Authorization of pages, callbacks and fragments.

Each page calls ``signed_in`` first. So does each callback that reads or changes data, except those
for signing in and out, choosing the language and closing the introduction. ``PageGuard`` checks
each fragment before it draws. This is necessary because anybody can request the address of a page.
It is also necessary because Streamlit runs callbacks before the main script, and fragments without
it.

In a full run, the rights are those that the main script has just read from the database. A callback
or a fragment reads them again. ``st.session_state`` is never trusted.
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
    """Use ``known`` as the rights of the pages and fragments that run within the block.

    Only code that has just read the rights from the database may call this function.
    """
    token = _established.set(known)
    try:
        yield
    finally:
        _established.reset(token)


def rights_of_run() -> Rights | None:
    """Return the rights that ``established`` has set for this run; None outside of its block."""
    return _established.get()


def signed_in(*roles: Role, automatic: bool = False) -> SignedIn:
    """Return the person who is signed in with one of these roles; otherwise end the run.

    Without roles, any role is accepted. Set ``automatic`` in a fragment that runs at an interval
    (``run_every``), so that the run does not postpone the idle timeout.
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
    """Record that nobody asked for the next full run, so that it does not postpone the idle
    timeout.
    """
    st.session_state[_BY_ITSELF] = True


def somebody_is_there() -> bool:
    """Return whether a person asked for this full run; False if ``runs_by_itself`` was called
    before it.

    The call also clears that record. Only the main script may call this function, and only once per
    run.
    """
    return not st.session_state.pop(_BY_ITSELF, False)


def _refuse(person: SignedIn | None) -> NoReturn:
    """End this run, because ``person`` may not see the page. ``person`` is None if nobody is signed
    in.

    If the role is wrong, the refusal is recorded in the access log. If a callback or a fragment is
    ended, the main script runs next and draws the right page.
    """
    if person is not None:
        _log(person)
    if ThreadState.get().run_location is not RunLocation.MAIN_SCRIPT:
        st.rerun()
    if person is not None:
        st.error(_("This page is not for your role."))
    st.stop()


def note_another_roles_page(person: SignedIn, addresses: set[str]) -> None:
    """Record a refusal in the access log if the requested page is one of ``addresses``.

    The role of ``person`` may not open these pages.
    """
    if _address() in addresses:
        _log(person)


def _address() -> str:
    """Return the page address that the browser requested; empty for the default page."""
    run = get_script_run_ctx()
    return (run and run.pages_manager.intended_page_name) or ""


def _log(person: SignedIn) -> None:
    def log() -> None:
        with acting_as(person.practitioner_id) as connection:
            log_access(connection, "page_refused", page=_address())

    database_retry.answered(log, database_retry.toast)
