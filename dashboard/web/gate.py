"""What stands before Streamlit: security headers, closed paths, whose session it is."""

import base64
import hashlib
import re
from collections import OrderedDict
from pathlib import Path

import streamlit
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.database import acting_as
from dashboard.database.origin import coming_from
from dashboard.web.origin import of_request
from dashboard.web.sessions import hash_of, holder, tokens_in

_CLOSED = ("/media/", "/_stcore/metrics", "/_stcore/upload_file")
"""What Streamlit serves to anyone who knows the address."""

_SESSIONS_REMEMBERED = 10_000
_owner_of_session: OrderedDict[str, str] = OrderedDict()


class Gate:
    """The middleware of the server."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.headers = security_headers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self.app(without_foreign_session(scope), receive, send)
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        closed = scope["path"].startswith(_CLOSED)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self.headers)
                if closed:
                    headers["Cache-Control"] = "no-store"
            await send(message)

        refusal = await run_in_threadpool(_refusal, HTTPConnection(scope)) if closed else None
        app = Response(status_code=refusal) if refusal else self.app
        with coming_from(of_request(HTTPConnection(scope))):
            await app(scope, receive, send_with_headers)


def claim_session(token: str) -> None:
    """Note that the Streamlit session of this run shows what this token's holder may see."""
    session_id = get_script_run_ctx().session_id
    _owner_of_session[session_id] = hash_of(token)
    _owner_of_session.move_to_end(session_id)
    if len(_owner_of_session) > _SESSIONS_REMEMBERED:
        _owner_of_session.popitem(last=False)


def without_foreign_session(scope: Scope) -> Scope:
    """The handshake without the id of a session that is not the cookie's.

    A browser that reconnects names the session to go on with (third entry of the
    websocket's subprotocols). Streamlit hands a session to whoever names it; here only to
    the cookie for which it was last drawn. Anyone else begins a new one.
    """
    protocols = Headers(scope=scope).get("sec-websocket-protocol", "").split(",")
    if len(protocols) < 3 or _is_own(protocols[2].strip(), HTTPConnection(scope)):
        return scope
    kept = ",".join(protocols[:2]).encode("latin-1")
    headers = [
        (name, kept if name == b"sec-websocket-protocol" else value)
        for name, value in scope["headers"]
    ]
    return {**scope, "headers": headers}


def security_headers() -> dict[str, str]:
    """The headers of every answer."""
    return {
        "Content-Security-Policy": content_security_policy(),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    }


def content_security_policy() -> str:
    """What the browser may load: this server alone.

    Components are loaded from ``blob:`` addresses; styles are set by scripts throughout
    Streamlit; Vega interprets its expressions, so ``unsafe-eval`` is not needed.
    """
    scripts = " ".join(f"'sha256-{digest}'" for digest in _inline_scripts())
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' blob: {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "frame-src 'none'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _inline_scripts() -> list[str]:
    """The hashes of the scripts within Streamlit's page."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text()
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    return [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts]


def _refusal(connection: HTTPConnection) -> int | None:
    """The status with which to refuse somebody who is not signed in."""
    tokens = tokens_in(connection.cookies)
    if not tokens:
        return 401
    try:
        with acting_as(None) as database:
            return None if any(holder(database, token) for token in tokens) else 401
    except SQLAlchemyError:
        return 503


def _is_own(session_id: str, connection: HTTPConnection) -> bool:
    owner = _owner_of_session.get(session_id)
    return owner is not None and owner in map(hash_of, tokens_in(connection.cookies))
