"""From where somebody acts: what the access log says beside who.

The queries that write the log know nothing of browsers. Whoever serves them says once how to
find out (``ask_with``); a command, which nobody serves, comes from nowhere.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """The address of a browser, and which of a person's sign-ins it is.

    ``sign_in`` is the beginning of the hash by which ``review.sign_in`` knows the sign-in:
    enough to tell two of them apart, and no key to either.
    """

    address: str | None = None
    sign_in: str | None = None


NOWHERE = Origin()

_said: ContextVar[Origin | None] = ContextVar("origin", default=None)
_ask: Callable[[], Origin] = lambda: NOWHERE  # noqa: E731


def ask_with(find_out: Callable[[], Origin]) -> None:
    """Ask this from now on, wherever nobody has said it with ``coming_from``."""
    global _ask
    _ask = find_out


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """Within the block, this is where whoever acts comes from."""
    token = _said.set(origin)
    try:
        yield
    finally:
        _said.reset(token)


def origin() -> Origin:
    """From where whoever acts now comes."""
    return _said.get() or _ask()
