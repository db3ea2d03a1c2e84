"""The websockets: incoming and outgoing messages, and ended sign-ins."""

import asyncio
import os
import platform
import sys
import time
from types import SimpleNamespace

import pytest
import streamlit
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from dashboard.database.audit.client_origin import NOWHERE
from dashboard.web.auth import download_rights
from dashboard.web.auth.rights import Rights
from dashboard.web.auth.sessions import SignedIn, hash_of
from dashboard.web.server import sockets, streamlit_sessions
from dashboard.web.server.asgi import MAIN_SCRIPT
from dashboard.web.server.sockets import Socket
from dashboard.web.server.streamlit_sessions import Claim

RIGHTS = Rights(SignedIn(1, "nurse", "Roux", "Claude", "roux"), "7")


@pytest.fixture(autouse=True)
def granted(monkeypatch):
    """Return the granted downloads, which are empty at the start of each test."""
    monkeypatch.setattr(download_rights, "_granted", download_rights._granted.__class__())
    monkeypatch.setattr(streamlit_sessions, "_claims", {"drawn": Claim("hash", RIGHTS)})
    return download_rights._granted


def socket():
    return Socket(("hash",), NOWHERE, session_id="drawn")


# The person behind a socket


@pytest.mark.parametrize(
    ("before", "live", "ended"),
    [
        ("nurse", {"hash": "nurse"}, False),
        ("nurse", {"hash": "lead"}, True),
        ("nurse", {"other": "nurse"}, True),
        ("nurse", {}, True),
        # It shows the form.
        (None, {}, False),
        (None, {"hash": "nurse"}, False),
    ],
)
@pytest.mark.anyio
async def test_it_is_closed_when_its_sign_in_is_over_or_has_another_role(before, live, ended):
    opened = Socket(("hash",), NOWHERE, role=before, session_id="drawn")
    opened.compare(live)
    assert opened.ended.is_set() is ended


@pytest.mark.anyio
async def test_it_stays_open_where_it_shows_the_form_already():
    opened = Socket(("hash",), NOWHERE, role="nurse", session_id="form")
    opened.compare({})
    assert not opened.ended.is_set()


@pytest.fixture
def anyio_backend():
    return "asyncio"


# Incoming messages


@pytest.mark.parametrize(
    ("kind", "value", "passes"),
    [
        ("rerun_script", None, True),
        ("stop_script", True, True),
        ("app_heartbeat", True, True),
        ("clear_cache", True, False),
        ("set_run_on_save", True, False),
        ("load_git_info", True, False),
        ("debug_shutdown_runtime", True, False),
        ("file_urls_request", None, False),
    ],
)
def test_only_what_a_page_sends_comes_in(kind, value, passes):
    message = BackMsg()
    if value is None:
        getattr(message, kind).SetInParent()
    else:
        setattr(message, kind, value)
    assert sockets.is_needed(message.SerializeToString()) is passes


@pytest.mark.parametrize(
    ("operation", "passes"),
    [
        ("deferred_file", True),
        ("dataframe_chunk", False),
        ("install_skills", False),
        ("dismiss_skills_nudge", False),
    ],
)
def test_of_what_can_be_asked_beside_runs_a_file_alone(operation, passes):
    message = BackMsg()
    getattr(message.backend_operation_request, operation).SetInParent()
    assert sockets.is_needed(message.SerializeToString()) is passes


def test_streamlit_still_knows_the_messages_that_come_in():
    assert {one.name for one in BackMsg.DESCRIPTOR.fields} >= sockets.NEEDED


def test_what_is_no_message_is_left_to_streamlit_which_closes():
    assert sockets.is_needed(b"\xff" * 100)


def request(page, fragment="", *, is_auto=False):
    message = BackMsg()
    message.rerun_script.page_script_hash = page
    message.rerun_script.fragment_id = fragment
    message.rerun_script.is_auto_rerun = is_auto
    return message.SerializeToString()


def new_session(page, fragments=()):
    """Return the message with which a run of this page, or of these fragments of it, begins."""
    message = ForwardMsg()
    message.new_session.page_script_hash = page
    message.new_session.initialize.environment_info.streamlit_version = streamlit.__version__
    message.metadata.run.fragment_ids.extend(fragments)
    return message.SerializeToString()


def navigation(page):
    message = ForwardMsg()
    message.navigation.page_script_hash = page
    return message.SerializeToString()


@pytest.mark.parametrize(
    ("title", "earlier", "late"),
    [
        ("no page is known yet", [], False),
        ("the page that is drawn", [("draws", "case")], False),
        ("the server went on to another page", [("draws", "case"), ("draws", "meeting")], True),
        ("the browser wants another page", [("draws", "case"), ("wants", "meeting")], True),
        ("the browser came back", [("draws", "meeting"), ("wants", "case")], False),
        ("a page named by its address", [("draws", "meeting"), ("wants", "")], False),
        ("an address was opened", [("draws", "main"), ("names", "case")], False),
        ("another address was opened", [("draws", "main"), ("names", "meeting")], True),
    ],
)
def test_a_timed_request_for_a_fragment_of_a_page_that_was_left_is_dropped(title, earlier, late):
    socket = Socket((), NOWHERE)
    for what, page in earlier:
        if what == "draws":
            sockets._leaving(socket, new_session(page))
        elif what == "names":
            sockets._leaving(socket, navigation(page))
        else:
            sockets.note_page_wanted(socket, request(page))
    assert sockets.is_late(socket, request("case", "bar", is_auto=True)) is late
    # A click or a typed text is never dropped.
    assert not sockets.is_late(socket, request("case", "bar"))
    assert not sockets.is_late(socket, request("case"))


