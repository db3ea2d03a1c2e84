"""A notice with a button that undoes the last recorded action. The notice disappears after some
seconds.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from dashboard.components.elements.escaping import plain
from dashboard.components.elements.guarded import fragment
from dashboard.components.elements.stylesheet import stylesheet
from dashboard.locale import _


@dataclass(frozen=True)
class Undoable:
    """A recorded action that can be undone.

    ``said`` describes the action in words. ``until`` is the end of the offer, as a value of
    ``time.monotonic``. ``undo`` undoes the action and returns False if it was too late.
    """

    said: str
    until: float
    undo: Callable[[], bool]


_HELD = "undoable"


def offer_undo(said: str, seconds: float, undo: Callable[[], bool]) -> None:
    """Offer to undo an action during the next ``seconds`` seconds. The next run draws the offer.

    ``said`` describes the action in words. A later offer replaces this one.
    """
    st.session_state[_HELD] = Undoable(said, time.monotonic() + seconds, undo)


def undo_notice() -> None:
    """Draw the notice if an action can be undone now. The button of the notice reruns the page."""
    stylesheet(__file__)
    undoable = st.session_state.get(_HELD)
    if undoable is not None and undoable.until > time.monotonic():
        fragment(_notice, run_every=1.0, key="undo")(undoable)


def _notice(undoable: Undoable) -> None:
    if st.session_state.get(_HELD) is not undoable:
        return
    if undoable.until <= time.monotonic():
        # Rerun the whole page, which no longer draws this fragment. Otherwise the fragment would
        # continue to run every second.
        del st.session_state[_HELD]
        st.rerun(scope="app")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="undo_notice"):
        st.markdown(f":material/check: {plain(undoable.said)}", width="content")
        if st.button(_("Undo"), key="undo_last", icon=":material/undo:"):
            _undo(undoable)


def _undo(undoable: Undoable) -> None:
    undone = undoable.undo()
    st.session_state.pop(_HELD, None)
    if not undone:
        st.toast(_("It cannot be undone any more."))
    st.rerun(scope="app")
