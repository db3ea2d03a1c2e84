"""The sign-in page, and who is let in.

streamlit-authenticator draws the form and asks whether the password is right. Nothing else
of it is used: not its cookie, which scripts can read and nobody can revoke, nor its idea of
who is signed in, which lives in the page.
"""

import threading
import uuid
from dataclasses import dataclass
from datetime import timedelta

import streamlit as st
import streamlit_authenticator as stauth
from sqlalchemy import Connection, and_, bindparam, func, select
from streamlit_authenticator.controllers import AuthenticationController
from streamlit_authenticator.models import AuthenticationModel

from dashboard.database import acting_as
from dashboard.database.access_log import log_access
from dashboard.database.registry import practitioner
from dashboard.database.review import account, sign_in_failure
from dashboard.locale import _
from dashboard.web import browser, outage, sessions
from dashboard.web.accounts import normalised
from dashboard.web.passwords import is_right

WINDOW = timedelta(minutes=15)
FAILURES_PER_ACCOUNT = 5
FAILURES_PER_ADDRESS = 20

_TICKET = "sign_in_ticket"
_CLOSING = "sign_in_closing"
_INCOMPLETE = "sign_in_incomplete"

# One at a time: a burst of attempts cannot outrun the count of failures, nor take every
# processor from those who are at work.
_one_attempt = threading.Lock()


@dataclass(frozen=True)
class Account:
    """What signing in needs to know of an account."""

    practitioner_id: int
    password_hash: str
    may_sign_in: bool
    failures: int


def sign_in_page() -> None:
    """Ask for username and password; after that, load the same address, signed in."""
    st.title(_("Case review"), anchor=False)
    if st.session_state.get(_CLOSING):
        # No form yet: the page is about to be loaded anew, and would lose what is typed.
        browser.close_session(on_refused=_forget_closing)
        return
    if _TICKET not in st.session_state:
        _form()
    if _TICKET in st.session_state:
        browser.open_session(st.session_state[_TICKET], on_refused=_start_over)


def sign_out() -> None:
    """End the sign-in behind this run. For a callback."""
    token = sessions.presented_token()
    if token is not None:
        outage.answered(lambda: sessions.sign_out(token), outage.toast)
    st.session_state.clear()
    st.session_state[_CLOSING] = True


def admit(username: str, password: str, address: str) -> str | None:
    """The ticket of a new sign-in, if these are the username and password of an account.

    Refused too, whatever the password: an account with 5 failures in the last 15 minutes,
    one that is locked, a practitioner who is no longer active; and everyone at an address
    with 20 failures. Every verdict on an account takes one check of a password.
    """
    with acting_as(None) as connection:
        if _failures_at(connection, address) >= FAILURES_PER_ADDRESS:
            return None
    with _one_attempt:
        with acting_as(None) as connection:
            found = _account(connection, username)
        right = is_right(password, found.password_hash if found else None)
        refusal = _refusal(found, right)
        if found is None or refusal is not None:
            _refuse(found, refusal, address)
            return None
    with acting_as(found.practitioner_id) as connection:
        log_access(connection, "sign_in", address=address)
        return sessions.begin(connection, found.practitioner_id, address)


def client_address() -> str:
    """From which address the browser of this run connects."""
    return st.context.ip_address or "localhost"


class Credentials(AuthenticationModel):
    """The package's check of a password, against the database."""

    def check_credentials(self, username: str, password: str) -> bool:
        address = client_address()
        ticket = outage.answered(lambda: admit(username, password, address), outage.toast)
        if ticket is None:
            return False
        st.session_state[_TICKET] = ticket
        # The package copies names from here into the page, where nobody reads them.
        self.credentials["usernames"][username] = {"name": None}
        return True


class NoCookie:
    """In place of the package's cookie: ours is set by the server (``sessions``)."""

    def get_cookie(self) -> None:
        return None

    def set_cookie(self) -> None:
        return None


class Authenticate(stauth.Authenticate):
    """The package's form, without its cookie, its pause and its memory of accounts."""

    def __init__(self) -> None:
        self.path = None
        self.attrs = {"login_sleep_time": 0}
        self.cookie_controller = NoCookie()
        self.authentication_controller = AuthenticationController({"usernames": {}})
        self.authentication_controller.authentication_model = Credentials({"usernames": {}})


def _form() -> None:
    if st.session_state.pop(_INCOMPLETE, False):
        st.error(_("Signing in did not complete. Please try again."))
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
                "failures, wait 15 minutes or ask for a new password."
            )
        )


def _start_over() -> None:
    st.session_state.pop(_TICKET, None)
    st.session_state[_INCOMPLETE] = True


def _forget_closing() -> None:
    st.session_state.pop(_CLOSING, None)


def _account(connection: Connection, username: str) -> Account | None:
    username = normalised(username)
    if username is None:
        return None
    row = connection.execute(_ACCOUNT, {"username": username}).one_or_none()
    return Account(**row._mapping) if row else None


def _refusal(found: Account | None, right: bool) -> str | None:
    """Why the attempt is refused, for the log alone."""
    if found is None:
        return "unknown"
    if found.failures >= FAILURES_PER_ACCOUNT:
        return "too_many_failures"
    if not right:
        return "password"
    return None if found.may_sign_in else "closed"


def _refuse(found: Account | None, refusal: str | None, address: str) -> None:
    """Count and log the failure.

    An attempt while the account waits counts for its address alone: else whoever goes on
    trying would keep its owner out for ever.
    """
    practitioner_id = found.practitioner_id if found else None
    with acting_as(None) as connection:
        connection.execute(
            sign_in_failure.insert().values(
                id=uuid.uuid4(),
                practitioner_id=practitioner_id if refusal == "password" else None,
                address=address,
            )
        )
        log_access(
            connection,
            "sign_in_refused",
            reason=refusal,
            account=practitioner_id,
            address=address,
        )


def _failures_at(connection: Connection, address: str) -> int:
    return connection.execute(_FAILURES_AT, {"address": address}).scalar_one()


_FAILURES_AT = (
    select(func.count())
    .select_from(sign_in_failure)
    .where(
        sign_in_failure.c.address == bindparam("address"),
        sign_in_failure.c.at > func.now() - WINDOW,
    )
)

_FAILURES_OF = (
    select(func.count())
    .select_from(sign_in_failure)
    .where(
        sign_in_failure.c.practitioner_id == account.c.practitioner_id,
        sign_in_failure.c.at > func.now() - WINDOW,
        # Signing in wipes the slate.
        sign_in_failure.c.at > func.coalesce(account.c.last_sign_in_at, account.c.created_at),
    )
    .scalar_subquery()
)

_ACCOUNT = (
    select(
        account.c.practitioner_id,
        account.c.password_hash,
        and_(account.c.locked_at.is_(None), practitioner.c.active).label("may_sign_in"),
        _FAILURES_OF.label("failures"),
    )
    .join(practitioner, practitioner.c.id == account.c.practitioner_id)
    .where(account.c.username == bindparam("username"))
)
