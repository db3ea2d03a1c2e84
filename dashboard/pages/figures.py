"""The page with the figures of the signed-in person's caseload.

For the chosen indicator, the page lists the patients to look at, each with the reason.
"""

import streamlit as st

from dashboard.calendar import now, today
from dashboard.clinical.sites.own_figures import own_figures
from dashboard.components.elements.registry_age import registry_age
from dashboard.components.sites.own_figures import own_figures_view, own_period
from dashboard.queries.registry_age import registry_load
from dashboard.queries.sites.own_figures import own_cases
from dashboard.settings import settings
from dashboard.vocabulary import PAIR
from dashboard.web.page_support.viewer import viewer_for

viewer = viewer_for(*PAIR)
day = today()


def open_case(episode_id: int) -> None:
    """Open the page of the case ``episode_id``."""
    st.switch_page("../pages/case.py", query_params={"episode": str(episode_id)})


registry_age(viewer.read(registry_load), now(), settings().registry_stale_hours)
own_figures_view(own_figures(viewer.read(own_cases, own_period(day), day)), open_case)
