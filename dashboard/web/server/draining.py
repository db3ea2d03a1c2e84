"""The stop of this server: whether one has been asked for."""

from threading import Event

_asked = Event()


def ask_to_stop() -> None:
    """Record that this server has been asked to stop. Nothing takes it back."""
    _asked.set()


def is_stopping() -> bool:
    """Return whether this server has been asked to stop."""
    return _asked.is_set()
