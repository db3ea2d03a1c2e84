"""The Streamlit widgets of a form that is saved while it is filled in."""

from typing import Any

import streamlit as st

from dashboard.components.elements.autosave_form import AutosaveForm, Inputs
from dashboard.components.elements.autosave_text import kept, newly_typed


def inputs() -> Inputs:
    """Return the functions that read the input from the browser of this session."""
    return Inputs(newly_typed, st.session_state.get, kept)


def widget(form: AutosaveForm, name: str, value: Any) -> str:
    """Make the widget of the field ``name`` show ``value``, and return the key of the widget.

    The caller must also pass ``value`` to the widget as its default. Streamlit sends this default
    to the browser in every run. It sends a value from the session state in one run only, and the
    value is lost if that run ends early. So the session state is set only if its value differs from
    ``value``.
    """
    key = form.key(name)
    if st.session_state.get(key, value) != value:
        st.session_state[key] = value
    form.shown[name] = value
    return key
