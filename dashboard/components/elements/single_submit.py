"""Protection of the forms of a page against a double click, which would send a form twice.

The first click empties the form and the second one would send it empty. The server handles both at
the same time, so it cannot tell which came first.
"""

from pathlib import Path

import streamlit as st


def single_submit() -> None:
    """Make the browser ignore a click on the button of a form, or the Enter key in one of its
    fields, within a second of the last one.
    """
    _SINGLE_SUBMIT(key="single_submit")


_SINGLE_SUBMIT = st.components.v2.component(
    "case_review_single_submit",
    html="<span></span>",
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)
