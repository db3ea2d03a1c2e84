"""The page on which a medical lead sees how the sites perform. It shows counts, but no patient."""

from functools import partial

import streamlit as st

from dashboard.calendar import today
from dashboard.components.elements.url_state import segment
from dashboard.components.meeting.time_notice import lead_time_notice
from dashboard.components.sites.counts_age import counts_age, no_counts
from dashboard.components.sites.downloads import take_all_away, take_chart_away
from dashboard.components.sites.forecast_view import forecast_view
from dashboard.components.sites.indicator_detail import indicator_detail
from dashboard.components.sites.one_site import one_site
from dashboard.components.sites.overview_table import IN_OVERVIEW, overview_table
from dashboard.components.sites.registry_imports import registry_imports
from dashboard.components.sites.site_filters import site_filters
from dashboard.components.sites.sites_view import IN_MULTIPLES, sites_view
from dashboard.locale import _
from dashboard.queries.meeting.agenda import pairs_short_of_time
from dashboard.queries.sites import site_figures
from dashboard.queries.sites.counts_age import freshness
from dashboard.queries.sites.registry_imports import latest_imports
from dashboard.vocabulary import Role
from dashboard.web.page_support.site_files import site_files
from dashboard.web.page_support.viewer import viewer_for
from dashboard.words.sites.names import nurse_names, reading_aid, site_names, view_names

lead = viewer_for(Role.LEAD)
day = today()

sites, at_work, short = lead.read(
    lambda connection: (
        site_figures.watched_sites(connection),
        site_figures.nurses_at_work(connection),
        pairs_short_of_time(connection),
    )
)
age = lead.read_counts(freshness)
nurses = nurse_names(at_work)

lead_time_notice(short)
names = site_names(sites)
if no_counts(sites, age):
    st.stop()

with st.container(horizontal=True, vertical_alignment="center"):
    shown = segment(_("View"), view_names(), "view", usual="overview")
    counts_age(age, day)
    beside = st.container(width="content")
view = site_filters(shown, names, nurses, day)
files = site_files(view, shown)
with beside:
    take_all_away(files)
take_away = partial(take_chart_away, files=files)

if shown == "overview":
    found = lead.read_counts(site_figures.figures, view, sites, day, IN_OVERVIEW)
    left, right = st.columns([5, 3], gap="medium")
    with left:
        chosen = overview_table(found, view.period.length)
    with right:
        indicator_detail(found[chosen], names, take_away)
elif shown == "sites":
    found = lead.read_counts(site_figures.figures, view, sites, day, IN_MULTIPLES)
    sites_view(list(found.values()), names, take_away)
elif shown == "site":
    one_site(lead.read_counts(site_figures.one_site, view, sites, day), names, nurses, take_away)
else:
    forecast_view(lead.read_counts(site_figures.experiment, view.period.until), take_away)

st.caption(reading_aid())
registry_imports(lead.read(latest_imports))
