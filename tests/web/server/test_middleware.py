"""The middleware before Streamlit."""

import re
from collections import OrderedDict
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from uvicorn.protocols.utils import ClientDisconnected

from dashboard.settings import Settings, settings
from dashboard.web.auth import download_rights, made_files, rights
from dashboard.web.auth.made_files import MadeFile
from dashboard.web.auth.sessions import PLAIN_COOKIE, SECURE_COOKIE, hash_of
from dashboard.web.server import middleware, streamlit_sessions
from dashboard.web.server.asgi import unavailable
from dashboard.web.server.streamlit_sessions import Claim


@pytest.fixture(autouse=True)
def drawn_session(monkeypatch):
    """Add a Streamlit session that was last drawn for the holder of a token."""
    monkeypatch.setattr(streamlit_sessions, "_claims", {"drawn": Claim(hash_of("token"))})


def handshake(protocols, cookie=None):
    headers = [(b"host", b"reviews.example"), (b"sec-websocket-protocol", protocols.encode())]
    if cookie:
        headers.append((b"cookie", cookie.encode()))
    return {"type": "websocket", "path": "/_stcore/stream", "headers": headers}


def session_asked_for(scope):
    protocols = dict(scope["headers"])[b"sec-websocket-protocol"].decode().split(",")
    return protocols[2].strip() if len(protocols) > 2 else None


@pytest.mark.parametrize(
    ("title", "cookie", "session", "given"),
    [
        ("the same browser comes back", f"{PLAIN_COOKIE}=token", "drawn", "drawn"),
        ("the same, over https", f"{SECURE_COOKIE}=token", "drawn", "drawn"),
        ("a thief with no cookie", None, "drawn", None),
        ("a thief with a cookie of her own", f"{PLAIN_COOKIE}=other", "drawn", None),
        ("signed in again meanwhile", f"{PLAIN_COOKIE}=newer", "drawn", None),
        ("a session that showed the form", f"{PLAIN_COOKIE}=token", "form", None),
        ("a session of nobody's, without cookie", None, "form", None),
    ],
)
def test_a_session_is_given_to_the_cookie_that_it_was_drawn_for(title, cookie, session, given):
    scope = handshake(f"streamlit, xsrf, {session}", cookie)
    assert session_asked_for(streamlit_sessions.without_foreign_session(scope)) == given


@pytest.mark.parametrize("protocols", ["streamlit", "streamlit, xsrf", "streamlit,,"])
def test_a_first_connection_goes_through_as_it_is(protocols):
    scope = handshake(protocols)
    passed = streamlit_sessions.without_foreign_session(scope)
    assert dict(passed["headers"])[b"sec-websocket-protocol"].decode().startswith("streamlit")
    assert not session_asked_for(passed)


# Errors


PATIENT = "Lefèvre Camille, 02/05/1983"


def failing(error):
    """Return a server behind the middleware with one route that fails with this error."""

    def route(request):
        raise error

    return TestClient(
        Starlette(
            routes=[Route("/fails", route), Route("/oauth2callback", route)],
            middleware=[Middleware(middleware.Gate)],
            exception_handlers={IntegrityError: unavailable, OperationalError: unavailable},
        )
    )


@pytest.mark.parametrize(
    "error",
    [RuntimeError(PATIENT), KeyError(PATIENT), IntegrityError(PATIENT, {}, ValueError(PATIENT))],
    ids=lambda error: type(error).__name__,
)
def test_an_error_leaves_as_a_number_that_the_log_knows(caplog, error):
    reply = failing(error).get("/fails", headers={"Accept-Language": "en"})
    assert reply.status_code == 500
    number = re.search(r"report incident (\w{8})", reply.text).group(1)
    assert f"Incident {number}: " in caplog.text
    assert Path(__file__).name in caplog.text
    for inside in ("Lefèvre", "1983", Path(__file__).stem, "Error", "Traceback"):
        assert inside not in reply.text
    assert "Lefèvre" not in caplog.text
    assert reply.headers["Cache-Control"] == "no-store"


