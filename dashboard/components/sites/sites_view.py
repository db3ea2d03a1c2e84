"""The view of all sites side by side, in their fixed order."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.clinical.sites.comparison import Figure
from dashboard.clinical.sites.suppression import FEW, LEAST
from dashboard.components.charts.chart_export import draw
from dashboard.components.elements.stylesheet import stylesheet
from dashboard.components.elements.url_state import segment
from dashboard.components.sites.indicator_detail import TakeAway, table_of
from dashboard.components.sites.site_sheet import site_sheet
from dashboard.locale import _

IN_MULTIPLES = (
    "early_contact",
    "four_contacts",
    "psychosocial_care",
    "measured",
    "contact_and_score",
    "unimproved_reviewed",
    "unimproved_reviewed_with_advice",
    "unimproved_treatment_changed",
    "answered_in_7_days",
    "lost_to_follow_up",
    "improved_70",
    "response",
    "remission",
    "deteriorated",
    "advice_followed",
    "advice_unanswered",
)
"""The rates that are drawn for every site."""


def sites_view(figures: Sequence[Figure], names: Mapping[int, str], take_away: TakeAway) -> None:
    """Draw the sheet of all sites, and the explanation of its symbols."""
    with st.container(horizontal=True, vertical_alignment="center"):
        basis = segment(
            _("Of whom"),
            {"all": _("of all"), "measured": _("of those measured")},
            "basis",
            usual="all",
        )
        st.caption(
            _(
                "Point: the site; hollow: fewer than {few}, too few to judge; no point: fewer than"
                " {least}, hidden. Stroke: the programme. Band: where 95 of 100 sites are by chance"
                " alone, at this number of patients. ◆ outside the band. Sites are in the order of"
                " department and name: they are not ranked.",
                few=FEW,
                least=LEAST,
            )
        )
        place = st.container(width="content")
    sheet = site_sheet(figures, "measured" if basis == "measured" else "all", names)
    with place:
        take_away(sheet)
    stylesheet(__file__)
    with st.container(key="sites_sheet"):
        draw(sheet, key="sites")
    table_of(sheet)
