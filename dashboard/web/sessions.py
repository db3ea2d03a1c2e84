"""The sign-ins: who is behind a cookie, and for how long.

After the password a sign-in has a ticket, good for one exchange within a minute. The
browser exchanges it for a token, which lives in an ``HttpOnly`` cookie; the table
``review.sign_in`` keeps only hashes. A sign-in is live until it is ended, the account is
locked, the practitioner is no longer active, nobody has used it for 15 minutes, or 4 hours
have passed. The database's clock counts.
"""

import hashlib
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import streamlit as st
from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, select, update

from dashboard.database import acting_as
from dashboard.database.access_log import log_access
from dashboard.database.registry import practitioner
from dashboard.database.review import account, sign_in

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=4)
TICKET = timedelta(seconds=60)
# How stale last_seen_at may be before it is written again.
_SEEN_EVERY = timedelta(minutes=1)

SECURE_COOKIE = "__Host-session"
PLAIN_COOKIE = "session"


@dataclass(frozen=True)
class SignedIn:
    """The practitioner who is signed in."""

    practitioner_id: int
    role: str
    family_name: str
    given_name: str
    username: str
    presenting: bool = False
    """Whether the screen is shared: no page shows who a patient is."""


def signed_in_now(*, seen: bool = True) -> SignedIn | None:
    """Who is behind the cookie of this run; nobody if it is not, or no longer, live.

    ``seen`` says that a person is at the keyboard: it keeps the sign-in from idling.
    """
    token = presented_token()
    if token is None:
        return None
    with acting_as(None) as connection:
        return holder(connection, token, seen=seen)


def presented_token() -> str | None:
    """The token in the cookie with which the browser of this run connected."""
    secure = st.context.headers.get("Origin", "").startswith("https://")
    token = st.context.cookies.get(SECURE_COOKIE if secure else PLAIN_COOKIE)
    return token if isinstance(token, str) else None


def tokens_in(cookies: Mapping[str, str]) -> list[str]:
    """The tokens among these cookies."""
    return [cookies[name] for name in (SECURE_COOKIE, PLAIN_COOKIE) if name in cookies]


def start_presenting(connection: Connection) -> None:
    """From the next run on, no tab of this run's browser shows who a patient is.

    For a callback: the run that follows it knows.
    """
    _present(connection, func.coalesce(sign_in.c.presenting_since, func.now()))


def stop_presenting(connection: Connection) -> None:
    """Show names again, in every tab of this run's browser."""
    _present(connection, None)


def sign_out(token: str) -> None:
    """End the sign-in of this token, in every tab of that browser, and log it."""
    with acting_as(None) as connection:
        person = holder(connection, token)
    if person is None:
        return
    with acting_as(person.practitioner_id) as connection:
        if end(connection, token):
            log_access(connection, "sign_out")


def begin(connection: Connection, practitioner_id: int, address: str) -> str:
    """Begin a sign-in after the password was right; its ticket."""
    ticket = secrets.token_urlsafe(32)
    connection.execute(
        sign_in.insert().values(
            id=uuid.uuid4(),
            practitioner_id=practitioner_id,
            ticket_hash=hash_of(ticket),
            address=address,
        )
    )
    connection.execute(
        update(account)
        .where(account.c.practitioner_id == practitioner_id)
        .values(last_sign_in_at=func.now())
    )
    return ticket


def redeem(connection: Connection, ticket: str) -> str | None:
    """The token for this ticket; none if it is unknown, used, or older than a minute."""
    token = secrets.token_urlsafe(32)
    redeemed = connection.execute(
        update(sign_in)
        .where(
            sign_in.c.ticket_hash == hash_of(ticket),
            sign_in.c.created_at > func.now() - TICKET,
            sign_in.c.ended_at.is_(None),
        )
        .values(ticket_hash=None, token_hash=hash_of(token), last_seen_at=func.now())
    )
    return token if redeemed.rowcount == 1 else None


def holder(connection: Connection, token: str, *, seen: bool = False) -> SignedIn | None:
    """Who holds this token, if its sign-in is live: one indexed query.

    ``seen`` notes that the person is there, at most once a minute.
    """
    row = connection.execute(_LIVE, {"token_hash": hash_of(token)}).one_or_none()
    if row is None:
        return None
    if seen and row.stale:
        connection.execute(
            update(sign_in).where(sign_in.c.id == row.id).values(last_seen_at=func.now())
        )
    return _person(row)


def end(connection: Connection, token: str) -> bool:
    """End the sign-in of this token; whether it was still open."""
    ended = connection.execute(
        update(sign_in)
        .where(sign_in.c.token_hash == hash_of(token), sign_in.c.ended_at.is_(None))
        .values(ended_at=func.now())
    )
    return ended.rowcount == 1


def end_all(connection: Connection, practitioner_id: int) -> None:
    """End every sign-in of this practitioner, on every machine."""
    connection.execute(
        update(sign_in)
        .where(sign_in.c.practitioner_id == practitioner_id, sign_in.c.ended_at.is_(None))
        .values(ended_at=func.now())
    )


def _present(connection: Connection, since: ColumnElement[datetime] | None) -> None:
    token = presented_token()
    if token is not None:
        connection.execute(
            update(sign_in)
            .where(sign_in.c.token_hash == hash_of(token))
            .values(presenting_since=since)
        )


def hash_of(secret: str) -> str:
    """What is kept of a ticket or a token: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _person(row: Row) -> SignedIn:
    return SignedIn(
        practitioner_id=row.practitioner_id,
        role=row.role,
        family_name=row.family_name,
        given_name=row.given_name,
        username=row.username,
        presenting=row.presenting,
    )


_LIVE = (
    select(
        sign_in.c.id,
        sign_in.c.practitioner_id,
        (sign_in.c.last_seen_at < func.now() - _SEEN_EVERY).label("stale"),
        practitioner.c.role,
        practitioner.c.family_name,
        practitioner.c.given_name,
        account.c.username,
        sign_in.c.presenting_since.is_not(None).label("presenting"),
    )
    .join(account, account.c.practitioner_id == sign_in.c.practitioner_id)
    .join(practitioner, practitioner.c.id == sign_in.c.practitioner_id)
    .where(
        sign_in.c.token_hash == bindparam("token_hash"),
        sign_in.c.ended_at.is_(None),
        sign_in.c.last_seen_at > func.now() - IDLE,
        sign_in.c.created_at > func.now() - ABSOLUTE,
        account.c.locked_at.is_(None),
        practitioner.c.active,
    )
)
