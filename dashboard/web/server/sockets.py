"""Websockets of the pages: filtering of messages, and closing when a sign-in ends.

Streamlit does not know about sign-ins, so each websocket is wrapped. Messages that no page needs to
send are dropped. Details of the server are removed from messages to the browser. When a sign-in
ends, here or at another server process, its websockets are closed. When this server stops, the
websockets are closed with another code, and the browsers connect to another server.
"""

import asyncio
import hashlib
import logging
import math
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import PurePath
from time import monotonic

from google.protobuf.message import DecodeError
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import __version__ as streamlits_version
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import get_instance

from dashboard.database import serving
from dashboard.database.audit.client_origin import Origin
from dashboard.web.auth import download_rights, made_files
from dashboard.web.auth.client_origin import of_request
from dashboard.web.auth.made_files import MadeFile
from dashboard.web.auth.rights import Rights
from dashboard.web.auth.sessions import hash_of, live_roles, tokens_in
from dashboard.web.server.streamlit_sessions import (
    claim_of,
    session_left,
    session_named,
    without_foreign_session,
)

EVERY = 2.0
"""Seconds between two checks whether the sign-ins of open websockets are still live."""

CLOSED_BY_POLICY, CLOSED_FOR_A_RESTART = 1008, 1012
"""Codes with which websockets are closed: when a sign-in ends, and when the server stops.

Streamlit's page reconnects after either code.
"""

CLOSED_AS_UNREADABLE = 1003
"""Code with which a websocket is closed after a text message. Pages send only binary messages."""

SECONDS_BETWEEN_LOOKS = 0.1
"""Seconds between two checks whether an open page is idle, while the server stops."""

SECONDS_FOR_A_FILE = 2.0
"""Seconds for which a page counts as busy after it has requested a file."""

NEEDED = frozenset({"rerun_script", "stop_script", "app_heartbeat"})
"""Types of message that a page needs to send, besides requests for a file. Other types are dropped.

They would clear everybody's caches, list the repository, write Streamlit's instructions for agents
to the disk, or read tables without authorization.
"""

LONGEST_NAVIGATION = 64 * 1024
"""Messages from this number of bytes on are not of the type that names the pages."""

_VERSION = streamlits_version.encode()
_SOFTWARE = hashlib.sha256(_VERSION).hexdigest()[:8]
"""A hash of Streamlit's version, which is sent in place of the version number.

It changes with an upgrade, so that the browser reloads a page that it loaded before the upgrade.
"""

_log = logging.getLogger(__name__)
_open: set["Socket"] = set()
_accepting = True
_runs = 0
_asking: ContextVar["Socket | None"] = ContextVar("asking", default=None)


@dataclass(eq=False)
class Socket:
    """The websocket connection of one page."""

    token_hashes: tuple[str, ...]
    origin: Origin
    role: str | None = None
    """Role of the person who is signed in; None while no sign-in is live."""
    session_id: str | None = None
    """Streamlit's id of the session that the page shows."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    code: int = CLOSED_BY_POLICY
    """The code that the browser receives when the server closes the connection."""
    file_asked_at: float = -math.inf
    """The time at which the page last requested a file (``time.monotonic``)."""
    made_under: dict[str, Rights] = field(default_factory=dict)
    """For each token, the rights under which the last file for this connection was made."""
    page_shown: str = ""
    """Streamlit's hash of the page that the browser shows; empty if it is unknown."""
    page_wanted: str = ""
    """Streamlit's hash of the page that was requested or shown last; empty if it is unknown."""

    def presents(self, token: str) -> bool:
        """Return whether the browser connected with this token."""
        return hash_of(token) in self.token_hashes

    def compare(self, live: dict[str, str]) -> None:
        """End the connection if its sign-in has ended, or if the role of the person has changed.

        ``live`` maps the token hash of each live sign-in to the role. A connection that shows the
        sign-in form is kept, because somebody may be typing there.
        """
        role = next((live[one] for one in self.token_hashes if one in live), None)
        if self.role is not None and role != self.role and _shows_somebody(self.session_id):
            self.ended.set()
        self.role = role

    def is_busy(self) -> bool:
        """Return whether this page has a run in progress, or has just requested a file."""
        if monotonic() - self.file_asked_at < SECONDS_FOR_A_FILE:
            return True
        session = get_instance().get_app_session(self.session_id) if self.session_id else None
        if session is None:
            return False
        session.track_settling()
        return not session.is_settled


def asking() -> Socket | None:
    """Return the connection whose message is being handled in this task or thread; None if there is
    none.
    """
    return _asking.get()


@contextmanager
def answering(socket: Socket) -> Iterator[None]:
    """Make ``asking`` return ``socket`` in the block, and in tasks and threads that it starts."""
    token = _asking.set(socket)
    try:
        yield
    finally:
        _asking.reset(token)


