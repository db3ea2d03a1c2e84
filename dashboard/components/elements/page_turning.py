"""A change of the page while the reader may be typing.

Before the page changes, every text field sends its text and waits until the text is saved. The wait
lasts at most 3 seconds. After that, the browser keeps the text and the page changes.

When the browser is ready, it sends a message to the server. It repeats the message until the page
changes, because Streamlit may lose a single message.
"""

from pathlib import Path

import streamlit as st


def page_turning(target: str | None, *, key: str) -> str | None:
    """Ask the browser to send its texts before the page changes to ``target``.

    Return ``target`` once all texts are saved, and None before. ``target`` is None if no change is
    requested.
    """
    result = _TURNING(key=key, data={"target": target}, on_ready_change=_nothing)
    return result.get("ready")


def _nothing() -> None:
    """Do nothing. Streamlit passes on the browser's message only if there is a callback. The next
    run reads the message.
    """


_TURNING = st.components.v2.component(
    "case_review_page_turning",
    html="<span></span>",
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)
