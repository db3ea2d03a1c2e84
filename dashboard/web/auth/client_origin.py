"""Address and sign-in of the client, for the access log.

``of_request`` reads them from an HTTP request. Within a run of a page, callbacks and fragments
included, ``of_run`` reads them from Streamlit's context; ``listen`` registers it.
"""

import streamlit as st
from starlette.requests import HTTPConnection
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.database.audit.client_origin import NOWHERE, Origin, ask_with
from dashboard.database.security.identity import prove_with
from dashboard.web.auth import sessions

_ENOUGH = 12
"""Characters kept of a token's hash: enough to tell sign-ins apart, too few to look one up."""

LOCAL = "localhost"
"""Address of a browser on the same machine, for which Streamlit gives none."""


def listen() -> None:
    """Register how a run proves its identity to the database, and what the access log records."""
    ask_with(of_run)
    prove_with(sessions.presented_proof)


def of_request(connection: HTTPConnection) -> Origin:
    """Return the origin of this request; behind a proxy, the address that the proxy forwards."""
    tokens = sessions.tokens_in(connection.cookies)
    address = connection.client.host if connection.client else None
    return Origin(address, _beginning(tokens[0] if tokens else None))


def of_run() -> Origin:
    """Return the origin of the browser of this run; ``NOWHERE`` outside of any run."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return NOWHERE
    address = st.context.ip_address
    return Origin(
        address if isinstance(address, str) else LOCAL, _beginning(sessions.presented_token())
    )


def _beginning(token: str | None) -> str | None:
    return None if token is None else sessions.hash_of(token)[:_ENOUGH]
