"""Address and sign-in of the client, for the access log.

``of_request`` reads both from an HTTP request. In a run of a page, a callback or a fragment,
``of_run`` reads both from Streamlit's context. ``listen`` registers ``of_run``.
"""

import streamlit as st
from starlette.requests import HTTPConnection
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.database.audit.client_origin import NOWHERE, Origin, ask_with
from dashboard.database.security.identity import prove_with
from dashboard.web.auth import sessions

_ENOUGH = 12
"""Number of characters kept of a token's hash.

They distinguish sign-ins, but are too few to look a sign-in up.
"""

LOCAL = "localhost"
"""Address logged for a browser on the same machine. Streamlit gives no address for it."""


def listen() -> None:
    """Register how runs prove their identity to the database, and the origin for the access log."""
    ask_with(of_run)
    prove_with(sessions.presented_proof)


def of_request(connection: HTTPConnection) -> Origin:
    """Return the origin of this request.

    Behind a proxy it has the address that the proxy forwards.
    """
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
