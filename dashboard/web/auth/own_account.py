"""A person's own account: password, second factor, open sign-ins and calendar feed."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import streamlit as st
from sqlalchemy import Connection, select

from dashboard.database import serving
from dashboard.database.audit.access_log import log_access
from dashboard.database.schema.review import account
from dashboard.settings import settings
from dashboard.vocabulary import CARE_TEAM
from dashboard.web import database_retry
from dashboard.web.auth import (
    accounts,
    calendar_feed,
    encryption,
    rate_limiting,
    second_factor,
    sessions,
)
from dashboard.web.auth.authorization import signed_in
from dashboard.web.auth.passwords import PasswordRefused, is_right
from dashboard.web.auth.second_factor import Enrolment
from dashboard.web.auth.sessions import OpenSignIn, SignedIn
from dashboard.web.auth.sign_in import client_address

OLD, NEW, AGAIN = "present_password", "new_password", "new_password_again"
CODE, PROOF, RENEWAL = "enrolment_code", "enrolment_proof", "renewal_code"
ENDING = "ending_proof"

_PROBLEM, _CODES, _CHANGED = "account_problem", "account_recovery_codes", "password_changed"
_CALENDAR = "new_calendar_address"


@dataclass(frozen=True)
class OwnAccount:
    """The data on a person's own account page."""

    has_password: bool
    second_factor: Enrolment
    demanded: bool
    """Whether the person's role requires a second factor."""
    secret: str | None
    """Secret for the authenticator app, in Base32; None if no second factor can be set up."""
    sign_ins: list[OpenSignIn]
    calendar_renewed_at: datetime | None
    """When the address of the calendar feed was made; None if there is no feed."""


def own_account() -> OwnAccount:
    """Return the account of the person who is signed in."""
    person, token = signed_in(), sessions.presented_token() or ""

    def read() -> OwnAccount:
        with serving(person.practitioner_id) as connection:
            return OwnAccount(
                has_password=_kept_password(connection, person.practitioner_id) is not None,
                second_factor=second_factor.enrolment(connection, person.practitioner_id),
                demanded=person.role in second_factor.roles_that_need_it(),
                secret=(
                    second_factor.offered_secret(connection, person.practitioner_id, token)
                    if encryption.can_seal()
                    else None
                ),
                sign_ins=sessions.open_sign_ins(connection, person.practitioner_id, token),
                calendar_renewed_at=calendar_feed.renewed_at(connection, person.practitioner_id),
            )

    return database_retry.answered(read, database_retry.toast)


def problem_of(part: str) -> str | None:
    """Return why the last change of this part of the account was refused, and clear the reason.

    Return None if the change was not refused. ``part`` is ``password``, ``second_factor``,
    ``recovery_codes`` or ``sign_ins``.
    """
    problem: tuple[str | None, str | None] = st.session_state.get(_PROBLEM, (None, None))
    where, reason = problem
    if where != part:
        return None
    del st.session_state[_PROBLEM]
    return reason


def password_was_changed() -> bool:
    """Return whether the password was just changed. The next call returns False."""
    return bool(st.session_state.pop(_CHANGED, False))


def new_recovery_codes() -> list[str] | None:
    """Return the new recovery codes; None once the person has confirmed that they have kept
    them.
    """
    return st.session_state.get(_CODES)


def codes_are_kept() -> None:
    """Callback: stop showing the new recovery codes."""
    st.session_state.pop(_CODES, None)


def change_password() -> None:
    """Callback: set the new password if the typed present password is right.

    During a delay after failures, the present password is not checked.
    """
    person, token = signed_in(), sessions.presented_token() or ""
    old, new, again = (st.session_state[key] for key in (OLD, NEW, AGAIN))
    if new != again:
        return _refuse("password", "differ")

    def change() -> str | None:
        with _attempt(person) as attempt:
            if not attempt.waits:
                with serving(person.practitioner_id) as connection:
                    if accounts.change_password(connection, person.username, old, new, token):
                        return None
            attempt.failed("password")
            return "waits" if attempt.waits else "old"

    try:
        problem = database_retry.answered(change, database_retry.toast)
    except PasswordRefused as refused:
        return _refuse("password", refused.reason)
    if problem is not None:
        return _refuse("password", problem)
    st.session_state[_CHANGED] = True
    return None


