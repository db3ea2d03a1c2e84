"""Second factor: time-based one-time passwords (TOTP), six digits, new every 30 seconds.

The secret is stored encrypted (``encryption``), so nobody can make a code from the database alone.
A code is accepted once, up to 30 seconds early or late. A recovery code is also accepted once, and
only its hash is stored. Only the server's own database role can read the secrets and the hashes.
"""

import base64
import logging
import secrets
from dataclasses import dataclass

import pyotp
import segno
from sqlalchemy import ColumnElement, Connection, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from dashboard.database.schema.review import second_factor
from dashboard.settings import settings
from dashboard.vocabulary import Role
from dashboard.web.auth import encryption
from dashboard.web.auth.passwords import new_password
from dashboard.web.auth.sessions import hash_of

ROLES = frozenset(Role)
ISSUER = "SESAME revue de cas"
"""Name of the service that the authenticator app shows beside the user name."""

STEP_SECONDS = 30
DRIFT_STEPS = 1
RECOVERY_CODES = 8

_PURPOSE = "second factor"
_log = logging.getLogger(__name__)
_without_demand = False


@dataclass(frozen=True)
class Enrolment:
    """The state of a person's second factor: whether it is set up, and how many recovery codes are
    left.
    """

    enrolled: bool
    recovery_codes: int = 0


def demand_of_nobody() -> None:
    """Require a second factor only if the settings name roles for it.

    The demonstration calls this.
    """
    global _without_demand
    _without_demand = True


def roles_that_need_it() -> frozenset[str]:
    """Return the roles that cannot sign in without a second factor."""
    configured = settings().second_factor_roles
    if configured is None:
        return frozenset() if _without_demand else ROLES
    return frozenset(configured)


def enrolment(connection: Connection, practitioner_id: int) -> Enrolment:
    """Return the state of this person's second factor."""
    left = connection.execute(
        select(func.cardinality(second_factor.c.recovery_hashes)).where(_of(practitioner_id))
    ).scalar()
    return Enrolment(enrolled=left is not None, recovery_codes=left or 0)


def offered_secret(connection: Connection, practitioner_id: int, token: str) -> str:
    """Return the secret to enter into the authenticator app, in Base32.

    The secret is derived from the encryption key and this sign-in. So a reload shows the same
    secret, and nothing is stored before the person confirms the secret with a code.
    """
    since = connection.execute(
        select(second_factor.c.enrolled_at).where(_of(practitioner_id))
    ).scalar()
    made = encryption.derived(f"enrolment of {hash_of(token)} after {since}", 20)
    return base64.b32encode(made).decode()


def qr_code(secret: str, username: str) -> str:
    """Return the QR code of the secret as SVG, dark on white in the light and dark themes."""
    address = pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)
    drawn = segno.make(address, error="m", micro=False)
    return drawn.svg_inline(scale=5, border=4, dark="#000", light="#fff")


def enrol(
    connection: Connection, practitioner_id: int, secret: str, typed: str, *, anew: bool = False
) -> list[str] | None:
    """Set up the second factor with this secret, and return the recovery codes.

    ``typed`` must be a valid code of the secret. Return None if it is not, or if there is already a
    second factor and ``anew`` is not set. The recovery codes cannot be read again later.
    """
    step = _matching_step(connection, secret, typed, after=0)
    if step is None:
        return None
    codes = [new_password() for _ in range(RECOVERY_CODES)]
    values = {
        "secret": encryption.seal(secret.encode(), _PURPOSE, str(practitioner_id)),
        "last_step": step,
        "recovery_hashes": [_hashed(code) for code in codes],
        "enrolled_at": func.now(),
    }
    row = insert(second_factor).values(practitioner_id=practitioner_id, **values)
    key = [second_factor.c.practitioner_id]
    row = (
        row.on_conflict_do_update(index_elements=key, set_=values)
        if anew
        else row.on_conflict_do_nothing(index_elements=key)
    )
    written = connection.execute(row.returning(second_factor.c.practitioner_id)).first()
    return codes if written else None


def accepts(connection: Connection, practitioner_id: int, typed: str) -> str | None:
    """Check a code and mark it as used.

    Return "code" or "recovery_code", depending on its kind; None if it is wrong.
    """
    if _accepts_code(connection, practitioner_id, typed):
        return "code"
    return "recovery_code" if _accepts_recovery_code(connection, practitioner_id, typed) else None


def renew_recovery_codes(connection: Connection, practitioner_id: int) -> list[str]:
    """Replace the recovery codes of this person, and return the new codes.

    The codes cannot be read again later.
    """
    codes = [new_password() for _ in range(RECOVERY_CODES)]
    connection.execute(
        update(second_factor)
        .where(_of(practitioner_id))
        .values(recovery_hashes=[_hashed(code) for code in codes])
    )
    return codes


def _accepts_code(connection: Connection, practitioner_id: int, typed: str) -> bool:
    row = connection.execute(select(second_factor).where(_of(practitioner_id))).one_or_none()
    if row is None:
        return False
    try:
        secret = encryption.unseal(bytes(row.secret), _PURPOSE, str(practitioner_id)).decode()
    except encryption.Broken:
        _log.error("A second factor does not open: was CASE_REVIEW_SEALING_KEY changed?")
        return False
    step = _matching_step(connection, secret, typed, after=row.last_step)
    if step is None:
        return False
    # If two simultaneous attempts use the same code, the second one updates no row.
    used = connection.execute(
        update(second_factor)
        .where(_of(practitioner_id), second_factor.c.last_step < step)
        .values(last_step=step)
    )
    return used.rowcount == 1


def _accepts_recovery_code(connection: Connection, practitioner_id: int, typed: str) -> bool:
    hashed = _hashed(typed)
    used = connection.execute(
        update(second_factor)
        .where(_of(practitioner_id), literal(hashed) == func.any(second_factor.c.recovery_hashes))
        .values(recovery_hashes=func.array_remove(second_factor.c.recovery_hashes, hashed))
    )
    return used.rowcount == 1


def _of(practitioner_id: int) -> ColumnElement[bool]:
    return second_factor.c.practitioner_id == practitioner_id


def _matching_step(connection: Connection, secret: str, typed: str, *, after: int) -> int | None:
    """Return the time step to which the typed code belongs; None if the code is wrong.

    A step is 30 seconds long. Only steps after the last used one (``after``) are tried, at most
    ``DRIFT_STEPS`` before or after the time of the database's clock. The latest step that fits is
    returned.
    """
    digits = "".join(typed.split())
    if not (digits.isascii() and digits.isdigit()):
        return None
    now = connection.execute(select(func.extract("epoch", func.clock_timestamp()))).scalar_one()
    made, step = pyotp.TOTP(secret), int(now) // STEP_SECONDS
    steps = range(step + DRIFT_STEPS, max(after, step - DRIFT_STEPS - 1), -1)
    matching = [one for one in steps if secrets.compare_digest(made.generate_otp(one), digits)]
    return matching[0] if matching else None


def _hashed(code: str) -> str:
    """Return the hash of a recovery code, as stored.

    A fast hash is safe, because a recovery code has 80 random bits.
    """
    return hash_of("".join(letter for letter in code.lower() if letter.isalnum()))
