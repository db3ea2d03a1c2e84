"""The age of a copy of the registry. Nothing is drawn if the pages read the registry directly."""

from datetime import datetime, timedelta

import streamlit as st

from dashboard.calendar import PARIS
from dashboard.locale import _
from dashboard.locale.formats import moment

STALE = timedelta(hours=26)
"""A copy older than this is stale. A nightly copy gets that old only after a failure."""


def registry_age(loaded_at: datetime | None, now: datetime) -> None:
    """Draw the time at which the registry was loaded.

    It is a warning if the copy is older than ``STALE``.
    """
    if loaded_at is None:
        return
    if now - loaded_at > STALE:
        st.warning(
            _(
                "The registry was last copied on {time}: what was recorded since is not here.",
                time=moment(loaded_at),
            ),
            icon=":material/history:",
        )
        return
    here = loaded_at.astimezone(PARIS)
    when = f"{here:%H:%M}" if here.date() == now.astimezone(PARIS).date() else moment(loaded_at)
    st.caption(_("Registry as copied at {time}.", time=when))
