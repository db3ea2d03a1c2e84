"""The origin of an action, which the access log records: the browser's address and sign-in.

The code that writes the log knows nothing about the browser. The server therefore registers a
function that returns the origin (``ask_with``). Commands at the terminal have no origin.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """The address of a browser, and the sign-in that the browser uses.

    ``sign_in`` is the beginning of the token's hash in ``review.sign_in``. It is long enough to
    distinguish two sign-ins, and does not reveal the rest of the hash.
    """

    address: str | None = None
    sign_in: str | None = None


NOWHERE = Origin()

_said: ContextVar[Origin | None] = ContextVar("origin", default=None)
_ask: Callable[[], Origin] = lambda: NOWHERE  # noqa: E731


def ask_with(find_out: Callable[[], Origin]) -> None:
    """Register ``find_out`` as the function that returns the origin of an action.

    ``find_out`` is not called within a block of ``coming_from``, which sets the origin itself.
    """
    global _ask
    _ask = find_out


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """Use ``origin`` as the origin of all actions in the block."""
    token = _said.set(origin)
    try:
        yield
    finally:
        _said.reset(token)


def origin() -> Origin:
    """Return the origin of the current action; ``NOWHERE`` if it has none."""
    return _said.get() or _ask()
