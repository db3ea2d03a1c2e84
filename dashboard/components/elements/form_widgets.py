"""The Streamlit widgets of a form that is saved while it is filled in."""

from typing import Any

import streamlit as st

from dashboard.components.elements.autosave_form import AutosaveForm, Inputs
from dashboard.components.elements.autosave_text import kept, newly_typed


def inputs() -> Inputs:
    """Return the input that the browser of this session has sent."""
    return Inputs(newly_typed, st.session_state.get, kept)


def widget(form: AutosaveForm, name: str, value: Any) -> str:
    """Make the widget of the field ``name`` show ``value``, and return the key of the widget.

    The caller also passes ``value`` to the widget as its default. Streamlit sends a value from the
    session state to the browser in one run only. If that run ends early, the value is lost.
    Streamlit sends the default in every run. So the session state is set only if it differs from
    ``value``.
    """
    key = form.key(name)
    if st.session_state.get(key, value) != value:
        st.session_state[key] = value
    form.shown[name] = value
    return key
