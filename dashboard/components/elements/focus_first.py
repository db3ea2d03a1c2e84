"""Keyboard focus on the first field of a container that was just added to the page."""

from pathlib import Path

import streamlit as st


def focus_first(container: str) -> None:
    """Move the focus, once, to the first empty field of the container with the key ``container``.

    If no field is empty, move the focus to the first field.
    """
    _FOCUS(key=f"{container}/focus", data={"container": container})


_FOCUS = st.components.v2.component(
    "case_review_focus_first",
    html="<span></span>",
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)
