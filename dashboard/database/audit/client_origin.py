"""The origin of an action, which the access log records: the browser's address and its sign-in.

The queries that write the log do not know the browser. So the server registers a function that
returns the origin (``ask_with``). Commands at the terminal have no origin.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """The address of a browser, and the sign-in that it uses.

    ``sign_in`` is the beginning of the token hash in ``review.sign_in``. It is long enough to tell
    two sign-ins apart, and too short to find a sign-in by its hash.
    """

    address: str | None = None
    sign_in: str | None = None


NOWHERE = Origin()

_said: ContextVar[Origin | None] = ContextVar("origin", default=None)
_ask: Callable[[], Origin] = lambda: NOWHERE  # noqa: E731


def ask_with(find_out: Callable[[], Origin]) -> None:
    """Set ``find_out`` as the function that returns the origin outside of ``coming_from``."""
    global _ask
    _ask = find_out


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """Set the origin of all actions in the block."""
    token = _said.set(origin)
    try:
        yield
    finally:
        _said.reset(token)


def origin() -> Origin:
    """Return the origin of the current action."""
    return _said.get() or _ask()
