"""Sign-ins: their tickets, tokens and lifetimes.

A correct password begins a sign-in and gives a ticket. The browser must exchange the ticket for a
token within 60 seconds, and can do so only once. It keeps the token in an ``HttpOnly`` cookie. The
table ``review.sign_in`` stores only the hashes of tickets and tokens.

A sign-in expires after 15 idle minutes, and after 4 hours in any case, by the database's clock. It
also ends if the account is locked, or if the practitioner is no longer active. Until all its steps
are completed (``sign_in_flow``), it gives no access and expires after 10 minutes.
"""

import hashlib
import secrets
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import streamlit as st
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Row,
    Text,
    any_,
    bindparam,
    func,
    select,
    text,
    update,
)
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.database import serving
from dashboard.database.audit.access_log import log_access
from dashboard.database.schema.registry import practitioner
from dashboard.database.schema.review import account, sign_in
from dashboard.database.security.begun_reviews import REMINDED
from dashboard.database.security.identity import ABSOLUTE, IDLE, SEEN_EVERY, Proof

TICKET = timedelta(seconds=60)
STEPS = timedelta(minutes=10)

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
    """Whether the screen is shared. Pages then do not show who a patient is."""
    seconds_left: float = field(default=ABSOLUTE.total_seconds(), compare=False)
    """Seconds until the sign-in expires, even if the person stays active."""
    unsigned_drafts: int = field(default=0, compare=False)
    """The number of the person's own drafts that they began more than two days ago and have not
    signed. Empty drafts do not count. Only ``presented_with_sight`` counts the drafts; otherwise
    the number is 0.
    """


@dataclass(frozen=True)
class Candidate:
    """A person who has typed the right password, or has opened an invitation."""

    practitioner_id: int
    role: str
    username: str
    password_is_temporary: bool


@dataclass(frozen=True)
class Waiting(Candidate):
    """A person whose sign-in gives no access yet, because a step is left to complete."""

    awaits: str


@dataclass(frozen=True)
class OpenSignIn:
    """One of a person's live sign-ins, for the list on their account page."""

    id: UUID
    created_at: datetime
    last_seen_at: datetime
    address: str | None
    is_this_one: bool


def signed_in_now(*, seen: bool = True) -> SignedIn | None:
    """Return the person who is signed in with the browser of this run; None if nobody is.

    Set ``seen`` if a person is at the keyboard. This restarts the idle timeout.
    """
    token = presented_token()
    if token is None:
        return None
    with serving() as connection:
        return holder(connection, token, seen=seen)


def waiting_now() -> Waiting | None:
    """Return the person who has begun to sign in with the browser of this run.

    Return None if no sign-in has begun, or if all its steps are completed.
    """
    token = presented_token()
    if token is None:
        return None
    with serving() as connection:
        return waiting(connection, token)


def presented_token() -> str | None:
    """Return the token in the session cookie of this run's browser; None without a cookie.

    The browser sent the cookie when it opened the websocket.
    """
    secure = st.context.headers.get("Origin", "").startswith("https://")
    token = st.context.cookies.get(SECURE_COOKIE if secure else PLAIN_COOKIE)
    return token if isinstance(token, str) else None


def presented_proof(_practitioner_id: int) -> Proof | None:
    """Return a proof with the token of this run's browser, by which the database finds the sign-in.

    Without a session cookie, the proof has no token. Return None outside of any run.
    """
    if get_script_run_ctx(suppress_warning=True) is None:
        return None
    return Proof(token=presented_token())


def tokens_in(cookies: Mapping[str, str]) -> list[str]:
    """Return the session tokens among these cookies."""
    return [cookies[name] for name in (SECURE_COOKIE, PLAIN_COOKIE) if name in cookies]


def start_presenting() -> None:
    """Hide who patients are in every tab of this run's browser, from the next run on.

    Call this in a callback, or rerun the page afterwards, because only the next run reads the new
    state.
    """
    _present(func.coalesce(sign_in.c.presenting_since, func.now()))


def stop_presenting() -> None:
    """Show names again, in every tab of this run's browser."""
    _present(None)


def sign_out(token: str) -> None:
    """End the sign-in of this token in every tab of the browser.

    The access log records this, unless the sign-in has expired or was not completed.
    """
    with serving() as connection:
        person = holder(connection, token)
        if person is None:
            end(connection, token)
            return
    with serving(person.practitioner_id) as connection:
        if end(connection, token):
            log_access(connection, "sign_out")


def sign_out_everywhere(token: str) -> None:
    """End every sign-in of the holder of this token, on every machine.

    The access log records this. Do nothing if the sign-in of this token is no longer live.
    """
    with serving() as connection:
        person = holder(connection, token)
    if person is None:
        return
    with serving(person.practitioner_id) as connection:
        end_all(connection, person.practitioner_id)
        log_access(connection, "sign_out_everywhere")


