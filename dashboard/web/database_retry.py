"""Waiting for a database that does not answer.

A run of a page waits until the database answers, and then continues by itself. During the run, the
browser keeps the page as it was, with the typed text.
"""

import time
from collections.abc import Callable
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.database.committing import is_out_of_reach
from dashboard.locale import _

Answer = TypeVar("Answer")

SECONDS_BETWEEN_ATTEMPTS = 2

SECONDS_TO_SEND = 0.3
"""Seconds to wait so that the output of a run reaches the browser."""


def answered(ask: Callable[[], Answer], say: Callable[[], object]) -> Answer:
    """Return the result of ``ask``, which is retried until the database answers.

    Before each retry, ``say`` is called to tell the person about the wait.
    """
    while True:
        try:
            return ask()
        except Exception as error:
            if not is_out_of_reach(error):
                raise
        # Drawing the message also gives Streamlit the chance to stop this run if the browser has
        # left.
        say()
        time.sleep(SECONDS_BETWEEN_ATTEMPTS)


def show_in(place: DeltaGenerator) -> None:
    """Show in ``place`` that the database does not answer."""
    place.warning(message(), icon=":material/cloud_off:")


def toast() -> None:
    """Show in a corner of the page that the database does not answer. The page stays as it is."""
    st.toast(message(), icon=":material/cloud_off:", duration=SECONDS_BETWEEN_ATTEMPTS + 1)


def message() -> str:
    """Return the message that pages show while the database does not answer."""
    return _(
        "The database does not answer. Nothing you typed is lost. This page tries again by itself."
    )
