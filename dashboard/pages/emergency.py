"""The page for emergency access to the record of another team's patient.

The access lasts one hour, is logged, and is announced to the team of the patient.
"""

from uuid import UUID

import streamlit as st

from dashboard.calendar import now, today
from dashboard.clinical.access.emergency import ROLES, Wish
from dashboard.components.access.emergency_form import emergency_form
from dashboard.components.elements.registry_age import registry_age
from dashboard.locale import _
from dashboard.queries.access.opening_in_emergency import open_in_emergency
from dashboard.queries.registry_age import registry_load
from dashboard.settings import settings
from dashboard.web.page_support.viewer import viewer_for

viewer = viewer_for(*ROLES)


def ask(wish: Wish, key: UUID) -> str:
    """Request the emergency access; return the result of ``open_in_emergency``."""
    return viewer.write(open_in_emergency, wish, key)


st.header(_("Emergency access"), anchor=False)
st.warning(
    _(
        "For a patient who is not yours and cannot wait. You open one record for one hour: you can"
        " read it and answer its recommendations. Your name, the reason and every page you open are"
        " recorded in the access log; the patient’s team and the medical lead are told at once."
    ),
    icon=":material/emergency_home:",
)
registry_age(viewer.read(registry_load), now(), settings().registry_stale_hours)
episode_id = emergency_form(today(), ask)
if episode_id is not None:
    st.switch_page("../pages/case.py", query_params={"episode": str(episode_id)})
