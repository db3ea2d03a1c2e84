"""The heading of a meeting: with whom, and beside it when and how long."""

import streamlit as st

from dashboard.components.elements.escaping import plain


def meeting_heading(title: str, about: str) -> None:
    """Draw both on one line, as wide as there is room."""
    st.markdown(f"#### {plain(title)} :small[:gray[{plain(about)}]]", anchors=False)
