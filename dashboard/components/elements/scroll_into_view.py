"""Scrolling to an element that has just been drawn outside the visible part of the page."""

from pathlib import Path

import streamlit as st


def in_view(key: str) -> None:
    """Scroll to the place of this call when it is first drawn, unless it is already visible."""
    _PLACE(key=key)


_PLACE = st.components.v2.component(
    "case_review_in_view",
    html="<span></span>",
    css=Path(__file__).with_suffix(".css").read_text(encoding="utf-8"),
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)
