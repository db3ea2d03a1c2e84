"""The middleware in front of Streamlit: security headers, closed paths, authorization of downloads.

If the application raises an error, the response shows the number of an incident. The log has this
number with the place in the code.
"""

import logging
from urllib.parse import quote, urlsplit

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnected
from uvicorn.protocols.utils import ClientDisconnected

from dashboard.database import serving
from dashboard.database.audit.client_origin import coming_from
from dashboard.settings import settings
from dashboard.web.auth import download_rights, made_files
from dashboard.web.auth.client_origin import of_request
from dashboard.web.auth.made_files import MadeFile
from dashboard.web.auth.sessions import holder, tokens_in
from dashboard.web.server import error_reporting, sockets
from dashboard.web.server.answer_page import incident_page
from dashboard.web.server.security_headers import security_headers

CLOSED = ("/_stcore/", "/component/", "/auth/login", "/auth/logout", "/oauth2callback", "/metrics")
"""Prefixes of Streamlit's paths that the pages do not need. They are answered with status 404.

They serve uploads, metrics, a description of Streamlit's API, components in frames, and Streamlit's
own sign-in.
"""

OPEN = ("/_stcore/health", "/_stcore/host-config", "/_stcore/stream")
"""Paths that Streamlit's page needs although they begin with a prefix of ``CLOSED``."""

THE_SAME_FOR_EVERYBODY = ("/static/", "/app/static/")
"""Prefixes of the paths that browsers may cache. They serve the JavaScript and the fonts."""

_STREAMLITS_COOKIES = b"_streamlit"
"""Prefix of the names of Streamlit's own cookies, which no page needs."""

_REFUSED_REMEMBERED = 100
"""Maximum number of refused origins that are logged.

There is a limit because anybody can send requests with any origin.
"""
_refused_origins: set[tuple[str, str]] = set()

log = logging.getLogger(__name__)


class Gate:
    """The ASGI middleware that checks each request and each websocket before Streamlit."""

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
                page = incident_page(HTTPConnection(scope), error_reporting.note(error))
                if not begun:
                    await page(scope, receive, send_with_headers)

    async def _answering(self, scope: Scope) -> ASGIApp:
        """Return the application that answers this request."""
        if is_closed(scope["path"]):
            return Response(status_code=404)
        if scope["path"].startswith(download_rights.PATH):
            return await run_in_threadpool(_file, HTTPConnection(scope)) or self.app
        return self.app

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        if is_closed(scope["path"]) or not is_of_this_server(connection):
            if not is_closed(scope["path"]):
                note_refused_origin(connection)
            await send({"type": "websocket.close", "code": 1008})
            return
        try:
            await sockets.converse(self.app, scope, receive, send)
        except (WebSocketDisconnected, ClientDisconnected):
            # Streamlit accepts or closes a connection that the browser has broken off: no incident.
            pass
        except Exception as error:
            error_reporting.note(error)


def is_closed(path: str) -> bool:
    """Return whether this path is answered with 404 for everybody."""
    return path.startswith(CLOSED) and path not in OPEN


def is_of_this_server(connection: HTTPConnection) -> bool:
    """Return whether the request was sent by a page of this server, judged by its ``Origin``
    header.

    The origin must be the public address of the settings or, without one, the address in the
    ``Host`` header. The public address is safer, because an attacker who controls a name server can
    choose the ``Host`` header. Browsers send the origin of the page with each websocket and with
    each request that is neither GET nor HEAD.
    """
    origin = connection.headers.get("Origin", "")
    public = settings().public_url
    if public:
        return origin.lower() == _origin_of(public)
    host = origin.partition("://")[2]
    return host != "" and host == connection.headers.get("Host")


def note_refused_origin(connection: HTTPConnection) -> None:
    """Log that this origin was refused, once for each origin and expected address.

    If the public address in the settings is wrong, every page stays blank, and this entry says why.
    """
    public = settings().public_url
    expected = public if public else connection.headers.get("Host", "")
    origin = connection.headers.get("Origin", "")
    refused = ascii(origin)[:100], ascii(expected)[:100]
    if refused not in _refused_origins and len(_refused_origins) < _REFUSED_REMEMBERED:
        _refused_origins.add(refused)
        compared = "CASE_REVIEW_PUBLIC_URL" if public else "the Host that arrived"
        log.warning(
            "Refused a page: its Origin is %s, and %s is %s.", refused[0], compared, refused[1]
        )


def _origin_of(address: str) -> str:
    """Return the origin of this address as browsers write it, without the default port."""
    parts = urlsplit(address.lower())
    usual = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    return f"{parts.scheme}://{parts.netloc.removesuffix(usual)}"


def _file(connection: HTTPConnection) -> Response | None:
    """Return the response to a request for a file; None if Streamlit may deliver the file.

    A file that was made at a click is read from the database (``made_files``). Another process may
    have made it, and Streamlit keeps it only until two runs of any pages have ended.
    """
    tokens = tokens_in(connection.cookies)
    path = connection.scope["path"]
    try:
        with serving() as database:
            if not any(holder(database, token) for token in tokens):
                return Response(status_code=401)
        kept = next(filter(None, (made_files.fetch(path, token) for token in tokens)), None)
        if kept is not None:
            return _attached(kept)
        if any(download_rights.may_fetch(path, token) for token in tokens):
            return None
    except SQLAlchemyError:
        return Response(status_code=503)
    return Response(status_code=404)


def _attached(file: MadeFile) -> Response:
    """Return a response that the browser saves under the name of the file."""
    name = quote(file.name, safe="")
    return Response(
        file.content,
        media_type=file.media_type,
        headers={"Content-Disposition": f"attachment; filename*=utf-8''{name}"},
    )


def _is_ours(name: bytes, value: bytes) -> bool:
    """Return whether the response keeps this header. Streamlit's cookies and CORS headers are
    removed.
    """
    if name.lower().startswith(b"access-control-"):
        return False
    return name.lower() != b"set-cookie" or not value.startswith(_STREAMLITS_COOKIES)
