"""The heading of a meeting: the people, and beside them the day and the length."""

import streamlit as st

from dashboard.components.elements.escaping import plain


def meeting_heading(title: str, about: str) -> None:
    """Draw the title and ``about`` on one line, over the available width."""
    st.markdown(f"## {plain(title)} :small[:gray[{plain(about)}]]", anchors=False)
