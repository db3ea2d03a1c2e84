"""Rights under which a page is drawn, and the check that they still hold."""

from collections import OrderedDict
from dataclasses import dataclass

from dashboard.database import acting_as, serving
from dashboard.database.security.identity import NotSignedIn, Proof
from dashboard.web.auth import sessions
from dashboard.web.auth.sessions import SignedIn

_HOLDERS_REMEMBERED = 10_000
_holders: OrderedDict[str, int] = OrderedDict()


@dataclass(frozen=True)
class Rights:
    """The rights of a sign-in at an instant.

    Rights are equal if the person, the role, the presenting mode and the visible episodes are the
    same. Care teams, covers and emergency accesses decide which episodes are visible.
    """

    person: SignedIn
    sight: str
    """Digest of the ids of the visible episodes."""


def rights_of(token: str | None, *, seen: bool) -> Rights | None:
    """Return the rights of the holder of this token; None without a live sign-in.

    ``seen`` means that a person is at the keyboard, which restarts the idle timeout.
    """
    if token is None:
        return None
    practitioner_id = _holder_of(token)
    return None if practitioner_id is None else _as_seen_by(practitioner_id, token, seen=seen)


def rights_now(known: Rights, token: str | None, *, seen: bool) -> Rights | None:
    """Return the rights that this token gives now, in one query; None if it gives none.

    ``known`` are the rights that the token gave earlier. The returned rights are those of the same
    person.
    """
    if token is None:
        return None
    return _as_seen_by(known.person.practitioner_id, token, seen=seen)


def still_hold(known: Rights, token: str | None, *, seen: bool = False) -> bool:
    """Return whether this token still gives exactly these rights, in one query."""
    return rights_now(known, token, seen=seen) == known


def _holder_of(token: str) -> int | None:
    """Return the id of the practitioner who holds this token; None without a live sign-in.

    The holder of a token never changes, so the id is cached, and the check of a page needs one
    query only. A cached id is also returned after the sign-in has ended.
    """
    token_hash = sessions.hash_of(token)
    if token_hash not in _holders:
        with serving() as connection:
            person = sessions.holder(connection, token)
        if person is None:
            return None
        _holders[token_hash] = person.practitioner_id
        if len(_holders) > _HOLDERS_REMEMBERED:
            _holders.popitem(last=False)
    return _holders[token_hash]


def _as_seen_by(practitioner_id: int, token: str, *, seen: bool) -> Rights | None:
    try:
        with acting_as(practitioner_id, by=Proof(token=token)) as connection:
            found = sessions.presented_with_sight(connection, seen=seen)
    except NotSignedIn:
        return None
    return None if found is None else Rights(*found)
