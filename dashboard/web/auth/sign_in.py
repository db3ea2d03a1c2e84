"""The sign-in page, and the verification of username and password.

The form is that of the package streamlit-authenticator, which calls this module to check the
password. The package's own cookie is not used, because scripts can read it and nobody can revoke
it. The package keeps the signed-in person in the session state of the page. This is never used to
find out who is signed in.
"""

from dataclasses import dataclass

import streamlit as st
import streamlit_authenticator as stauth
from sqlalchemy import Connection, and_, bindparam, select
from streamlit_authenticator.controllers import AuthenticationController
from streamlit_authenticator.models import AuthenticationModel

from dashboard.components.elements.escaping import plain
from dashboard.database import serving
from dashboard.database.schema.registry import practitioner
from dashboard.database.schema.review import account
from dashboard.locale import _
from dashboard.settings import settings
from dashboard.web import browser, database_retry
from dashboard.web.auth import rate_limiting, sessions, sign_in_flow, step_pages
from dashboard.web.auth.accounts import normalised
from dashboard.web.auth.client_origin import LOCAL, of_run
from dashboard.web.auth.passwords import is_right
from dashboard.web.auth.provider import START, configured_provider
from dashboard.web.auth.sessions import Candidate, Waiting

_TICKET = "sign_in_ticket"
_CLOSING = "sign_in_closing"
_INCOMPLETE = "sign_in_incomplete"


@dataclass(frozen=True)
class Account(Candidate):
    """The data of an account that are needed for signing in."""

    password_hash: str | None
    may_sign_in: bool


def sign_in_page(waiting: Waiting | None) -> None:
    """Draw the form for username and password, or the step that a pending sign-in awaits.

    After a step that gives a ticket, the browser loads the same address again.
    """
    st.title(_("Case review"), anchor=False)
    if st.session_state.get(_CLOSING):
        # No form is shown, because the page is about to be reloaded and typed text would be lost.
        browser.close_session(on_refused=_forget_closing)
        return
    if _TICKET not in st.session_state:
        _ask(waiting)
    if _TICKET in st.session_state:
        browser.open_session(st.session_state[_TICKET], on_refused=_start_over)


def sign_out(*, everywhere: bool = False) -> None:
    """Callback: end the sign-in of this browser.

    If ``everywhere`` is set, end all sign-ins of the person.
    """
    token = sessions.presented_token()
    if token is not None:
        end = sessions.sign_out_everywhere if everywhere else sessions.sign_out
        database_retry.answered(lambda: end(token), database_retry.toast)
    st.session_state.clear()
    st.session_state[_CLOSING] = True


def admit(username: str, password: str, address: str) -> str | None:
    """Return the ticket of a new sign-in; None if the attempt is refused.

    The attempt is refused if the password is wrong, the account is locked or the practitioner is no
    longer active. It is also refused during the delay of the account or the address.

    During the delay of an address, the attempt is refused at once. Every other refusal makes one
    password check and the same queries, so that its duration reveals nothing about the account.
    """
    with serving() as connection:
        if rate_limiting.address_waits(connection, address):
            return None
        found = _account(connection, username)
    with rate_limiting.one_at_a_time(found.practitioner_id if found else None, address) as attempt:
        if attempt.address_waits:
            return None
        right = is_right(password, found.password_hash if found else None)
        if found is None or not right or not found.may_sign_in or attempt.waits:
            attempt.failed(_refusal(found, right))
            return None
    with serving(found.practitioner_id) as connection:
        return sign_in_flow.begin(connection, found, address)


def client_address() -> str:
    """Return the address from which the browser of this run connects."""
    return of_run().address or LOCAL


class Credentials(AuthenticationModel):  # type: ignore[misc]  # The package has no types.
    """A check of passwords against the database, in place of streamlit-authenticator's own
    check.
    """

    def check_credentials(self, username: str, password: str) -> bool:
        address = client_address()
        ticket = database_retry.answered(
            lambda: admit(username, password, address), database_retry.toast
        )
        if ticket is None:
            return False
        st.session_state[_TICKET] = ticket
        # streamlit-authenticator reads a name here and stores it in the session state. Nothing uses
        # it.
        self.credentials["usernames"][username] = {"name": None}
        return True


class NoCookie:
    """A cookie for streamlit-authenticator that does nothing.

    The server sets the session cookie.
    """

    def get_cookie(self) -> None:
        return None

    def set_cookie(self) -> None:
        return None


class Authenticate(stauth.Authenticate):  # type: ignore[misc]  # The package has no types.
    """The form of streamlit-authenticator, without the package's own cookie, pause and accounts."""

    def __init__(self) -> None:
        self.path = None
        self.attrs = {"login_sleep_time": 0}
        self.cookie_controller = NoCookie()
        self.authentication_controller = AuthenticationController({"usernames": {}})
        self.authentication_controller.authentication_model = Credentials({"usernames": {}})


def _ask(waiting: Waiting | None) -> None:
    if st.session_state.pop(_INCOMPLETE, False):
        st.error(_("Signing in did not complete. Please try again."))
    if waiting is None:
        _form()
    else:
        step_pages.show(waiting, client_address(), on_ticket=_keep_ticket)
        st.button(_("Sign in as somebody else"), on_click=sign_out, type="tertiary")


def _keep_ticket(ticket: str) -> None:
    st.session_state[_TICKET] = ticket


def _form() -> None:
    _elsewhere()
    st.session_state["authentication_status"] = None
    Authenticate().login(
        fields={
            "Form name": _("Sign in"),
            "Username": _("Username"),
            "Password": _("Password"),
            "Login": _("Sign in"),
        },
        key="sign_in",
    )
    if st.session_state["authentication_status"] is False:
        st.error(
            _(
                "Signing in was refused. Check the username and the password. After several "
                "failures, wait: from half a minute to a quarter of an hour."
            )
        )


def _elsewhere() -> None:
    """Draw the button that leads to the site's identity provider, if there is one."""
    provider = configured_provider(settings())
    if provider is None:
        return
    if st.button(
        _("Sign in with {name}", name=plain(provider.name)),
        type="primary",
        width="stretch",
        key="elsewhere",
    ):
        browser.go_to_provider(START)
    st.caption(_("Or with your password here:"))


def _start_over() -> None:
    st.session_state.pop(_TICKET, None)
    st.session_state[_INCOMPLETE] = True


def _forget_closing() -> None:
    st.session_state.pop(_CLOSING, None)


def _account(connection: Connection, username: str) -> Account | None:
    # A query is made even for a username that cannot exist, so that the answer takes the same time.
    row = connection.execute(_ACCOUNT, {"username": normalised(username)}).one_or_none()
    return Account(**row._mapping) if row else None


def _refusal(found: Account | None, right: bool) -> str:
    """Return the reason for the refusal of an attempt, for the access log only."""
    if found is None:
        return "unknown"
    return "closed" if right else "password"


_ACCOUNT = (
    select(
        account.c.practitioner_id,
        practitioner.c.role,
        account.c.username,
        account.c.password_is_temporary,
        account.c.password_hash,
        and_(account.c.locked_at.is_(None), practitioner.c.active).label("may_sign_in"),
    )
    .join(practitioner, practitioner.c.id == account.c.practitioner_id)
    .where(account.c.username == bindparam("username"))
)
