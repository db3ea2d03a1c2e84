"""A proxy between a client and its server that can cut connections and count statements.

Neither the client nor the server is changed for it. The proxy of PostgreSQL reads the protocol. So
it can strike when the n-th statement begins, while it runs, or when it is done and the client has
not been told.
"""

import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import BinaryIO

MOMENTS = ("before", "during", "after")
"""A statement has not reached the server; it has; it is done, and its answer is kept back."""

_SSL, _GSS = 80877103, 80877104
_STATEMENTS = (b"Q", b"E")
"""A query as text, and the execution of a parsed one."""
_DONE = (b"C", b"E", b"I", b"Z")
"""The server's messages at the end of a statement, a commit included."""


@dataclass(eq=False)
class Line:
    """One connection through a cable."""

    client: socket.socket
    server: socket.socket
    backend: int = 0
    """The process of PostgreSQL at its end."""
    parsed: str = ""
    withholds: bool = False

    def cut(self) -> None:
        """Cut the connection at both ends at once."""
        for end in (self.client, self.server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Cable:
    """Connections to a port of this machine, handed on to where ``reach`` leads."""

    def __init__(self, reach: Callable[[], socket.socket]) -> None:
        self._reach = reach
        self._lines: set[Line] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Cut every connection; a new one is made as before."""
        for line in list(self._lines):
            line.cut()

    def close(self) -> None:
        """Accept no more connections."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            server = self._reach()
        except OSError:
            client.close()
            return
        line = Line(client, server)
        self._lines.add(line)
        back = threading.Thread(target=self._through, args=(self._down, line), daemon=True)
        back.start()
        self._through(self._up, line)
        back.join()
        self._lines.discard(line)
        client.close()
        server.close()

    def _through(self, direction: Callable[[Line], None], line: Line) -> None:
        with suppress(OSError, EOFError):
            direction(line)
        line.cut()

    def _up(self, line: Line) -> None:
        while some := line.client.recv(65536):
            line.server.sendall(some)

    def _down(self, line: Line) -> None:
        while some := line.server.recv(65536):
            line.client.sendall(some)


@dataclass(frozen=True)
class Strike:
    """The fault to cause when the n-th statement passes, counted from 1."""

    nth: int
    moment: str
    how: Callable[[Line], object]


@dataclass
class Heard:
    """The statements that passed since the listener was started, without their values."""

    statements: list[str] = field(default_factory=list)
    strike: Strike | None = None
    struck: threading.Event = field(default_factory=threading.Event)


class PostgresCable(Cable):
    """A cable to PostgreSQL."""

    def __init__(self, reach: Callable[[], socket.socket]) -> None:
        self._heard = Heard()
        self._counting = threading.Lock()
        super().__init__(reach)

    def listen(self, strike: Strike | None = None) -> Heard:
        """Count from now on, and strike when the time comes."""
        self._heard = Heard(strike=strike)
        return self._heard

    def _up(self, line: Line) -> None:
        incoming = line.client.makefile("rb")
        line.server.sendall(_greeting(line, incoming))
        while True:
            kind, message = _message(incoming)
            if kind == b"P":
                line.parsed = message[5:].split(b"\0")[1].decode()
            if kind in _STATEMENTS:
                text = message[5:-1].decode() if kind == b"Q" else line.parsed
                self._pass(line, message, text)
            else:
                line.server.sendall(message)

    def _pass(self, line: Line, message: bytes, statement: str) -> None:
        heard = self._heard
        with self._counting:
            heard.statements.append(" ".join(statement.split()))
            due = heard.strike and len(heard.statements) == heard.strike.nth
        if not due or heard.strike is None:
            return line.server.sendall(message)
        if heard.strike.moment == "after":
            line.withholds = True
            return line.server.sendall(message)
        if heard.strike.moment == "during":
            line.server.sendall(message)
        self._strike(line)
        raise EOFError

    def _strike(self, line: Line) -> None:
        heard = self._heard
        assert heard.strike is not None
        heard.strike.how(line)
        line.cut()
        heard.struck.set()

    def _down(self, line: Line) -> None:
        answers = line.server.makefile("rb")
        while True:
            kind, message = _message(answers)
            if kind == b"K":
                line.backend = struct.unpack("!i", message[5:9])[0]
            if not line.withholds:
                line.client.sendall(message)
            elif kind in _DONE:
                return self._strike(line)


def _greeting(line: Line, incoming: BinaryIO) -> bytes:
    """Return the client's first message; refuse encryption, which the proxy does not have."""
    while True:
        length = _exactly(incoming, 4)
        rest = _exactly(incoming, struct.unpack("!i", length)[0] - 4)
        if struct.unpack("!i", rest[:4])[0] not in (_SSL, _GSS):
            return length + rest
        line.client.sendall(b"N")


def _message(incoming: BinaryIO) -> tuple[bytes, bytes]:
    """Return the kind of the next message, and the whole of it."""
    head = _exactly(incoming, 5)
    return head[:1], head + _exactly(incoming, struct.unpack("!i", head[1:])[0] - 4)


def _exactly(incoming: BinaryIO, count: int) -> bytes:
    some = incoming.read(count)
    if some is None or len(some) < count:
        raise EOFError
    return some


def tcp(port: int) -> Callable[[], socket.socket]:
    """Reaches a port of this machine."""
    return lambda: socket.create_connection(("127.0.0.1", port), timeout=None)


def unix(path: str) -> Callable[[], socket.socket]:
    """Reaches a socket in the file system of this machine."""

    def reach() -> socket.socket:
        server = socket.socket(socket.AF_UNIX)
        server.connect(path)
        return server

    return reach
