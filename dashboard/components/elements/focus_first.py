"""Keyboard focus on the first field of a container that was just added to the page."""

from pathlib import Path

import streamlit as st


def focus_first(container: str) -> None:
    """Move the focus to the first field of the container with this Streamlit key, once."""
    _FOCUS(key=f"{container}/focus", data={"container": container})


_FOCUS = st.components.v2.component(
    "case_review_focus_first",
    html="<span></span>",
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)
