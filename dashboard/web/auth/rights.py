"""The rights under which a page was drawn, and the check that they have not changed since."""

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
    """The rights of a sign-in at one time.

    Two rights are equal if the person, the role, the presenting mode and the visible episodes are
    the same. Which episodes are visible depends on care teams, covers and emergency accesses.
    """

    person: SignedIn
    sight: str
    """Digest of the ids of the visible episodes."""


def rights_of(token: str | None, *, seen: bool) -> Rights | None:
    """Return the rights of the holder of this token; None without a live sign-in.

    Set ``seen`` if a person is at the keyboard. This restarts the idle timeout.
    """
    if token is None:
        return None
    practitioner_id = _holder_of(token)
    return None if practitioner_id is None else _as_seen_by(practitioner_id, token, seen=seen)


def rights_now(known: Rights, token: str | None, *, seen: bool) -> Rights | None:
    """Return the present rights of the holder of this token, in one transaction.

    ``known`` are earlier rights of the same holder. Return None if the sign-in is no longer live.
    """
    if token is None:
        return None
    return _as_seen_by(known.person.practitioner_id, token, seen=seen)


def still_hold(known: Rights, token: str | None, *, seen: bool = False) -> bool:
    """Return whether the present rights of the holder of this token are still equal to ``known``.

    One transaction is made.
    """
    return rights_now(known, token, seen=seen) == known


def _holder_of(token: str) -> int | None:
    """Return the id of the practitioner who holds this token; None if the token has no live
    sign-in.

    The id is cached, because the holder of a token never changes. The check of a page therefore
    needs only one transaction. A cached id is returned even after the sign-in has ended.
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
