"""Bringing into view what has just been drawn above the part of the page that is shown."""

from pathlib import Path

import streamlit as st


def in_view(key: str) -> None:
    """Scroll to this place, if it is out of sight, the first time that it is drawn there."""
    _PLACE(key=key)


_PLACE = st.components.v2.component(
    "case_review_in_view",
    html="<span></span>",
    css=Path(__file__).with_suffix(".css").read_text(encoding="utf-8"),
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)
