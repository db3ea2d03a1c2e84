"""The widgets of a form that is saved while it is filled in, as Streamlit keeps them."""

from typing import Any

import streamlit as st

from dashboard.components.elements.autosave_form import AutosaveForm, Inputs
from dashboard.components.elements.autosave_text import kept, newly_typed


def inputs() -> Inputs:
    """Return what this session's browser has sent."""
    return Inputs(newly_typed, st.session_state.get, kept)


def widget(form: AutosaveForm, name: str, value: Any) -> str:
    """Return the key of the widget of a field, set to show this value, which is also its default.

    A value that is set is sent to the browser once, in a run that may be ended before it arrives;
    the default is sent each time. So only a value that differs from the default is set.
    """
    key = form.key(name)
    if st.session_state.get(key, value) != value:
        st.session_state[key] = value
    form.shown[name] = value
    return key
