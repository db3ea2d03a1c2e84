"""A client that learns what a page's browser could send, and sends it later.

It knows no page and no component. It reads from the messages which fragments, widgets and files
there are, opens everything that opens, and later replays every fragment, every widget's state,
every click and every file. So an addition to a page is attacked without being named here.
"""

import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from tests.browser import websocket
from tests.browser.websocket import SECONDS

UNANSWERED = 0.5
"""Seconds after which the server does not answer a message any more: it has dropped it."""

ROUNDS = 3
"""The number of times that newly discovered parts are opened in their turn."""

FIRST_ROW = '{"selection": {"rows": [0], "columns": [], "cells": []}}'


@dataclass(frozen=True)
class Widget:
    """A widget of a page: its fragment, and the states that its browser could send."""

    fragment: str
    states: tuple[bytes, ...]
    opens: bool = False
    """Whether these states show more, and do nothing."""


@dataclass
class Known:
    """The parts of a page that a connection has been told of."""

    fragments: set[str] = field(default_factory=set)
    widgets: dict[str, Widget] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    """The ids of files that are made on request."""
    addresses: set[str] = field(default_factory=set)
    """Where files are that are made already."""
    _tabs: dict[tuple[int, ...], str] = field(default_factory=dict)
    _left_alone: tuple[str, ...] = ()

    def learn(self, messages: Iterable[ForwardMsg]) -> None:
        """Read what there is to attack from messages."""
        for message in messages:
            if message.WhichOneof("type") != "delta":
                continue
            delta, path = message.delta, tuple(message.metadata.delta_path)
            if delta.fragment_id:
                self.fragments.add(delta.fragment_id)
            if delta.WhichOneof("type") == "new_element":
                self._learn_element(delta.new_element, delta.fragment_id)
            else:
                self._learn_block(delta.add_block, delta.fragment_id, path)

    def _learn_element(self, element, fragment: str) -> None:
        kind = element.WhichOneof("type")
        drawn = getattr(element, kind or "", None)
        if kind == "imgs":
            self.addresses.update(one.url for one in drawn.imgs if one.url.startswith("/media/"))
        if kind == "download_button":
            self.files.update(filter(None, [drawn.deferred_file_id]))
            self.addresses.update(filter(None, [drawn.url]))
        if kind == "dataframe":
            for column in drawn.button_click_widgets.values():
                clicked = WidgetState(id=str(column))
                clicked.string_trigger_value.data = "0"
                self._add(clicked, fragment)
        for state in states_of(kind, drawn):
            self._add(state, fragment)

    def _learn_block(self, block, fragment: str, path: tuple[int, ...]) -> None:
        kind = block.WhichOneof("type")
        if kind in ("expandable", "popover") and getattr(block, kind).id:
            opened = WidgetState(id=getattr(block, kind).id, bool_value=True)
            self._add(opened, fragment, opens=True)
        if kind == "tab_container" and block.tab_container.id:
            self._tabs[path] = block.tab_container.id
        if kind == "tab" and path[:-1] in self._tabs:
            chosen = WidgetState(id=self._tabs[path[:-1]], string_value=block.tab.label)
            self._add(chosen, fragment, opens=True)

    def _add(self, state: WidgetState, fragment: str, *, opens: bool = False) -> None:
        if not self._is_tried(state.id):
            return
        known = self.widgets.get(state.id, Widget(fragment, (), opens))
        states = dict.fromkeys((*known.states, state.SerializeToString()))
        self.widgets[state.id] = replace(known, states=tuple(states))

    def leave_alone(self, key: str) -> None:
        """Forget the widget with this key of its own, and do not learn it again."""
        self._left_alone += (f"-{key}",)
        self.widgets = {name: one for name, one in self.widgets.items() if self._is_tried(name)}

    def _is_tried(self, widget: str) -> bool:
        return bool(widget) and not widget.endswith(self._left_alone)

    def choices(self, fragment: str | None, *, opening: bool) -> Iterator[list[WidgetState]]:
        """Yield the states of the widgets of a fragment, in as few turns as cover all of them.

        Without a fragment they are those of the whole page.
        """
        own = [
            one
            for one in self.widgets.values()
            if one.opens is opening and fragment in (None, one.fragment)
        ]
        for turn in range(max((len(one.states) for one in own), default=0)):
            yield [
                WidgetState.FromString(one.states[min(turn, len(one.states) - 1)]) for one in own
            ]


