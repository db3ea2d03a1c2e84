"""A notice with a button that undoes what was just recorded. It goes away by itself."""

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
    """A recorded action that can be undone: its description in words, and the function that undoes
    it.

    ``until`` is a value of ``time.monotonic``. ``undo`` returns False if it was too late.
    """

    said: str
    until: float
    undo: Callable[[], bool]


_HELD = "undoable"


def offer_undo(said: str, seconds: float, undo: Callable[[], bool]) -> None:
    """Offer to undo this action for some seconds from the next run. A later offer replaces it."""
    st.session_state[_HELD] = Undoable(said, time.monotonic() + seconds, undo)


def undo_notice() -> None:
    """Draw the notice if an action can be undone now. Its button redraws the page."""
    stylesheet(__file__)
    undoable = st.session_state.get(_HELD)
    if undoable is not None and undoable.until > time.monotonic():
        fragment(_notice, run_every=1.0, key="undo")(undoable)


def _notice(undoable: Undoable) -> None:
    if st.session_state.get(_HELD) is not undoable:
        return
    if undoable.until <= time.monotonic():
        # The page is drawn without the fragment, which would otherwise run every second.
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
