"""The Streamlit widgets of a form that is saved while it is filled in."""

from typing import Any

import streamlit as st

from dashboard.components.elements.autosave_form import AutosaveForm, Inputs
from dashboard.components.elements.autosave_text import kept, newly_typed


def inputs() -> Inputs:
    """Return the input that the browser of this session has sent."""
    return Inputs(newly_typed, st.session_state.get, kept)


def widget(form: AutosaveForm, name: str, value: Any) -> str:
    """Make the widget of a field show this value, and return the key of the widget.

    The caller also passes the value to the widget as its default. Streamlit sends a value that is
    set only once, and the run may be ended before the value arrives. It sends the default in each
    run. So a value is set only if it differs from the default.
    """
    key = form.key(name)
    if st.session_state.get(key, value) != value:
        st.session_state[key] = value
    form.shown[name] = value
    return key
