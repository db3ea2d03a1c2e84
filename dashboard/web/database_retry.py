"""When the database does not answer.

A run that needs the database waits for it, and does not end: as long as a run goes on, the
browser keeps the page as it was, with what has been typed in it. When the database is back
the page goes on by itself.
"""

import time
from collections.abc import Callable
from typing import TypeVar

import streamlit as st
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from streamlit.delta_generator import DeltaGenerator

from dashboard.locale import _

Answer = TypeVar("Answer")

SECONDS_BETWEEN_ATTEMPTS = 2

SECONDS_TO_SEND = 0.3
"""Until what a run has drawn has left for the browser."""

# SQLSTATE classes: connection exception, operator intervention (shutting down, starting
# up), insufficient resources (too many connections).
_OUT_OF_REACH = ("08", "57P", "53")


def answered(ask: Callable[[], Answer], say: Callable[[], object]) -> Answer:
    """What ``ask`` gives, as soon as the database answers; ``say`` meanwhile that it does not."""
    while True:
        try:
            return ask()
        except Exception as error:
            if not is_out_of_reach(error):
                raise
        # Also the moment at which Streamlit can stop a run that nobody waits for any more.
        say()
        time.sleep(SECONDS_BETWEEN_ATTEMPTS)


def is_out_of_reach(error: Exception) -> bool:
    """Whether this error says that the database cannot be reached, rather than refuses."""
    if isinstance(error, NoFreeConnection):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    return state is None or state.startswith(_OUT_OF_REACH)


def show_in(place: DeltaGenerator) -> None:
    """Say so in this place of the page."""
    place.warning(message(), icon=":material/cloud_off:")


def toast() -> None:
    """Say so in a corner of the page, which stays as it is."""
    st.toast(message(), icon=":material/cloud_off:", duration=SECONDS_BETWEEN_ATTEMPTS + 1)


def message() -> str:
    """What a clinician needs to know meanwhile."""
    return _(
        "The database does not answer. Nothing you typed is lost. This page tries again by itself."
    )