def set_up_second_factor() -> None:
    """Callback: set up or replace the second factor, if the typed code of the new app is right.

    The person must also type a code of the app in use, a recovery code or, without an app, the
    password. So nobody can change the second factor on a page that somebody else has left open. A
    person without an app and without a password needs no such proof (``_proves``).
    """
    person, token = signed_in(), sessions.presented_token() or ""
    typed, proof = st.session_state[CODE], st.session_state.get(PROOF, "")

    def change(connection: Connection) -> list[str] | str:
        secret = second_factor.offered_secret(connection, person.practitioner_id, token)
        codes = second_factor.enrol(connection, person.practitioner_id, secret, typed, anew=True)
        if codes is None:
            return "code"
        sessions.end_others(connection, token, person.practitioner_id)
        log_access(connection, "second_factor_set_up")
        return codes

    _take(
        "second_factor",
        database_retry.answered(lambda: _proven(person, proof, change), database_retry.toast),
    )


def renew_recovery_codes() -> None:
    """Callback: replace the recovery codes if the typed code of the app or recovery code is right.

    The old recovery codes stop working.
    """
    person = signed_in()
    typed = st.session_state[RENEWAL]

    def change(connection: Connection) -> list[str] | str:
        if not second_factor.enrolment(connection, person.practitioner_id).enrolled:
            return "proof"
        log_access(connection, "recovery_codes_renewed")
        return second_factor.renew_recovery_codes(connection, person.practitioner_id)

    _take(
        "recovery_codes",
        database_retry.answered(lambda: _proven(person, typed, change), database_retry.toast),
    )


def offers_calendar() -> bool:
    """Return whether the person can have a calendar feed.

    A feed needs a role of the care team, and a public address in the settings.
    """
    return signed_in().role in CARE_TEAM and settings().public_url is not None


def new_calendar_address() -> str | None:
    """Return the address of the calendar feed if it was just made. The next call returns None."""
    address: str | None = st.session_state.pop(_CALENDAR, None)
    return address


def renew_calendar() -> None:
    """Callback: make a new address for the person's calendar feed."""
    person = signed_in()

    def renew() -> str:
        with serving(person.practitioner_id) as connection:
            return calendar_feed.renew_feed(connection, person.practitioner_id)

    token = database_retry.answered(renew, database_retry.toast)
    st.session_state[_CALENDAR] = calendar_feed.address_of(settings().public_url or "", token)


def end_calendar() -> None:
    """Callback: end the person's calendar feed."""
    person = signed_in()

    def end() -> None:
        with serving(person.practitioner_id) as connection:
            calendar_feed.end_feed(connection, person.practitioner_id)

    database_retry.answered(end, database_retry.toast)


def end_sign_in(number: UUID) -> None:
    """Callback: end the person's sign-in ``number``, if the typed proof of identity is right."""
    person = signed_in()
    proof = st.session_state.get(ENDING, "")

    def change(connection: Connection) -> list[str] | str:
        if sessions.end_one(connection, person.practitioner_id, number):
            log_access(connection, "sign_in_ended")
        return []

    done = database_retry.answered(lambda: _proven(person, proof, change), database_retry.toast)
    if isinstance(done, str):
        _refuse("sign_ins", done)


def _proven(
    person: SignedIn, proof: str, change: Callable[[Connection], list[str] | str]
) -> list[str] | str:
    """Run ``change`` and return its result, if ``proof`` is right and no delay is running.

    Otherwise count a failed attempt and return "proof". If ``change`` returns the reason of a
    refusal, nothing is stored, so that the same proof can be used again.
    """
    with _attempt(person) as attempt:
        if not attempt.waits:
            with serving(person.practitioner_id) as connection, connection.begin_nested() as point:
                if _proves(connection, person.practitioner_id, proof):
                    done = change(connection)
                    if isinstance(done, str):
                        point.rollback()
                    return done
        attempt.failed("code")
    return "proof"


def _attempt(person: SignedIn) -> AbstractContextManager[rate_limiting.Attempt]:
    return rate_limiting.one_at_a_time(person.practitioner_id, client_address())


def _proves(connection: Connection, practitioner_id: int, proof: str) -> bool:
    """Return whether ``proof`` is a code of the authenticator app or a recovery code, which is then
    used up; without an app, whether it is the password.

    Without an app and without a password, any proof is accepted.
    """
    if second_factor.enrolment(connection, practitioner_id).enrolled:
        return second_factor.accepts(connection, practitioner_id, proof) is not None
    kept = _kept_password(connection, practitioner_id)
    # A person without a password signs in at the site's identity provider, so there is nothing to
    # compare ``proof`` with.
    return kept is None or is_right(proof, kept)


def _take(part: str, done: list[str] | str) -> None:
    if isinstance(done, list):
        st.session_state[_CODES] = done
    else:
        _refuse(part, done)


def _refuse(part: str, reason: str) -> None:
    st.session_state[_PROBLEM] = (part, reason)


def _kept_password(connection: Connection, practitioner_id: int) -> str | None:
    return connection.execute(
        select(account.c.password_hash).where(account.c.practitioner_id == practitioner_id)
    ).scalar()
