"""The age of the counts of the sites, and the notice that is shown if there are no counts."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

import streamlit as st

from dashboard.calendar import PARIS
from dashboard.clinical.sites.site_view import Site
from dashboard.locale import _, ngettext
from dashboard.locale.formats import moment


class Age(Protocol):
    """The times of the counts. ``dashboard.queries.sites.counts_age.Freshness`` fulfils this
    protocol.

    ``oldest`` is the time of the oldest count, or None if there is no count. ``waiting`` is the
    number of sites that are not counted yet.
    """

    @property
    def oldest(self) -> datetime | None: ...
    @property
    def waiting(self) -> int: ...


def no_counts(sites: Sequence[Site], age: Age) -> bool:
    """Return whether there are no counts to show. If there are none, draw the reason."""
    if not sites:
        st.info(_("You watch no site yet. Sites are given to you in the shared registry."))
        return True
    if age.oldest is None:
        st.info(
            _("Your sites have not been counted yet: that is done in the background. Come back.")
        )
        return True
    return False


def counts_age(age: Age, today: date) -> None:
    """Draw the time of the counts, and the number of sites that are not counted yet."""
    if age.oldest is None:
        return
    here = age.oldest.astimezone(PARIS)
    when = f"{here:%H:%M}" if here.date() == today else moment(age.oldest)
    said = _("Counts as of {time}; no patient’s record is shown here.", time=when)
    if age.waiting:
        said += " " + ngettext(
            "{n} site has not been counted yet.",
            "{n} sites have not been counted yet.",
            age.waiting,
        )
    st.caption(said)