async def answering(websocket):
    await websocket.accept()
    await websocket.close()


async def closed_twice(websocket):
    await websocket.accept()
    await websocket.close()
    await websocket.close()


async def left_early(websocket):
    await websocket.accept()
    # As uvicorn does if the browser has left.
    raise ClientDisconnected


async def failing_socket(websocket):
    await websocket.accept()
    raise RuntimeError(PATIENT)


@pytest.mark.parametrize(
    ("endpoint", "incidents"),
    [(answering, 0), (closed_twice, 0), (left_early, 0), (failing_socket, 1)],
)
def test_a_connection_that_is_broken_off_is_no_incident(caplog, endpoint, incidents):
    app = Starlette(
        routes=[WebSocketRoute("/_stcore/stream", endpoint)],
        middleware=[Middleware(middleware.Gate)],
    )
    headers = {"Origin": "http://testserver"}
    with TestClient(app).websocket_connect("/_stcore/stream", headers=headers):
        pass
    assert caplog.text.count("Incident ") == incidents


def test_a_database_that_does_not_answer_is_no_incident(caplog):
    reply = failing(OperationalError(PATIENT, {}, ValueError(PATIENT))).get("/fails")
    assert (reply.status_code, reply.text) == (503, "")
    assert "Incident" not in caplog.text


# Requests that get no answer


@pytest.mark.parametrize(
    ("path", "closed"),
    [
        ("/", False),
        ("/case", False),
        ("/healthz", False),
        ("/auth/session", False),
        ("/auth/provider/callback", False),
        ("/static/js/index.js", False),
        ("/app/static/fonts/x.woff2", False),
        ("/media/x.pdf", False),
        ("/_stcore/health", False),
        ("/_stcore/host-config", False),
        ("/_stcore/stream", False),
        ("/_stcore/metrics", True),
        ("/_stcore/upload_file/a/b", True),
        ("/_stcore/agent/openapi.json", True),
        ("/_stcore/agent/interact", True),
        ("/_stcore/agent/mcp", True),
        ("/_stcore/script-health-check", True),
        ("/_stcore/bidi-components/x/y.js", True),
        ("/_stcore/health/", True),
        ("/component/extra_streamlit_components/index.html", True),
        ("/auth/login", True),
        ("/auth/logout", True),
        ("/oauth2callback", True),
    ],
)
def test_what_no_page_asks_for_is_not_there(path, closed):
    assert middleware.is_closed(path) is closed


def test_a_closed_path_is_not_reached():
    reply = failing(RuntimeError()).get("/oauth2callback")
    assert (reply.status_code, reply.text) == (404, "")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


# Origins of requests


@pytest.mark.parametrize(
    ("origin", "answered"),
    [
        ("http://testserver", True),
        ("https://testserver", True),
        (None, False),
        ("null", False),
        ("https://evil.example", False),
        ("http://localhost:8501", False),
        ("https://testserver.evil.example", False),
        ("https://[x]", False),
        ("testserver", False),
    ],
)
def test_a_websocket_is_for_a_page_of_this_server(origin, answered):
    app = Starlette(
        routes=[WebSocketRoute("/_stcore/stream", answering)],
        middleware=[Middleware(middleware.Gate)],
    )
    headers = {"Origin": origin} if origin else {}
    try:
        with TestClient(app).websocket_connect("/_stcore/stream", headers=headers):
            accepted = True
    except WebSocketDisconnect:
        accepted = False
    assert accepted is answered


@pytest.mark.parametrize(
    ("public_url", "origin", "answered"),
    [
        ("https://revue.example", "https://revue.example", True),
        ("https://revue.example/", "https://revue.example", True),
        ("https://Revue.example:443", "https://revue.example", True),
        ("https://revue.example:8443", "https://revue.example:8443", True),
        ("https://revue.example", "http://revue.example", False),
        ("https://revue.example", "https://revue.example:8443", False),
        # The name server of another site says that it is this machine.
        ("https://revue.example", "http://testserver", False),
        ("https://revue.example", "https://testserver", False),
        ("https://revue.example", "", False),
        ("https://revue.example", "null", False),
    ],
)
def test_where_the_pages_have_a_public_address_they_are_asked_from_there_alone(
    monkeypatch, public_url, origin, answered
):
    monkeypatch.setattr(middleware, "settings", lambda: Settings(public_url=public_url))
    headers = [(b"host", b"testserver"), (b"origin", origin.encode())]
    connection = HTTPConnection({"type": "websocket", "path": "/", "headers": headers})
    assert middleware.is_of_this_server(connection) is answered


