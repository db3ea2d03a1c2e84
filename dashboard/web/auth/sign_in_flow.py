"""Steps of a sign-in after the password: code, new password, enrolment, recovery codes.

A correct password creates a sign-in in the database. The sign-in gives no access while a step is
left. Each completed step ends the sign-in and begins another one with a new token. The enrolment
does so only after the person has confirmed that they kept the recovery codes. So a token that an
attacker learned before the code was typed is useless afterwards.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from dashboard.database import serving
from dashboard.database.audit.access_log import log_access
from dashboard.vocabulary import SignInStep
from dashboard.web.auth import encryption, rate_limiting, second_factor, sessions
from dashboard.web.auth.accounts import password_is_temporary, set_password
from dashboard.web.auth.invitations import end_invitations
from dashboard.web.auth.sessions import Candidate, Waiting


@dataclass(frozen=True)
class Enrolled:
    """The result of setting up a second factor. The recovery codes are never shown again."""

    recovery_codes: list[str]


def begin(
    connection: Connection,
    person: Candidate,
    address: str,
    *,
    done: tuple[str, ...] = (),
    enrols: bool = False,
) -> str:
    """Begin a sign-in whose steps in ``done`` are already completed; return its ticket.

    If ``enrols`` is set, the person must set up a second factor even if the role does not require
    one.
    """
    awaits = _next(connection, person, done, enrols)
    if awaits is None:
        log_access(connection, "sign_in", address=address, steps=list(done))
    return sessions.begin(connection, person.practitioner_id, address, awaits=awaits)


def enter_code(person: Waiting, token: str, typed: str, address: str) -> str | None:
    """Return the ticket of the next step if ``typed`` is a valid code or recovery code.

    Otherwise count the failure and return None.
    """
    with rate_limiting.one_at_a_time(person.practitioner_id, address) as attempt:
        if person.awaits == SignInStep.CODE and not attempt.waits:
            with serving(person.practitioner_id) as connection:
                how = second_factor.accepts(connection, person.practitioner_id, typed)
                if how is not None and sessions.end(connection, token):
                    return begin(connection, person, address, done=(how,))
        attempt.failed(SignInStep.CODE)
    return None


def choose_password(person: Waiting, token: str, password: str, address: str) -> str | None:
    """Set this password and return the ticket of the next step.

    Return None if the password is no longer temporary, or if the sign-in has ended or awaits
    another step. Raise ``PasswordRefused`` if the new password is not accepted. A temporary
    password or an invitation can be used only once, so all other sign-ins of the person are ended.
    An invited person sets up a second factor next, if the site can store one.
    """
    if person.awaits != SignInStep.NEW_PASSWORD:
        return None
    with serving(person.practitioner_id) as connection:
        if not (
            password_is_temporary(connection, person.username) and sessions.end(connection, token)
        ):
            return None
        set_password(connection, person.username, password)
        sessions.end_all(connection, person.practitioner_id)
        invited = end_invitations(connection, person.practitioner_id)
        # A person with a second factor has already entered a code before this step.
        enrolled = second_factor.enrolment(connection, person.practitioner_id).enrolled
        return begin(
            connection,
            person,
            address,
            done=(*((SignInStep.CODE,) if enrolled else ()), SignInStep.NEW_PASSWORD),
            enrols=invited and encryption.can_seal(),
        )


def enrol(person: Waiting, token: str, typed: str, address: str) -> Enrolled | None:
    """Set up the second factor and return the recovery codes.

    ``typed`` must be a code of the app. Otherwise, and during a delay, count the failure and return
    None. Return None too if the sign-in awaits another step.
    """
    if person.awaits != SignInStep.ENROLMENT:
        return None
    with rate_limiting.one_at_a_time(person.practitioner_id, address) as attempt:
        if not attempt.waits:
            with serving(person.practitioner_id) as connection:
                secret = second_factor.offered_secret(connection, person.practitioner_id, token)
                codes = second_factor.enrol(connection, person.practitioner_id, secret, typed)
                if codes is not None:
                    sessions.end_others(connection, token, person.practitioner_id)
                    sessions.now_awaits(connection, token, SignInStep.RECOVERY_CODES)
                    log_access(connection, "second_factor_set_up", address=address)
                    return Enrolled(codes)
        attempt.failed(SignInStep.CODE)
    return None


def has_kept_codes(person: Waiting, token: str, address: str) -> str | None:
    """Return the ticket of the next step, after the person has confirmed that they kept the codes.

    Return None if the sign-in has ended or awaits another step.
    """
    if person.awaits != SignInStep.RECOVERY_CODES:
        return None
    with serving(person.practitioner_id) as connection:
        if not sessions.end(connection, token):
            return None
        return begin(connection, person, address, done=(SignInStep.CODE, SignInStep.ENROLMENT))


def _next(
    connection: Connection, person: Candidate, done: tuple[str, ...], enrols: bool
) -> str | None:
    enrolled = second_factor.enrolment(connection, person.practitioner_id).enrolled
    if enrolled and not {SignInStep.CODE, "recovery_code"} & set(done):
        return SignInStep.CODE
    if person.password_is_temporary and SignInStep.NEW_PASSWORD not in done:
        return SignInStep.NEW_PASSWORD
    if not enrolled and (enrols or person.role in second_factor.roles_that_need_it()):
        return SignInStep.ENROLMENT
    return None
