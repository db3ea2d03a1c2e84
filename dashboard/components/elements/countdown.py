"""A countdown in seconds. The browser tells the server when no time is left."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import streamlit as st

from dashboard.calendar import now


def countdown(words: str, until: datetime, over: Callable[[], None], *, key: str) -> None:
    """Draw the number of seconds that are left until ``until``. Call ``over`` when no time is left.

    ``{n}`` in ``words`` stands for the number of seconds.
    """
    left = max((until - now()).total_seconds(), 0)
    _COUNTDOWN(
        key=key,
        data={"words": words, "until": until.isoformat(), "left": left},
        on_over_change=over,
    )


_COUNTDOWN = st.components.v2.component(
    "case_review_countdown",
    html='<p role="timer"></p>',
    css=Path(__file__).with_suffix(".css").read_text(encoding="utf-8"),
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)
