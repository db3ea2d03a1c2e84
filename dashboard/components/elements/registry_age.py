"""The age of a copy of the registry; nothing is drawn if the registry is read directly."""

from datetime import datetime, timedelta

import streamlit as st

from dashboard.calendar import PARIS
from dashboard.locale import _
from dashboard.locale.formats import moment

STALE = timedelta(hours=26)
"""The age above which a copy is stale: a nightly copy is older only after a failure."""


def registry_age(loaded_at: datetime | None, now: datetime) -> None:
    """Draw when the registry was loaded, as a warning if that is longer ago than ``STALE``."""
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
