"""Turning the page under the hands of somebody who may be typing.

Before the page goes, every text field sends what it holds and waits until that is kept;
only then is the page turned. A field that takes too long keeps its text in the browser. That
it is ready the browser says until the page is turned: Streamlit may lose a single word.
"""

from pathlib import Path

import streamlit as st


def page_turning(target: str | None, *, key: str) -> str | None:
    """Prepare the browser for turning to ``target``; gives it back once all texts are kept."""
    result = _TURNING(key=key, data={"target": target}, on_ready_change=_nothing)
    return result.get("ready")


def _nothing() -> None:
    """Without a callback Streamlit does not hand over the trigger; the run reads it."""


_TURNING = st.components.v2.component(
    "case_review_page_turning",
    html="<span></span>",
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)
