"""What stands before Streamlit: security headers, closed paths, whose session it is.

What goes wrong behind it leaves as a number; the log has the number and the place.
"""

from collections import OrderedDict

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.database import acting_as
from dashboard.database.origin import coming_from
from dashboard.web import incidents
from dashboard.web.answer_page import incident_page
from dashboard.web.origin import of_request
from dashboard.web.security_headers import security_headers
from dashboard.web.sessions import hash_of, holder, tokens_in

DOWNLOADS = "/media/"
"""What Streamlit serves to anyone who knows the address: here to who is signed in."""

CLOSED = ("/_stcore/", "/component/", "/auth/login", "/auth/logout", "/oauth2callback")
"""What Streamlit answers and nobody needs: uploads, metrics, the description of its interface
for programs, components in frames, its own signing in. For everybody it is not there."""

OPEN = ("/_stcore/health", "/_stcore/host-config", "/_stcore/stream")
"""Of that, what its page asks for."""

THE_SAME_FOR_EVERYBODY = ("/static/", "/app/static/")
"""What browsers may keep: the program of the pages, the fonts."""

_STREAMLITS_COOKIES = b"_streamlit"
"""How the names of its cookies begin: they guard its uploads and carry its signing in."""

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
            await self._websocket(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message["headers"] = [one for one in message["headers"] if _is_ours(*one)]
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                if not scope["path"].startswith(THE_SAME_FOR_EVERYBODY):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        with coming_from(of_request(HTTPConnection(scope))):
            try:
                app = await self._answering(scope)
                await app(scope, receive, send_with_headers)
            except Exception as error:
                page = incident_page(HTTPConnection(scope), incidents.note(error))
                if not begun:
                    await page(scope, receive, send_with_headers)

    async def _answering(self, scope: Scope) -> ASGIApp:
        """Who answers this request."""
        if is_closed(scope["path"]):
            return Response(status_code=404)
        if scope["path"].startswith(DOWNLOADS):
            refusal = await run_in_threadpool(_refusal, HTTPConnection(scope))
            return Response(status_code=refusal) if refusal else self.app
        return self.app

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if is_closed(scope["path"]) or not is_of_this_server(HTTPConnection(scope)):
            await send({"type": "websocket.close", "code": 1008})
            return
        try:
            await self.app(without_foreign_session(scope), receive, send)
        except Exception as error:
            incidents.note(error)


def is_closed(path: str) -> bool:
    """Whether nobody is answered at this path."""
    return path.startswith(CLOSED) and path not in OPEN


def is_of_this_server(connection: HTTPConnection) -> bool:
    """Whether a page of this server asks: every browser names the origin of the page."""
    host = connection.headers.get("Origin", "").partition("://")[2]
    return host != "" and host == connection.headers.get("Host")


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


def _is_ours(name: bytes, value: bytes) -> bool:
    """Whether a header may leave: no cookie of Streamlit's, nothing that another site may read."""
    if name.lower().startswith(b"access-control-"):
        return False
    return name.lower() != b"set-cookie" or not value.startswith(_STREAMLITS_COOKIES)
