"""Pages of the sign-in steps after the password (``sign_in_flow``)."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import streamlit as st

from dashboard.components.account.password_form import password_form
from dashboard.components.account.second_factor_form import (
    code_form,
    enrolment_form,
    recovery_codes,
)
from dashboard.database import serving
from dashboard.locale import _
from dashboard.vocabulary import SignInStep
from dashboard.web import database_retry
from dashboard.web.auth import second_factor, sessions, sign_in_flow
from dashboard.web.auth.passwords import PasswordRefused
from dashboard.web.auth.sessions import Waiting

OnTicket = Callable[[str], None]

_CODE, _NEW, _AGAIN = "step_code", "step_new_password", "step_new_password_again"
_PROBLEM, _CODES = "step_problem", "step_recovery_codes"


def show(person: Waiting, address: str, on_ticket: OnTicket) -> None:
    """Draw the step that this person must complete next.

    ``on_ticket`` is called with the ticket of the step after it.
    """
    problem = st.session_state.pop(_PROBLEM, None)
    match person.awaits:
        case SignInStep.CODE:
            code_form(_CODE, partial(_enter_code, address, on_ticket), problem)
        case SignInStep.NEW_PASSWORD:
            st.header(_("Choose a password"), anchor=False)
            st.caption(_("You sign in with it from now on."))
            send = partial(_choose_password, address, on_ticket)
            password_form(send, problem, new_key=_NEW, again_key=_AGAIN)
        case SignInStep.ENROLMENT:
            _enrolment(person, address, problem)
        case SignInStep.RECOVERY_CODES:
            _recovery_codes(address, on_ticket)


def _enrolment(person: Waiting, address: str, problem: str | None) -> None:
    st.header(_("A second factor"), anchor=False)
    if person.role in second_factor.roles_that_need_it():
        why = _(
            "For your role, signing in takes a code from your telephone as well as your password. "
            "The law requires it for access to patients’ records."
        )
    else:
        why = _(
            "You were invited by a link. From now on, signing in takes a code from your telephone "
            "as well as your password."
        )
    st.caption(why)
    secret = database_retry.answered(lambda: _secret_of(person), database_retry.toast)
    drawn = second_factor.qr_code(secret, person.username)
    enrolment_form(drawn, secret, partial(_enrol, address), problem, code_key=_CODE)


def _secret_of(person: Waiting) -> str:
    with serving() as connection:
        token = sessions.presented_token() or ""
        return second_factor.offered_secret(connection, person.practitioner_id, token)


def _recovery_codes(address: str, on_ticket: OnTicket) -> None:
    codes = st.session_state.get(_CODES)
    if codes is None:
        st.text(
            _("The recovery codes were shown once. Your account can make new ones: see the menu.")
        )
    else:
        recovery_codes(codes)
    st.button(
        _("Go on"), type="primary", on_click=_has_kept_codes, args=(address, on_ticket), key="kept"
    )


def _enter_code(address: str, on_ticket: OnTicket) -> None:
    typed = st.session_state[_CODE]
    ticket = _step(lambda person, token: sign_in_flow.enter_code(person, token, typed, address))
    _go_on(ticket, on_ticket, SignInStep.CODE)


def _choose_password(address: str, on_ticket: OnTicket) -> None:
    new, again = st.session_state[_NEW], st.session_state[_AGAIN]
    if new != again:
        st.session_state[_PROBLEM] = "differ"
        return
    try:
        ticket = _step(
            lambda person, token: sign_in_flow.choose_password(person, token, new, address)
        )
    except PasswordRefused as refused:
        st.session_state[_PROBLEM] = refused.reason
        return
    _go_on(ticket, on_ticket, None)


def _enrol(address: str) -> None:
    typed = st.session_state[_CODE]
    done = _step(lambda person, token: sign_in_flow.enrol(person, token, typed, address))
    if done is None:
        st.session_state[_PROBLEM] = SignInStep.CODE
    else:
        st.session_state[_CODES] = done.recovery_codes


def _has_kept_codes(address: str, on_ticket: OnTicket) -> None:
    ticket = _step(lambda person, token: sign_in_flow.has_kept_codes(person, token, address))
    _go_on(ticket, on_ticket, None)


Taken = TypeVar("Taken")


def _step(take: Callable[[Waiting, str], Taken | None]) -> Taken | None:
    """Call ``take`` with the person who is signing in and the token; return its result.

    Return None if no sign-in awaits a step.
    """
    token = sessions.presented_token()
    person = database_retry.answered(sessions.waiting_now, database_retry.toast)
    if person is None or token is None:
        return None
    return database_retry.answered(lambda: take(person, token), database_retry.toast)


def _go_on(ticket: str | None, on_ticket: OnTicket, problem: str | None) -> None:
    if ticket is not None:
        st.session_state.pop(_CODES, None)
        on_ticket(ticket)
    elif problem is not None:
        st.session_state[_PROBLEM] = problem
