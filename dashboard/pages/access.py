"""The page on which a medical lead sees who opened which record. It shows case numbers, but no
record.
"""

from datetime import timedelta
from functools import partial

import streamlit as st

from dashboard.calendar import now
from dashboard.clinical.access.accesses import MOST_LISTED, Access, Unusual
from dashboard.clinical.access.emergency import Emergency
from dashboard.components.access.access_tables import (
    case_accesses,
    emergencies_table,
    unusual_table,
)
from dashboard.components.elements.escaping import choice
from dashboard.exports.access_report import access_report
from dashboard.locale import _, ngettext
from dashboard.queries.access.accesses import (
    accesses_of_case,
    emergencies_of_my_sites,
    unusual_accesses,
)
from dashboard.vocabulary import Role
from dashboard.web.page_support.deferred import at_the_click
from dashboard.web.page_support.viewer import PageConnection, viewer_for

lead = viewer_for(Role.LEAD)

WEEKS = (1, 4, 12, 52)
ALL_YEARS = timedelta(days=366 * 20)


def typed_case() -> int | None:
    """Return the typed case number; None if the typed text is not a case number."""
    typed = st.session_state.get("access/case", "").strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else None


def report_of(number: int, connection: PageConnection) -> bytes:
    """Return a CSV file with the accesses to the record of the case ``number`` in the last 20
    years.

    The file has at most ``MOST_LISTED`` accesses, the latest. If it has so many, it says so.
    """
    accesses = accesses_of_case(connection, number, now() - ALL_YEARS, exported=True)
    return access_report(accesses, only_latest=len(accesses) == MOST_LISTED)


def everything_unusual(
    connection: PageConnection,
) -> tuple[list[Emergency], list[Unusual], list[Access]]:
    """Return all data of this page, read in one transaction."""
    return (
        emergencies_of_my_sites(connection, since),
        unusual_accesses(connection, since),
        accesses_of_case(connection, case_number, since) if case_number is not None else [],
    )


st.caption(
    _(
        "Who opened which record at your sites, by case number: never the record itself. What"
        " you look up here is recorded in the access log, too."
    )
)
st.segmented_control(
    _("Time"),
    WEEKS,
    default=4,
    required=True,
    key="access/weeks",
    format_func=lambda weeks: choice(ngettext("{n} week", "{n} weeks", weeks)),
    label_visibility="collapsed",
)
since = now() - timedelta(weeks=st.session_state["access/weeks"])
case_number = typed_case()
emergencies, unusual, of_case = lead.read(everything_unusual)

st.header(_("Who opened this record"), anchor=False)
st.text_input(
    _("Case number"),
    key="access/case",
    max_chars=18,
    width=240,
    placeholder=_("Such as {number}", number=1874001),
)
if case_number is not None:
    case_accesses(
        of_case,
        at_the_click(
            partial(report_of, case_number),
            roles=(Role.LEAD,),
        ),
    )
emergencies_table(emergencies)
unusual_table(unusual)
