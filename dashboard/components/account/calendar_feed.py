"""The part of the account page about the calendar feed.

It shows the address of the feed, and has buttons that make a new address or end the feed.
"""

from collections.abc import Callable
from datetime import datetime

import streamlit as st

from dashboard.locale import _
from dashboard.locale.formats import moment


def calendar_feed(
    renewed_at: datetime | None,
    new_address: str | None,
    renew: Callable[[], None],
    end: Callable[[], None],
) -> None:
    """Draw the state of the feed and the buttons that make a new address or end the feed.

    ``renewed_at`` is the time at which the address was made, or None if there is no feed.
    ``new_address`` is the address if it was just made, else None. It is shown only once.
    """
    st.header(_("Calendar"), anchor=False)
    st.caption(
        _(
            "Meetings and due dates in your own calendar program, by a secret address: days and"
            " counts, no patient's name."
        )
    )
    if new_address is not None:
        st.code(new_address, language=None, wrap_lines=True)
        st.caption(
            _("Copy it into your calendar program now: it is not shown again. Do not share it.")
        )
    elif renewed_at is not None:
        st.text(_("Address made on {time}", time=moment(renewed_at)))
    with st.container(horizontal=True):
        st.button(
            _("Make an address") if renewed_at is None else _("Replace the address"),
            key="calendar/renew",
            on_click=renew,
            width="content",
        )
        if renewed_at is not None:
            st.button(_("End the feed"), key="calendar/end", on_click=end, width="content")
