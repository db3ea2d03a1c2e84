"""Unit tests alone with the program: no database, no socket, no other process."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

_REFUSED = ("socket.bind", "socket.connect", "subprocess.Popen", "os.posix_spawn", "os.exec")

_state = {"alone": False}
_connect = psycopg.Connection.connect


class NotAlone(Exception):
    """A unit test that reaches for another program."""


@contextmanager
def alone() -> Iterator[None]:
    """Refuse connections to PostgreSQL, sockets and new processes, until the end."""
    before, _state["alone"] = _state["alone"], True
    try:
        yield
    finally:
        _state["alone"] = before


def _hear(event: str, _arguments: tuple[object, ...]) -> None:
    # Other threads belong to what earlier tests have left.
    if _state["alone"] and event in _REFUSED and threading.current_thread() is _MAIN:
        _refuse(event)


def _connect_unless_alone(*arguments: object, **values: object) -> object:
    if _state["alone"]:
        _refuse("PostgreSQL")
    return _connect(*arguments, **values)


def _refuse(what: str) -> None:
    raise NotAlone(
        f"A unit test needs {what}: ask for the fixture `server` or `database`,"
        " or mark the test with `programs`."
    )


_MAIN = threading.main_thread()
sys.addaudithook(_hear)
# libpq opens its sockets in C, where no audit event is raised.
psycopg.connect = psycopg.Connection.connect = _connect_unless_alone
