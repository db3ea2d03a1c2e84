"""The address and the sign-in of the browser, as they are recorded in the access log.

``of_request`` takes them from an HTTP request. ``of_run`` takes them from Streamlit's context
during a run of a page, a callback or a fragment.
"""

import streamlit as st
from starlette.requests import HTTPConnection
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.database.audit.client_origin import NOWHERE, Origin, ask_with
from dashboard.database.security.identity import prove_with
from dashboard.web.auth import sessions

_ENOUGH = 12
"""Number of characters of a token's hash that are recorded in the access log.

They suffice to tell sign-ins apart, but not to find the sign-in in the database.
"""

LOCAL = "localhost"
"""Address that is recorded for a browser on the same machine, for which Streamlit gives no
address.
"""


def listen() -> None:
    """Register the functions that tell the database layer who sends a query.

    One gives the address and the sign-in of the browser, the other the token that proves the
    sign-in.
    """
    ask_with(of_run)
    prove_with(sessions.presented_proof)


def of_request(connection: HTTPConnection) -> Origin:
    """Return the address and the sign-in of the browser that sent this request.

    Behind a trusted proxy, the address is the one that the proxy forwards.
    """
    tokens = sessions.tokens_in(connection.cookies)
    address = connection.client.host if connection.client else None
    return Origin(address, _beginning(tokens[0] if tokens else None))


def of_run() -> Origin:
    """Return the address and the sign-in of the browser whose run this is.

    Outside of any run, return ``NOWHERE``.
    """
    if get_script_run_ctx(suppress_warning=True) is None:
        return NOWHERE
    address = st.context.ip_address
    return Origin(
        address if isinstance(address, str) else LOCAL, _beginning(sessions.presented_token())
    )


def _beginning(token: str | None) -> str | None:
    return None if token is None else sessions.hash_of(token)[:_ENOUGH]
