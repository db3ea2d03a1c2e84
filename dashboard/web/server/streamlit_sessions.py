"""The sign-in to which each Streamlit session belongs: the one for which it was last drawn."""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from time import monotonic

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Scope
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.web.auth.rights import Rights
from dashboard.web.auth.sessions import hash_of, tokens_in

_SESSIONS_REMEMBERED = 10_000

SECONDS_TO_RESUME = 180.0
"""Seconds after which the sign-in of a session that no browser shows is forgotten.

Streamlit itself keeps such a session for 120 seconds (``server.disconnectedSessionTTL``).
"""


@dataclass(frozen=True)
class Claim:
    """The sign-in to which a Streamlit session belongs, and the rights under which it was drawn.

    ``rights`` is None while a step of the sign-in is still to be completed.
    """

    token_hash: str
    rights: Rights | None = None


_claims: OrderedDict[str, Claim] = OrderedDict()
_left: OrderedDict[str, float] = OrderedDict()
"""When a browser has disconnected from each session (``time.monotonic``), earliest first."""


def claim_session(token: str, rights: Rights | None = None) -> None:
    """Record that the Streamlit session of this run belongs to this token, with these rights."""
    session_id = _session_of_run()
    _claims[session_id] = Claim(hash_of(token), rights)
    _claims.move_to_end(session_id)
    if len(_claims) > _SESSIONS_REMEMBERED:
        _claims.popitem(last=False)


def release_session() -> None:
    """Record that the Streamlit session of this run no longer belongs to any sign-in."""
    _claims.pop(_session_of_run(), None)


def session_left(session_id: str, still_open: Collection[str | None]) -> None:
    """Record that a browser has disconnected from this session.

    Also forget the sign-ins of sessions from which browsers disconnected more than
    ``SECONDS_TO_RESUME`` ago, except those in ``still_open``, which browsers show again.
    """
    now = monotonic()
    _left[session_id] = now
    _left.move_to_end(session_id)
    while now - next(iter(_left.values())) > SECONDS_TO_RESUME:
        forgotten, _at = _left.popitem(last=False)
        if forgotten not in still_open:
            _claims.pop(forgotten, None)


def _session_of_run() -> str:
    run = get_script_run_ctx()
    if run is None:
        raise RuntimeError("no script runs here")
    return run.session_id


def claim_of(session_id: str) -> Claim | None:
    """Return the sign-in to which this Streamlit session belongs; None if it belongs to none."""
    return _claims.get(session_id)


def session_named(scope: Scope) -> str | None:
    """Return the id of the Streamlit session that a reconnecting browser wants to resume.

    The browser sends the id as the third subprotocol of the websocket.
    """
    protocols = _protocols(scope)
    return protocols[2].strip() or None if len(protocols) > 2 else None


def without_foreign_session(scope: Scope) -> Scope:
    """Return ``scope`` without the id of a Streamlit session that belongs to another sign-in.

    By itself, Streamlit resumes a session for any browser that sends the id of the session. Without
    the id, the browser gets a new session.
    """
    named = session_named(scope)
    if named is None or _is_own(named, HTTPConnection(scope)):
        return scope
    kept = ",".join(_protocols(scope)[:2]).encode("latin-1")
    headers = [
        (name, kept if name == b"sec-websocket-protocol" else value)
        for name, value in scope["headers"]
    ]
    return {**scope, "headers": headers}


def _protocols(scope: Scope) -> list[str]:
    return Headers(scope=scope).get("sec-websocket-protocol", "").split(",")


def _is_own(session_id: str, connection: HTTPConnection) -> bool:
    claim = _claims.get(session_id)
    return claim is not None and claim.token_hash in map(hash_of, tokens_in(connection.cookies))