def seconds_until_locked(connection: Connection, token: str, *, seen: bool) -> float | None:
    """Return the seconds of idleness left before this sign-in expires; None once it has expired.

    Set ``seen`` if a person is at the page now. This restarts the idle timeout.
    """
    if holder(connection, token, seen=seen) is None:
        return None
    left: timedelta = connection.execute(_LEFT, {"token_hash": hash_of(token)}).scalar_one()
    return left.total_seconds()


def begin(
    connection: Connection, practitioner_id: int, address: str, *, awaits: str | None = None
) -> str:
    """Begin a sign-in of a person who has proved their identity; return its ticket.

    ``awaits`` is the step that must be completed before the sign-in gives access.
    """
    ticket = secrets.token_urlsafe(32)
    connection.execute(
        sign_in.insert().values(
            id=uuid.uuid4(),
            practitioner_id=practitioner_id,
            ticket_hash=hash_of(ticket),
            address=address,
            awaits=awaits,
        )
    )
    if awaits is None:
        connection.execute(
            update(account)
            .where(account.c.practitioner_id == practitioner_id)
            .values(last_sign_in_at=func.now())
        )
    return ticket


def redeem(connection: Connection, ticket: str, before: Iterable[str] = ()) -> str | None:
    """Return the token for a ticket.

    Return None if the ticket is unknown, used or older than 60 seconds, or if its sign-in has been
    ended. ``before`` are the browser's former tokens. If a token is returned, their sign-ins are
    ended.
    """
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
    if redeemed.rowcount != 1:
        return None
    for one in before:
        end(connection, one)
    return token


def holder(connection: Connection, token: str, *, seen: bool = False) -> SignedIn | None:
    """Return the holder of this token, with one indexed query; None without a live sign-in.

    Set ``seen`` if a person is at the page. This is stored at most once a minute.
    """
    row = connection.execute(_LIVE, {"token_hash": hash_of(token)}).one_or_none()
    if row is None:
        return None
    if seen and row.stale:
        connection.execute(
            update(sign_in).where(sign_in.c.id == row.id).values(last_seen_at=func.now())
        )
    return _person(row)


def presented_with_sight(
    connection: Connection, *, seen: bool = False
) -> tuple[SignedIn, str] | None:
    """Return the signed-in person, and a digest of the ids of the episodes that they may see.

    Both are read with one query. Return None without a live sign-in. Set ``seen`` if a person is at
    the page.
    """
    row = connection.execute(_PRESENTED_WITH_SIGHT).one_or_none()
    if row is None:
        return None
    if seen and row.stale:
        connection.exec_driver_sql("SELECT review.note_seen()")
    return replace(_person(row), unsigned_drafts=row.unsigned_drafts), row.sight


def live_roles(connection: Connection, token_hashes: Collection[str]) -> dict[str, str]:
    """Return the role of each live sign-in among ``token_hashes``, by the hash of its token."""
    rows = connection.execute(_LIVE_ROLES, {"token_hashes": list(token_hashes)})
    return {row.token_hash: row.role for row in rows}


def waiting(connection: Connection, token: str) -> Waiting | None:
    """Return the holder of this token if a step of the sign-in is still to be completed; otherwise
    None.
    """
    row = connection.execute(_WAITING, {"token_hash": hash_of(token)}).one_or_none()
    return Waiting(**row._mapping) if row else None


def now_awaits(connection: Connection, token: str, step: str) -> None:
    """Set the step that must be completed next in this sign-in, which gives no access yet."""
    connection.execute(
        update(sign_in)
        .where(sign_in.c.token_hash == hash_of(token), sign_in.c.awaits.is_not(None))
        .values(awaits=step)
    )


def open_sign_ins(connection: Connection, practitioner_id: int, token: str) -> list[OpenSignIn]:
    """Return the live sign-ins of this person, latest first. The sign-in of ``token`` is marked."""
    rows = connection.execute(_OPEN, {"practitioner_id": practitioner_id})
    return [
        OpenSignIn(
            row.id, row.created_at, row.last_seen_at, row.address, row.token_hash == hash_of(token)
        )
        for row in rows
    ]


def end(connection: Connection, token: str) -> bool:
    """End the sign-in of this token; return whether it was still open."""
    ended = connection.execute(
        update(sign_in)
        .where(sign_in.c.token_hash == hash_of(token), sign_in.c.ended_at.is_(None))
        .values(ended_at=func.now())
    )
    return ended.rowcount == 1


