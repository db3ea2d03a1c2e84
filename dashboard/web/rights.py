"""The rights under which a page is drawn, and whether they still hold."""

from dataclasses import dataclass

from dashboard.database import acting_as
from dashboard.web import sessions
from dashboard.web.sessions import SignedIn


@dataclass(frozen=True)
class Rights:
    """What one sign-in may be shown at one moment.

    Two are equal where the person, their role, whether they are presenting and the episodes
    that they may see are the same: the care team, covers and emergency accesses all count.
    """

    person: SignedIn
    sight: str
    """A digest of the ids of those episodes."""


def rights_of(token: str | None, *, seen: bool) -> Rights | None:
    """Return the rights of whoever holds this token; None if its sign-in is not live.

    ``seen`` notes that a person is at the keyboard.
    """
    if token is None:
        return None
    with acting_as(None) as connection:
        person = sessions.holder(connection, token, seen=seen)
    return None if person is None else _as_seen_by(person.practitioner_id, token, seen=False)


def rights_now(known: Rights, token: str | None, *, seen: bool) -> Rights | None:
    """Return the rights that this token gives now, in one query; None if it gives none.

    ``known`` are those that it gave before.
    """
    if token is None:
        return None
    return _as_seen_by(known.person.practitioner_id, token, seen=seen)


def still_hold(known: Rights, token: str | None, *, seen: bool = False) -> bool:
    """Return whether this token gives the rights that it gave before, in one query."""
    return rights_now(known, token, seen=seen) == known


def _as_seen_by(practitioner_id: int, token: str, *, seen: bool) -> Rights | None:
    with acting_as(practitioner_id) as connection:
        found = sessions.holder_with_sight(connection, token, seen=seen)
    return None if found is None else Rights(*found)
