"""The origin of a request, for the access log: address and sign-in.

The queries that write the log know nothing of browsers. The server registers once a function that
finds the origin (``ask_with``). A command has no origin.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """The address of a browser, and the sign-in that it uses.

    ``sign_in`` is the beginning of the hash by which ``review.sign_in`` knows the sign-in: enough
    to tell two of them apart, and no key to either.
    """

    address: str | None = None
    sign_in: str | None = None


NOWHERE = Origin()

_said: ContextVar[Origin | None] = ContextVar("origin", default=None)
_ask: Callable[[], Origin] = lambda: NOWHERE  # noqa: E731


def ask_with(find_out: Callable[[], Origin]) -> None:
    """Use this function from now on to find the origin where ``coming_from`` has not set it."""
    global _ask
    _ask = find_out


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """Hold this origin for everything that acts within the block."""
    token = _said.set(origin)
    try:
        yield
    finally:
        _said.reset(token)


def origin() -> Origin:
    """Return the origin of the current actor."""
    return _said.get() or _ask()