def end_one(connection: Connection, practitioner_id: int, number: UUID) -> bool:
    """End the sign-in ``number`` if it belongs to the practitioner; return whether it was ended.

    Nothing changes if it belongs to somebody else or has already ended.
    """
    ended = connection.execute(
        update(sign_in)
        .where(
            sign_in.c.id == number,
            sign_in.c.practitioner_id == practitioner_id,
            sign_in.c.ended_at.is_(None),
        )
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


def end_others(connection: Connection, token: str, practitioner_id: int) -> None:
    """End every sign-in of this practitioner except the one of this token."""
    connection.execute(
        update(sign_in)
        .where(
            sign_in.c.practitioner_id == practitioner_id,
            sign_in.c.token_hash.is_distinct_from(hash_of(token)),
            sign_in.c.ended_at.is_(None),
        )
        .values(ended_at=func.now())
    )


def _present(since: ColumnElement[datetime] | None) -> None:
    token = presented_token()
    if token is None:
        return
    with serving() as connection:
        connection.execute(
            update(sign_in)
            .where(sign_in.c.token_hash == hash_of(token))
            .values(presenting_since=since)
        )


def hash_of(secret: str) -> str:
    """Return the hash of a ticket or a token, as stored.

    A fast hash is safe, because tickets and tokens have 256 random bits.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def _person(row: Row[Any]) -> SignedIn:
    return SignedIn(
        practitioner_id=row.practitioner_id,
        role=row.role,
        family_name=row.family_name,
        given_name=row.given_name,
        username=row.username,
        presenting=row.presenting,
        seconds_left=row.left.total_seconds(),
    )


_NOT_ENDED = (
    sign_in.c.ended_at.is_(None),
    account.c.locked_at.is_(None),
    practitioner.c.active,
)
_IN_USE = (
    sign_in.c.awaits.is_(None),
    sign_in.c.last_seen_at > func.now() - IDLE,
    sign_in.c.created_at > func.now() - ABSOLUTE,
)

_LIVE = (
    select(
        sign_in.c.id,
        sign_in.c.practitioner_id,
        (sign_in.c.last_seen_at < func.now() - SEEN_EVERY).label("stale"),
        practitioner.c.role,
        practitioner.c.family_name,
        practitioner.c.given_name,
        account.c.username,
        sign_in.c.presenting_since.is_not(None).label("presenting"),
        (sign_in.c.created_at + ABSOLUTE - func.now()).label("left"),
    )
    .join(account, account.c.practitioner_id == sign_in.c.practitioner_id)
    .join(practitioner, practitioner.c.id == sign_in.c.practitioner_id)
    .where(sign_in.c.token_hash == bindparam("token_hash"), *_NOT_ENDED, *_IN_USE)
)

# The digest is a sum of hashes, because a sum does not depend on the order of the rows, and query
# plans return the rows in different orders. ``visible_episodes`` is called in a SELECT of its own.
# Otherwise the planner would run it once more, to estimate the number of rows.
_PRESENTED_WITH_SIGHT = text(f"""
    SELECT presented.*, (SELECT coalesce(sum(hashint8extended(one, 0)), 0)::text
                         FROM unnest((SELECT review.visible_episodes())) AS one) AS sight,
           (SELECT count(*) FROM review.draft d
            WHERE d.psychiatrist_id = presented.practitioner_id AND {REMINDED}) AS unsigned_drafts
    FROM review.presented_sign_in() presented
""")

_LIVE_ROLES = (
    select(sign_in.c.token_hash, practitioner.c.role)
    .join(account, account.c.practitioner_id == sign_in.c.practitioner_id)
    .join(practitioner, practitioner.c.id == sign_in.c.practitioner_id)
    .where(
        sign_in.c.token_hash == any_(bindparam("token_hashes", type_=ARRAY(Text))),
        *_NOT_ENDED,
        *_IN_USE,
    )
)

_LEFT = select(
    func.least(sign_in.c.last_seen_at + IDLE, sign_in.c.created_at + ABSOLUTE) - func.now()
).where(sign_in.c.token_hash == bindparam("token_hash"))

_WAITING = (
    select(
        sign_in.c.practitioner_id,
        practitioner.c.role,
        account.c.username,
        account.c.password_is_temporary,
        sign_in.c.awaits,
    )
    .join(account, account.c.practitioner_id == sign_in.c.practitioner_id)
    .join(practitioner, practitioner.c.id == sign_in.c.practitioner_id)
    .where(
        sign_in.c.token_hash == bindparam("token_hash"),
        *_NOT_ENDED,
        sign_in.c.awaits.is_not(None),
        sign_in.c.created_at > func.now() - STEPS,
    )
)

_OPEN = (
    select(
        sign_in.c.id,
        sign_in.c.token_hash,
        sign_in.c.created_at,
        sign_in.c.last_seen_at,
        sign_in.c.address,
    )
    .where(
        sign_in.c.practitioner_id == bindparam("practitioner_id"),
        sign_in.c.token_hash.is_not(None),
        sign_in.c.ended_at.is_(None),
        *_IN_USE,
    )
    .order_by(sign_in.c.created_at.desc())
)
