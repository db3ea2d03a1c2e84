"""From where whoever acts comes: for the access log.

A request says it for as long as it is answered (``of_request``); within a run of a page,
callbacks and fragments included, Streamlit knows the browser (``listen``).
"""

import streamlit as st
from starlette.requests import HTTPConnection
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.database.audit.client_origin import NOWHERE, Origin, ask_with
from dashboard.database.security.identity import prove_with
from dashboard.web.auth import sessions

_ENOUGH = 12
"""Characters of a hash: enough to tell sign-ins apart, and too few to be one."""

LOCAL = "localhost"
"""Streamlit says nothing of a browser on the same machine."""


def listen() -> None:
    """From now on the browser of a run proves who acts, and the access log says which it is."""
    ask_with(of_run)
    prove_with(sessions.presented_proof)


def of_request(connection: HTTPConnection) -> Origin:
    """Where this request comes from; behind a proxy, what the proxy says."""
    tokens = sessions.tokens_in(connection.cookies)
    address = connection.client.host if connection.client else None
    return Origin(address, _beginning(tokens[0] if tokens else None))


def of_run() -> Origin:
    """Where the browser of this run is; nowhere outside of any run."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return NOWHERE
    address = st.context.ip_address
    return Origin(
        address if isinstance(address, str) else LOCAL, _beginning(sessions.presented_token())
    )


def _beginning(token: str | None) -> str | None:
    return None if token is None else sessions.hash_of(token)[:_ENOUGH]
