"""A button for narrow windows that scrolls to the form of a review, which is below all reviews."""

from pathlib import Path

import streamlit as st

from dashboard.locale import _


def to_form() -> None:
    """Draw the button. In a window that shows the form beside the chart, it is hidden."""
    _TO_FORM(key="to_form", data={"label": _("Write a review")}, width="content")


_TO_FORM = st.components.v2.component(
    "case_review_to_form",
    html='<button type="button"></button>',
    isolate_styles=False,
    css=Path(__file__).with_suffix(".css").read_text(encoding="utf-8"),
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)
