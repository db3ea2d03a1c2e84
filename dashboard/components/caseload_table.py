"""The caseload of each site: counts, in a fixed order."""

import pandas as pd
import streamlit as st

from dashboard.locale import _


def caseload_table(caseload: pd.DataFrame) -> None:
    """Draw the columns of ``queries.programme.caseload_by_site``, with their sum above.

    The order is that of department and name: sites are never ranked (docs/domain.md, section 6).
    """
    if caseload.empty:
        st.info(_("You watch no site yet. Sites are given to you in the shared registry."))
        return
    st.caption(_("Counts only: no patient's record is shown here."))
    figures = st.columns(3)
    figures[0].metric(_("Open episodes"), int(caseload.open_episodes.sum()))
    figures[1].metric(_("In relapse prevention"), int(caseload.in_prevention.sum()))
    figures[2].metric(_("Enrolled in the last 28 days"), int(caseload.enrolled_lately.sum()))
    st.dataframe(
        caseload.drop(columns="site_id"),
        column_config={
            "site": st.column_config.TextColumn(_("Site")),
            "department": st.column_config.TextColumn(_("Department")),
            "open_episodes": st.column_config.NumberColumn(_("Open episodes")),
            "in_prevention": st.column_config.NumberColumn(_("In relapse prevention")),
            "enrolled_lately": st.column_config.NumberColumn(_("Enrolled in the last 28 days")),
        },
        hide_index=True,
        alt=_("Caseload of each site"),
    )
