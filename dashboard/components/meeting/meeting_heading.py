"""The heading of a meeting: its people, day and length."""

import streamlit as st

from dashboard.components.elements.escaping import plain


def meeting_heading(title: str, about: str) -> None:
    """Draw the title on the left and the text ``about`` beside it, on one line."""
    st.markdown(f"## {plain(title)} :small[:gray[{plain(about)}]]", anchors=False)
