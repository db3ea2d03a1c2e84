"""Calendar feeds: the secret address of a person's feed, and the events in the feed."""

import secrets
from datetime import datetime

from sqlalchemy import Connection, func, select, text
from sqlalchemy.dialects.postgresql import insert

from dashboard.clinical.calendar_feed import CalendarEvent
from dashboard.database.audit.access_log import log_access
from dashboard.database.schema.registry import practitioner
from dashboard.database.schema.review import account, calendar_feed
from dashboard.vocabulary import CalendarEventKind
from dashboard.web.auth.sessions import hash_of

PATH = "/calendar/"
"""Prefix of the path of every feed, relative to the site's public address."""


def address_of(public_url: str, token: str) -> str:
    """Return the full address of the feed with this token."""
    return f"{public_url.rstrip('/')}{PATH}{token}.ics"


def renewed_at(connection: Connection, practitioner_id: int) -> datetime | None:
    """Return when the current address of the person's feed was made; None without a feed."""
    return connection.execute(
        select(calendar_feed.c.renewed_at).where(calendar_feed.c.practitioner_id == practitioner_id)
    ).scalar()


def renew_feed(connection: Connection, practitioner_id: int) -> str:
    """Make a new address for the person's feed, and return the token of the address.

    An earlier address stops working. Only a hash of the token is stored, so the new address can be
    shown only now.
    """
    token = secrets.token_urlsafe(32)
    values = {"token_hash": hash_of(token), "renewed_at": func.now()}
    connection.execute(
        insert(calendar_feed)
        .values(practitioner_id=practitioner_id, **values)
        .on_conflict_do_update(index_elements=["practitioner_id"], set_=values)
    )
    log_access(connection, "calendar_renewed")
    return token


def end_feed(connection: Connection, practitioner_id: int) -> None:
    """Delete the person's feed, so that its address stops working."""
    connection.execute(
        calendar_feed.delete().where(calendar_feed.c.practitioner_id == practitioner_id)
    )
    log_access(connection, "calendar_ended")


def language_of_feed(connection: Connection, token: str) -> str | None:
    """Return the language that the owner of the feed has chosen; French by default.

    Return None if no feed has this token, or if its owner has left or is locked out.
    """
    row = connection.execute(
        select(account.c.language)
        .join(calendar_feed, calendar_feed.c.practitioner_id == account.c.practitioner_id)
        .join(practitioner, practitioner.c.id == account.c.practitioner_id)
        .where(
            calendar_feed.c.token_hash == hash_of(token),
            account.c.locked_at.is_(None),
            practitioner.c.active,
        )
    ).one_or_none()
    return None if row is None else row.language or "fr"


def events_of_feed(connection: Connection, token: str) -> list[CalendarEvent]:
    """Return the events of the feed with this token, ordered by day."""
    rows = connection.execute(_EVENTS, {"token_hash": hash_of(token)})
    return [
        CalendarEvent(CalendarEventKind(row.kind), row.on_day, row.how_many, row.colleague)
        for row in rows
    ]


_EVENTS = text("""
    SELECT kind, on_day, how_many, colleague FROM review.calendar_events(:token_hash)
    ORDER BY on_day, kind, colleague
""")