async def converse(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Connect a page to Streamlit over this websocket, until the sign-in ends.

    A browser without a live sign-in may not resume a session that showed patients. Its connection
    is refused, which makes the page reload.
    """
    if not _accepting:
        await send({"type": "websocket.close", "code": CLOSED_FOR_A_RESTART})
        return
    connection = HTTPConnection(scope)
    socket = Socket(tuple(map(hash_of, tokens_in(connection.cookies))), of_request(connection))
    looked = await _look_at([socket])
    if looked and socket.role is None and _shows_somebody(session_named(scope)):
        await send({"type": "websocket.close", "code": CLOSED_BY_POLICY})
        return
    _open.add(socket)
    try:
        async with _until_ended(socket, receive) as received:
            with answering(socket):
                await app(without_foreign_session(scope), received, _sender(socket, send))
    finally:
        _open.discard(socket)
        if socket.session_id is not None:
            session_left(socket.session_id, {one.session_id for one in _open})
    if socket.ended.is_set():
        with suppress(Exception):
            # The browser may have disconnected already.
            await send({"type": "websocket.close", "code": socket.code})


async def close_pages(seconds: float) -> None:
    """Close each open page when its run is over, and all of them after ``seconds`` at the latest.

    The browsers reconnect to another server by themselves, and keep the typed text. From the start
    of this function, new pages are refused.
    """
    global _accepting
    _accepting = False
    deadline = monotonic() + seconds
    were_idle: set[Socket] = set()
    while _open:
        in_time = monotonic() < deadline
        idle = {one for one in _open if not in_time or not one.is_busy()}
        # A page is closed only if it is idle at two checks in a row. At the first one, the last
        # messages of a run may still be on their way to the browser.
        for socket in idle if not in_time else idle & were_idle:
            socket.code = CLOSED_FOR_A_RESTART
            socket.ended.set()
        were_idle = idle
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        if not in_time:
            return


def runs_begun() -> int:
    """Return the number of runs of pages and of fragments since this process started."""
    return _runs


def open_roles() -> list[str | None]:
    """Return the role of each open connection; None for a connection without a live sign-in."""
    return [one.role for one in list(_open)]


async def watch() -> None:
    """Close websockets whose sign-in has ended, until this task is cancelled."""
    while True:
        await asyncio.sleep(EVERY)
        await _look_at([one for one in _open if one.token_hashes and not one.ended.is_set()])


async def _look_at(sockets: list[Socket]) -> bool:
    """Check the sign-ins of these websockets. Return whether the database answered."""
    hashes = {one for socket in sockets for one in socket.token_hashes}
    if not hashes:
        return True
    try:
        live = await run_in_threadpool(_live, hashes)
    except Exception as error:
        # The websockets stay open. Pages cannot show anything new, because they wait for the
        # database too.
        _log.warning("The open sign-ins could not be looked at: %s", type(error).__name__)
        return False
    for socket in sockets:
        socket.compare(live)
    return True


def _live(hashes: set[str]) -> dict[str, str]:
    with serving() as connection:
        return live_roles(connection, hashes)


def _shows_somebody(session_id: str | None) -> bool:
    claim = None if session_id is None else claim_of(session_id)
    return claim is not None and claim.rights is not None


@asynccontextmanager
async def _until_ended(socket: Socket, receive: Receive) -> AsyncIterator[Receive]:
    """Yield a function that returns the next message of the page.

    Once the sign-in has ended, the function returns a message that ends the connection.
    """
    ended = asyncio.create_task(socket.ended.wait())

    async def received() -> Message:
        while True:
            coming = asyncio.ensure_future(receive())
            await asyncio.wait({coming, ended}, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                coming.cancel()
                return {"type": "websocket.disconnect", "code": socket.code}
            message = coming.result()
            if message.get("text") is not None:
                socket.code = CLOSED_AS_UNREADABLE
                socket.ended.set()
                return {"type": "websocket.disconnect", "code": socket.code}
            if is_needed(message.get("bytes")) and not is_late(socket, message.get("bytes")):
                note_page_wanted(socket, message.get("bytes"))
                if asks_for_a_file(message.get("bytes")):
                    socket.file_asked_at = monotonic()
                return message

    try:
        yield received
    finally:
        ended.cancel()


def _sender(socket: Socket, send: Send) -> Send:
    async def sent(message: Message) -> None:
        if socket.ended.is_set():
            return
        if message.get("bytes"):
            message = {**message, "bytes": _leaving(socket, message["bytes"])}
            await _keep_file(socket, message["bytes"])
        await send(message)

    return sent


async def _keep_file(socket: Socket, data: bytes) -> None:
    """Store the file whose address is in this message, so that any server process can deliver it.

    Do nothing if the message has no address of a file.
    """
    if not socket.made_under or download_rights.PATH.encode() not in data:
        return
    message = ForwardMsg()
    message.ParseFromString(data)
    path = message.backend_operation_response.deferred_file.url
    stored = get_instance().media_file_mgr.read_file(PurePath(path).name) if path else None
    if stored is None:
        return
    file = MadeFile(stored.content, stored.mimetype, stored.filename or "")
    for token, rights in socket.made_under.items():
        try:
            await run_in_threadpool(made_files.keep, path, token, rights, file)
        except SQLAlchemyError as error:
            # The error is only logged, because this process can still deliver the file for a while.
            _log.warning("A file was not kept for other requests: %s", type(error).__name__)


def is_needed(data: bytes | None) -> bool:
    """Return whether a page needs to send messages of the type of this one.

    Return True for a malformed message too, because Streamlit itself rejects it.
    """
    if data is None:
        return True
    message = BackMsg()
    try:
        message.ParseFromString(data)
    except DecodeError:
        return True
    kind = message.WhichOneof("type")
    if kind == "backend_operation_request":
        return message.backend_operation_request.WhichOneof("payload") == "deferred_file"
    return kind is None or kind in NEEDED


def is_late(socket: Socket, data: bytes | None) -> bool:
    """Return whether this message is a timed request for a fragment of a page that was left since.

    Streamlit would run nothing, but tell the browser that the earlier page is drawn, and the
    browser would remove the contents of the new page.
    """
    asked = _rerun_asked(data)
    return (
        asked is not None
        and bool(asked.fragment_id)
        and asked.is_auto_rerun
        and socket.page_wanted not in ("", asked.page_script_hash)
    )


def note_page_wanted(socket: Socket, data: bytes | None) -> None:
    """Note the page that this message requests, if it requests a whole page."""
    asked = _rerun_asked(data)
    if asked is not None and not asked.fragment_id:
        socket.page_wanted = asked.page_script_hash


def _rerun_asked(data: bytes | None) -> ClientState | None:
    """Return the request for a run in this message; None if the message is another one."""
    message = BackMsg()
    try:
        message.ParseFromString(data or b"")
    except DecodeError:
        return None
    return message.rerun_script if message.WhichOneof("type") == "rerun_script" else None


def asks_for_a_file(data: bytes | None) -> bool:
    """Return whether this message of a page requests a file."""
    message = BackMsg()
    try:
        message.ParseFromString(data or b"")
    except DecodeError:
        return False
    return message.WhichOneof("type") == "backend_operation_request"


def _leaving(socket: Socket, data: bytes) -> bytes:
    """Return a message to the browser without details of the server.

    Also grant the sign-in the right to fetch the files whose addresses are in the message.
    """
    if _VERSION in data:
        data = _changed(data, lambda message: _about_the_session(socket, message))
    if len(data) < LONGEST_NAVIGATION:
        _note_page(socket, data)
    if download_rights.PATH.encode() in data:
        message = ForwardMsg()
        message.ParseFromString(data)
        _note_files(socket, message)
    return data


def _note_page(socket: Socket, data: bytes) -> None:
    """Note the page that a message of type ``navigation`` names.

    When an address is opened, Streamlit knows the page only after ``new_session`` was sent.
    """
    message = ForwardMsg()
    message.ParseFromString(data)
    if message.WhichOneof("type") == "navigation":
        socket.page_shown = socket.page_wanted = message.navigation.page_script_hash


def _changed(data: bytes, change: Callable[[ForwardMsg], bool]) -> bytes:
    message = ForwardMsg()
    message.ParseFromString(data)
    return message.SerializeToString() if change(message) else data


def _about_the_session(socket: Socket, message: ForwardMsg) -> bool:
    """Remove details of the server from a message that begins a run (``new_session``).

    Return False, and change nothing, if the message is another one.
    """
    if message.WhichOneof("type") != "new_session":
        return False
    global _runs
    _runs += 1
    session = message.new_session
    socket.session_id = session.initialize.session_id
    if not message.metadata.run.fragment_ids:
        socket.page_shown = socket.page_wanted = session.page_script_hash
    elif socket.page_shown:
        # A request for a fragment of an earlier page must not make the browser clear the page.
        session.page_script_hash = socket.page_shown
    session.main_script_path = ""
    for told in (session.initialize.environment_info, session.initialize.user_info):
        told.Clear()
        told.SetInParent()
    session.initialize.environment_info.streamlit_version = _SOFTWARE
    return True


def _note_files(socket: Socket, message: ForwardMsg) -> None:
    """Grant the sign-in of this connection the right to fetch the files that the message offers.

    These are images, and files that were made at a click. An address in a text of the page grants
    nothing.
    """
    kind = message.WhichOneof("type")
    if kind == "backend_operation_response":
        for token, rights in socket.made_under.items():
            address = message.backend_operation_response.deferred_file.url
            download_rights.grant(address, hash_of(token), rights)
    if kind != "delta":
        return
    claim = claim_of(socket.session_id or "")
    if claim is not None and claim.rights is not None:
        for image in message.delta.new_element.imgs.imgs:
            download_rights.grant(image.url, claim.token_hash, claim.rights)
