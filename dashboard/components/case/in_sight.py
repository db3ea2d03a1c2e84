"""The parts of a case that stay visible while the rest scrolls: its head and its form.

In a window with a width below 900 pixels or a height below 520 pixels, these parts scroll too, so
that they cover nothing. While a case is open, the height of the tab area decreases only if the
width of the window changes. So the page does not jump when the reader opens another tab.
"""

from pathlib import Path

import streamlit as st

HEAD = "case_head"
"""The key of the container with the patient, the need and the reasons."""

FORM = "case_form"
"""The key of the container of the form. The container is alone in its column."""


def keep_in_view(episode_id: int) -> None:
    """Keep the head and the form of this case visible while the page scrolls.

    Scroll to the top of the page when another case is opened.
    """
    _IN_SIGHT(key="case_in_sight", data={"episode": episode_id}, width=1)


_IN_SIGHT = st.components.v2.component(
    "case_review_in_sight",
    html="<span></span>",
    isolate_styles=False,
    css=Path(__file__).with_suffix(".css").read_text(encoding="utf-8"),
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)
