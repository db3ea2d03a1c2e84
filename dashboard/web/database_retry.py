"""Waiting for a database that does not answer.

A run of a page waits until the database answers. During a run the browser keeps the page as it was,
with the typed text. When the database answers again, the run continues by itself.
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
"""Time for the output of a run to reach the browser."""

# SQLSTATE classes: connection exception, operator intervention (shutting down, starting up),
# insufficient resources (too many connections).
_OUT_OF_REACH = ("08", "57P", "53")

# A standby answered: the primary is changing, and the way to the new one opens within seconds.
_READ_ONLY = "25006"


def answered(ask: Callable[[], Answer], say: Callable[[], object]) -> Answer:
    """Return the result of ``ask`` once the database answers; call ``say`` before each retry."""
    while True:
        try:
            return ask()
        except Exception as error:
            if not is_out_of_reach(error):
                raise
        # Drawing the message also lets Streamlit stop this run if the browser has left.
        say()
        time.sleep(SECONDS_BETWEEN_ATTEMPTS)


def is_out_of_reach(error: Exception) -> bool:
    """Return whether the error means that the database is unreachable.

    False if it refused a query.
    """
    if isinstance(error, NoFreeConnection):
        return True
    if isinstance(error, DBAPIError) and (error.connection_invalidated or _is_read_only(error)):
        return True
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    return state is None or state.startswith(_OUT_OF_REACH)


def _is_read_only(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) == _READ_ONLY


def show_in(place: DeltaGenerator) -> None:
    """Show the message in this place of the page."""
    place.warning(message(), icon=":material/cloud_off:")


def toast() -> None:
    """Show the message in a corner of the page, which stays as it is."""
    st.toast(message(), icon=":material/cloud_off:", duration=SECONDS_BETWEEN_ATTEMPTS + 1)


def message() -> str:
    """Return the message for clinicians while the database does not answer."""
    return _(
        "The database does not answer. Nothing you typed is lost. This page tries again by itself."
    )
