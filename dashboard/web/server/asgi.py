"""The ASGI application: Streamlit behind a middleware, routes for signing in, and health checks."""

import asyncio
import gc
import importlib
import logging
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dashboard import components, queries
from dashboard.database import acting_as, serving
from dashboard.database.committing import is_out_of_reach
from dashboard.delivery.configuration import configured_post
from dashboard.delivery.sender import Sender, start_sending
from dashboard.letters.pdf import get_ready
from dashboard.settings import settings
from dashboard.web.auth import sessions
from dashboard.web.auth.session_cookie import set_session_cookie
from dashboard.web.server import (
    answer_page,
    calendar_route,
    draining,
    invitation_page,
    load_balancing,
    provider_routes,
    sockets,
)
from dashboard.web.server.collecting import start_collecting
from dashboard.web.server.counting import start_counting
from dashboard.web.server.error_reporting import (
    keep_messages_out_of_the_log,
    on_script_error,
    say_when,
)
from dashboard.web.server.middleware import Gate, is_of_this_server

MAIN_SCRIPT = Path(__file__).parents[1] / "main.py"

_NOT_KEPT = {"Cache-Control": "no-store"}
_sender: Sender | None = None
"""The thread that sends letters; None if another process sends them."""

OBJECTS_BETWEEN_LOOKS = 50_000
"""Number of new objects after which Python starts a garbage collection."""


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Import all modules before the first request, and run the background workers.

    A full garbage collection takes up to 100 ms, because pandas and Altair have many objects. The
    objects that exist at the start are therefore frozen, so that collections skip them.

    Drawing the review list creates tens of thousands of objects, which are all in use until the
    list is drawn. The threshold of collections is therefore raised from 700 to
    ``OBJECTS_BETWEEN_LOOKS``. Full collections are made by a separate thread (``collecting``).
    """
    keep_messages_out_of_the_log()
    say_when()
    _import_everything()
    get_ready()
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS)
    async with _delivery(), _counting(), _watching(), _collecting():
        yield


def open_session(request: Request) -> Response:
    """Exchange the request's ticket for a token, and send the token in an ``HttpOnly`` cookie.

    Return status 403 if the ticket is not valid, or the request comes from a page of another site.
    """
    if not is_of_this_server(request):
        return Response(status_code=403)
    with serving() as connection:
        ticket, before = request.headers.get("X-Ticket", ""), sessions.tokens_in(request.cookies)
        token = sessions.redeem(connection, ticket, before)
    if token is None:
        return Response(status_code=403)
    response = Response(status_code=204, headers=_NOT_KEPT)
    set_session_cookie(response, token, secure=_is_secure(request))
    return response


def session_left(request: Request) -> Response:
    """Return the number of seconds until this browser's sign-in expires without further activity.

    A page sends GET if the sign-in may have expired or the connection is lost, and PUT to report
    activity. Return status 401 if the sign-in has expired, and 403 for a PUT from a page of another
    site.
    """
    seen = request.method == "PUT"
    if seen and not is_of_this_server(request):
        return Response(status_code=403)
    with serving() as connection:
        lefts = [
            sessions.seconds_until_locked(connection, token, seen=seen)
            for token in sessions.tokens_in(request.cookies)
        ]
    left = max((one for one in lefts if one is not None), default=None)
    if left is None:
        return Response(status_code=401, headers=_NOT_KEPT)
    return PlainTextResponse(f"{left:.0f}", headers=_NOT_KEPT)


def close_session(request: Request) -> Response:
    """End the sign-in of this browser and delete its cookie.

    Return status 403 if the request comes from a page of another site.
    """
    if not is_of_this_server(request):
        return Response(status_code=403)
    for token in sessions.tokens_in(request.cookies):
        sessions.sign_out(token)
    response = Response(status_code=204, headers=_NOT_KEPT)
    for name in (sessions.SECURE_COOKIE, sessions.PLAIN_COOKIE):
        if name in request.cookies:
            secure = name == sessions.SECURE_COOKIE
            response.delete_cookie(name, secure=secure, httponly=True, samesite="strict")
    return response


def unavailable(request: Request, error: Exception) -> Response:
    """Return status 503 if the database is unreachable. Otherwise raise ``error`` again."""
    if not is_out_of_reach(error):
        raise error
    return Response(status_code=503)


def health(request: Request) -> Response:
    """Return status 200 if the database answers and letters can be sent, otherwise 503.

    Letters count only if this process sends them. This route is for monitoring. A load balancer
    should use ``/readyz``, because the pages also work while the mail gateway is down.
    """
    try:
        for door in (acting_as(None), serving()):
            with door as connection:
                connection.execute(text("SELECT 1"))
    except Exception:
        return PlainTextResponse("the database does not answer", status_code=503)
    trouble = _sender.trouble if _sender else None
    if trouble is not None:
        since = trouble.since.astimezone().isoformat(timespec="seconds")
        said = f"no letter can be sent since {since}: {trouble.code}"
        return PlainTextResponse(said, status_code=503)
    return PlainTextResponse("ok")


@asynccontextmanager
async def _delivery() -> AsyncIterator[None]:
    """Send letters in a thread during the block, unless another process sends them."""
    if not settings().background_delivery:
        yield
        return
    global _sender
    _sender = start_sending(configured_post(settings()))
    draining.at_the_stop(_sender.ask_to_stop)
    try:
        yield
    finally:
        # Stopping may wait for the mail server, so it must not run on the event loop.
        seconds = max(draining.SECONDS_FOR_WORKERS, draining.seconds_left())
        await run_in_threadpool(_sender.stop, seconds)
        _sender = None


@asynccontextmanager
async def _counting() -> AsyncIterator[None]:
    """Update the counts for medical leads in a thread during the block.

    Start no thread if the setting ``background_counting`` is off.
    """
    if not settings().background_counting:
        yield
        return
    counter = start_counting()
    draining.at_the_stop(counter.ask_to_stop)
    try:
        yield
    finally:
        await run_in_threadpool(counter.stop)


@asynccontextmanager
async def _watching() -> AsyncIterator[None]:
    """Close websockets during the block when their sign-in has ended."""
    watching = asyncio.create_task(sockets.watch(), name="watching sign-ins")
    try:
        yield
    finally:
        watching.cancel()


@asynccontextmanager
async def _collecting() -> AsyncIterator[None]:
    """Collect garbage in a thread during the block."""
    collector = start_collecting(sockets.runs_begun)
    try:
        yield
    finally:
        await run_in_threadpool(collector.stop)


def _import_everything() -> None:
    # Streamlit warns about code that runs at import, outside of the run of a page.
    remarks = logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context")
    before = remarks.level
    remarks.setLevel(logging.ERROR)
    importlib.import_module("dashboard.web.shell.page_header")
    for package in (queries, components):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    remarks.setLevel(before)


def _is_secure(request: Request) -> bool:
    """Return whether the browser uses https, to this server or to the proxy in front of it."""
    return request.headers.get("Origin", "").startswith("https://")


app = st.App(
    MAIN_SCRIPT,
    routes=[
        Route("/auth/session", open_session, methods=["POST"]),
        Route("/auth/session", session_left, methods=["GET", "PUT"]),
        Route("/auth/session", close_session, methods=["DELETE"]),
        *provider_routes.routes,
        Route("/healthz", health),
        load_balancing.route,
        answer_page.route,
        calendar_route.route,
        invitation_page.route,
    ],
    middleware=[Middleware(Gate)],
    lifespan=lifespan,
    on_script_error=on_script_error,
    exception_handlers={SQLAlchemyError: unavailable},
)