@pytest.mark.parametrize(
    ("public_url", "compared"),
    [
        (None, "the Host that arrived is 'revue.example'"),
        ("https://revue.example", "CASE_REVIEW_PUBLIC_URL is 'https://revue.example'"),
    ],
)
def test_a_refused_origin_is_logged_once_with_what_it_should_be(
    monkeypatch, caplog, public_url, compared
):
    monkeypatch.setattr(middleware, "_refused_origins", set())
    monkeypatch.setattr(settings(), "public_url", public_url)
    app = Starlette(
        routes=[WebSocketRoute("/_stcore/stream", answering)],
        middleware=[Middleware(middleware.Gate)],
    )
    headers = {"Origin": "https://revue.example:8443", "Host": "revue.example"}
    for _ in range(2):
        page = TestClient(app).websocket_connect("/_stcore/stream", headers=headers)
        with pytest.raises(WebSocketDisconnect), page:
            pass
    [said] = [record.message for record in caplog.records]
    assert said == f"Refused a page: its Origin is 'https://revue.example:8443', and {compared}."


def test_many_refused_origins_do_not_fill_the_log(monkeypatch, caplog):
    monkeypatch.setattr(middleware, "_refused_origins", set())
    for number in range(200):
        headers = [(b"origin", f"https://{number}".encode()), (b"host", b"x\r\n" * 100)]
        middleware.note_refused_origin(HTTPConnection({"type": "websocket", "headers": headers}))
    assert len(caplog.records) == 100
    assert all(
        len(record.message) < 400 and "\n" not in record.message for record in caplog.records
    )


def test_streamlits_cookies_are_not_set_and_no_other_site_reads_an_answer():
    def route(request):
        reply = PlainTextResponse("ok", headers={"Access-Control-Allow-Origin": "*"})
        reply.set_cookie("_streamlit_xsrf", "x")
        reply.set_cookie("session", "y")
        return reply

    app = Starlette(routes=[Route("/", route)], middleware=[Middleware(middleware.Gate)])
    reply = TestClient(app).get("/")
    assert list(reply.cookies) == ["session"]
    assert not [name for name in reply.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("path", "kept"),
    [("/", False), ("/media/x", False), ("/static/x.js", True), ("/app/static/x.woff2", True)],
)
def test_browsers_keep_the_program_and_nothing_else(path, kept):
    app = Starlette(
        routes=[Route(path, lambda request: PlainTextResponse("ok"))],
        middleware=[Middleware(middleware.Gate)],
    )
    assert (TestClient(app).get(path).headers.get("Cache-Control") != "no-store") is kept


def test_a_file_that_streamlit_has_deleted_is_delivered_from_the_database(people, monkeypatch):
    path, token = "/media/0123.pdf", people.token("roux")
    made_under = rights.rights_of(token, seen=True)
    monkeypatch.setattr(download_rights, "_granted", OrderedDict())
    download_rights.grant(path, hash_of(token), made_under)
    made_files.keep(path, token, made_under, MadeFile(b"%PDF", "application/pdf", "avis.pdf"))
    without_files = Starlette(middleware=[Middleware(middleware.Gate)])
    client = TestClient(without_files, cookies={PLAIN_COOKIE: token})
    reply = client.get(path)
    assert (reply.status_code, reply.content) == (200, b"%PDF")
    assert reply.headers["Content-Disposition"] == "attachment; filename*=utf-8''avis.pdf"
    assert client.get("/media/4567.pdf").status_code == 404
