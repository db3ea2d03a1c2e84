"""The introduction for a new user: three sentences above the page until the user dismisses it."""

from collections.abc import Callable

import streamlit as st

from dashboard.locale import _
from dashboard.words.newcomers import first_sentences


def first_contact(role: str, dismiss: Callable[[], None], open_help: Callable[[], None]) -> None:
    """Draw the introduction for a user with the role ``role``.

    One button calls ``dismiss``, and the other button calls ``open_help``.
    """
    with st.container(border=True, key="first_contact"):
        *places, beside = st.columns([3, 3, 3, 2.6], vertical_alignment="top")
        for number, (place, sentence) in enumerate(zip(places, first_sentences(role), strict=True)):
            place.text(f"{number + 1}. {sentence}")
        with beside, st.container(horizontal=True, gap="xsmall"):
            st.button(_("Do not show again"), on_click=dismiss, key="dismiss_first")
            if st.button(_("Help"), type="tertiary", key="first_help"):
                open_help()