def test_what_is_no_message_is_not_late():
    assert not sockets.is_late(Socket((), NOWHERE), b"\xff" * 100)


# Outgoing messages


def test_a_run_of_a_fragment_does_not_tell_the_browser_of_an_earlier_page():
    socket = Socket((), NOWHERE)
    told = []
    for sent in (
        new_session("case", ["bar"]),
        new_session("main"),
        navigation("case"),
        new_session("case", ["bar"]),
        new_session("meeting"),
        new_session("case", ["bar"]),
    ):
        message = ForwardMsg()
        message.ParseFromString(sockets._leaving(socket, sent))
        told.append(message.new_session.page_script_hash)
    assert told == ["case", "main", "", "case", "meeting", "meeting"]


def test_the_first_message_tells_nothing_of_the_server():
    message = ForwardMsg()
    session = message.new_session
    session.main_script_path = str(MAIN_SCRIPT)
    session.initialize.session_id = "drawn"
    about = session.initialize.environment_info
    about.streamlit_version = streamlit.__version__
    about.python_version = ".".join(map(str, sys.version_info))
    about.server_os = platform.system()
    session.initialize.user_info.installation_id = "a1b2c3"
    left = sockets._leaving(socket(), message.SerializeToString())
    for told in (str(MAIN_SCRIPT), streamlit.__version__, platform.system(), "a1b2c3"):
        assert told.encode() not in left
    read = ForwardMsg.FromString(left).new_session
    assert read.initialize.session_id == "drawn"
    assert read.initialize.HasField("environment_info")


def test_any_other_message_leaves_as_it_is():
    message = ForwardMsg()
    message.delta.new_element.text.body = f"on version {streamlit.__version__} {os.name}"
    data = message.SerializeToString()
    assert sockets._leaving(socket(), data) == data


def test_a_picture_is_for_whoever_it_was_drawn_for(granted):
    message = ForwardMsg()
    message.delta.new_element.imgs.imgs.add(url="/media/a.png")
    sockets._leaving(socket(), message.SerializeToString())
    assert granted == {("/media/a.png", "hash"): RIGHTS}


def test_a_file_is_for_the_sign_in_for_which_it_was_made(granted):
    message = ForwardMsg()
    message.backend_operation_response.deferred_file.url = "/media/a.pdf"
    made = socket()
    made.made_under["token"] = RIGHTS
    sockets._leaving(made, message.SerializeToString())
    assert granted == {("/media/a.pdf", hash_of("token")): RIGHTS}


def test_an_address_that_somebody_typed_grants_nothing(granted):
    message = ForwardMsg()
    message.delta.new_element.text.body = "/media/a.pdf"
    sockets._leaving(socket(), message.SerializeToString())
    assert granted == {}


# The stop of the server


class Session:
    """A session of Streamlit with a run that is over, or not."""

    def __init__(self, settled):
        self.is_settled = settled

    def track_settling(self):
        pass


@pytest.fixture
def stopping(monkeypatch):
    """Return the sessions by id; no socket is open yet."""
    sessions = {}
    monkeypatch.setattr(sockets, "_open", set())
    monkeypatch.setattr(sockets, "_accepting", True)
    monkeypatch.setattr(sockets, "SECONDS_BETWEEN_LOOKS", 0.01)
    runtime = SimpleNamespace(get_app_session=sessions.get)
    monkeypatch.setattr(sockets, "get_instance", lambda: runtime)
    return sessions


def opened(sessions, name, settled):
    sessions[name] = Session(settled)
    page = Socket((), NOWHERE, session_id=name)
    sockets._open.add(page)

    async def closed():
        await page.ended.wait()
        sockets._open.discard(page)

    page.closed = asyncio.ensure_future(closed())
    return page


@pytest.mark.anyio
async def test_a_page_is_closed_once_its_run_is_over(stopping):
    idle, running = opened(stopping, "idle", True), opened(stopping, "running", False)
    closing = asyncio.ensure_future(sockets.close_pages(30))
    await idle.closed
    assert idle.code == sockets.CLOSED_FOR_A_RESTART
    assert not running.ended.is_set()
    stopping["running"].is_settled = True
    await asyncio.wait_for(closing, 5)
    assert running.ended.is_set()


@pytest.mark.anyio
async def test_a_run_without_an_end_does_not_keep_the_server(stopping):
    running = opened(stopping, "running", False)
    await asyncio.wait_for(sockets.close_pages(0.05), 5)
    assert running.ended.is_set()
    assert running.code == sockets.CLOSED_FOR_A_RESTART


@pytest.mark.anyio
async def test_a_page_that_has_just_asked_for_a_file_gets_it(stopping, monkeypatch):
    monkeypatch.setattr(sockets, "SECONDS_FOR_A_FILE", 0.2)
    page = opened(stopping, "page", True)
    page.file_asked_at = begun = time.monotonic()
    await asyncio.wait_for(sockets.close_pages(30), 5)
    assert time.monotonic() - begun >= 0.2


@pytest.mark.anyio
async def test_a_stopping_server_accepts_no_page(stopping):
    await sockets.close_pages(0)
    sent = []

    async def send(message):
        sent.append(message)

    await sockets.converse(None, {"type": "websocket"}, None, send)
    assert sent == [{"type": "websocket.close", "code": sockets.CLOSED_FOR_A_RESTART}]