def states_of(kind: str | None, drawn) -> Iterator[WidgetState]:
    """Yield the states that the browser could send of an element: each click, a choice, a text."""
    made = WidgetState(id=str(getattr(drawn, "id", "")))
    if kind in ("button", "download_button"):
        made.trigger_value = True
    elif kind == "button_group" and drawn.options:
        made.string_array_value.data.append(drawn.options[-1].content)
    elif kind == "pagination":
        made.int_value = 2
    elif kind == "checkbox":
        made.bool_value = not drawn.default
    elif kind in ("text_input", "text_area", "selectbox", "radio"):
        made.string_value = drawn.options[0] if kind in ("selectbox", "radio") else "1"
    elif kind == "dataframe" and drawn.selection_mode:
        made.string_value = FIRST_ROW
    else:
        return
    yield made


@dataclass
class Attacker:
    """One connection to a page, with the cookie of a person who was once allowed to see it."""

    url: str
    cookie: str
    page: str
    query: str = ""
    known: Known = field(default_factory=Known)
    heard: list[bytes] = field(default_factory=list)
    """Everything that the server has sent."""
    files: list[bytes] = field(default_factory=list)
    """Everything that it has handed over."""
    closed: bool = False
    answered: int = 0
    """How many messages the server has answered with a run."""
    session: str = ""
    _connection: ClientConnection | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    def connect(self, session: str = "") -> None:
        """Open the connection, to go on with a session if one is named."""
        opening = websocket.client(self.url, cookie=self.cookie, session=session)
        self._connection = self._stack.enter_context(opening)

    def close(self) -> None:
        self._stack.close()

    def forget(self) -> None:
        """Forget all messages received so far."""
        self.heard, self.files, self.answered = [], [], 0

    def visit(self) -> None:
        """Come to the page, and open whatever on it opens."""
        self.connect()
        self.ask()
        for _round in range(ROUNDS):
            before = len(self.known.widgets) + len(self.known.files)
            for fragment in ("", *sorted(self.known.fragments)):
                for states in self.known.choices(fragment, opening=True):
                    self.ask(fragment, states)
            if len(self.known.widgets) + len(self.known.files) == before:
                break

    def again(self) -> "Attacker":
        """Return a connection of its own to the same page, with all that is known of it."""
        other = Attacker(self.url, self.cookie, self.page, self.query)
        other.connect()
        other.ask()
        for fragment in ("", *sorted(self.known.fragments)):
            for states in self.known.choices(fragment, opening=True):
                other.ask(fragment, states)
        return other

    def ask(self, fragment: str = "", states: Iterable[WidgetState] = ()) -> None:
        """Ask for a run of a fragment, or of the page, with these states; learn from the answer."""
        self._hear(self._asking(fragment, states))

    def fire(self, fragment: str) -> None:
        """Ask for a run of a fragment with all open that opens, and do not wait for it."""
        opened = [one for all_of in self.known.choices(fragment, opening=True) for one in all_of]
        self._send(self._asking(fragment, opened))

    def listen(self) -> None:
        """Receive the answers to the requests that were sent."""
        self._listen(BackMsg())

    def _asking(self, fragment: str, states: Iterable[WidgetState]) -> BackMsg:
        message = BackMsg()
        asked = message.rerun_script
        asked.page_name, asked.query_string, asked.fragment_id = self.page, self.query, fragment
        asked.widget_states.widgets.extend(states)
        return message

    def ask_for_file(self, file: str) -> None:
        """Request a file by its id, and fetch the result."""
        message = BackMsg()
        message.backend_operation_request.request_id = file
        message.backend_operation_request.session_id = self.session
        message.backend_operation_request.deferred_file.file_id = file
        for answer in self._hear(message):
            if answer.WhichOneof("type") == "backend_operation_response":
                address = answer.backend_operation_response.deferred_file.url
                if address:
                    self.known.addresses.add(address)
                    self.fetch(address)

    def fetch(self, address: str) -> None:
        """Fetch a file by its address."""
        request = urllib.request.Request(self.url + address, headers={"Cookie": self.cookie})  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as reply:  # noqa: S310
                self.files.append(reply.read())
        except urllib.error.HTTPError:
            pass

    def come_back(self) -> None:
        """Go on with the session over another connection, where the first was closed."""
        if not self.closed:
            return
        try:
            self.connect(self.session)
            self.closed = False
        except (InvalidStatus, ConnectionClosed, OSError):
            pass

    def is_closed(self) -> bool:
        """Return whether the server has closed the connection; record what came before that."""
        try:
            while not self.closed and self._connection is not None:
                data = self._connection.recv(0)
                self.heard.append(data if isinstance(data, bytes) else data.encode())
        except TimeoutError:
            pass
        except ConnectionClosed:
            self.closed = True
        return self.closed

    def replay(self, fragment: str | None) -> None:
        """Send all that the browser could send from a fragment; without one, from the page."""
        self.come_back()
        self.ask(fragment or "")
        for opening in (True, False):
            for states in self.known.choices(fragment, opening=opening):
                self.ask(fragment or "", states)

    def replay_files(self) -> None:
        """Ask once more for every file, and fetch every one that was made."""
        self.come_back()
        for file in sorted(self.known.files):
            self.ask_for_file(file)
        for address in sorted(self.known.addresses):
            self.fetch(address)

    def _hear(self, message: BackMsg) -> list[ForwardMsg]:
        """Send a message; what comes until it is answered, dropped, or the connection closed."""
        self._send(message)
        return self._listen(message)

    def _send(self, message: BackMsg) -> None:
        beat = BackMsg()
        beat.app_heartbeat = True
        try:
            for sent in (message, beat):
                if self._connection is not None and not self.closed:
                    self._connection.send(sent.SerializeToString())
        except ConnectionClosed:
            self.closed = True

    def _listen(self, message: BackMsg) -> list[ForwardMsg]:
        heard: list[ForwardMsg] = []
        try:
            while not (self.closed or self._connection is None or self._is_over(message, heard)):
                patience = SECONDS if self._is_awaited(message, heard) else UNANSWERED
                data = self._connection.recv(patience)
                self.heard.append(data if isinstance(data, bytes) else data.encode())
                heard.append(ForwardMsg.FromString(self.heard[-1]))
        except TimeoutError:
            pass
        except ConnectionClosed:
            self.closed = True
        started = [one for one in heard if one.WhichOneof("type") == "new_session"]
        if started:
            self.answered += 1
            self.session = websocket.session_id(started)
        self.known.learn(heard)
        return heard

    @staticmethod
    def _is_awaited(message: BackMsg, heard: list[ForwardMsg]) -> bool:
        """Return whether more has to come: an answer, or the end of a run that began."""
        kinds = [one.WhichOneof("type") for one in heard]
        if message.WhichOneof("type") == "backend_operation_request":
            return True
        return "heartbeat_ack" not in kinds or "new_session" in kinds

    @staticmethod
    def _is_over(message: BackMsg, heard: list[ForwardMsg]) -> bool:
        kinds = [one.WhichOneof("type") for one in heard]
        if message.WhichOneof("type") == "backend_operation_request":
            return "backend_operation_response" in kinds
        return "new_session" in kinds and websocket.is_end(heard)


def wait_until(reached, seconds: float) -> float:
    """Wait until this is so; how many seconds it took."""
    begun = time.monotonic()
    while not reached():
        waited = time.monotonic() - begun
        assert waited < seconds, f"not so after {seconds} s"
        time.sleep(0.05)
    return time.monotonic() - begun
