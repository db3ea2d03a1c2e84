"""The age of the registry data. Nothing is drawn if the time of the last load is unknown."""

from datetime import datetime

import streamlit as st

from dashboard.calendar import PARIS
from dashboard.clinical.registry_age import RegistryLoad, is_stale
from dashboard.locale import _
from dashboard.locale.formats import day, moment


def registry_age(load: RegistryLoad | None, now: datetime, stale_hours: int) -> None:
    """Draw the day that the registry data describes.

    If the data was loaded on that day, draw the time of loading too, without the day if it is
    today. Draw a warning instead if the data is older than ``stale_hours`` hours.
    """
    if load is None:
        return
    if is_stale(load, now, stale_hours):
        st.warning(
            _(
                "Registry as of {time}. Anything recorded since then is missing here.",
                time=moment(load.loaded_at) if load.is_of_its_day else day(load.as_of),
            ),
            icon=":material/history:",
        )
        return
    st.caption(_("Registry as of {time}.", time=_when(load, now)))


def _when(load: RegistryLoad, now: datetime) -> str:
    if not load.is_of_its_day:
        return day(load.as_of)
    here = load.loaded_at.astimezone(PARIS)
    return f"{here:%H:%M}" if here.date() == now.date() else moment(load.loaded_at)
