"""Two warnings that meetings are too short for the patients who are due.

One warning is for the psychiatrist and the nurse of a meeting, the other for the medical lead.
"""

from collections.abc import Sequence

import streamlit as st

from dashboard.clinical.meeting.agenda import Agenda
from dashboard.clinical.meeting.meetings import Pair
from dashboard.components.elements.escaping import plain
from dashboard.locale import _, ngettext

_ICON = ":material/hourglass_disabled:"


def time_notice(agenda: Agenda) -> None:
    """Draw a warning if neither the next meeting, as planned, nor any of the last four has time for
    all patients of tiers 0 to 2.
    """
    if agenda.needs_more_time:
        st.warning(
            _(
                "{due} patients are due and the {minutes} minutes have room for {room}; it was so "
                "in the last four meetings. No order makes up for missing time: a longer or a "
                "second meeting is needed.",
                due=agenda.due,
                minutes=agenda.length,
                room=agenda.room,
            ),
            icon=_ICON,
        )


def lead_time_notice(pairs: Sequence[Pair]) -> None:
    """Draw, for a medical lead, a warning that names the psychiatrists and nurses in ``pairs``.

    None of the last four meetings of each pair had time for all patients of tiers 0 to 2.
    """
    if pairs:
        names = ", ".join(
            plain(f"{pair.psychiatrist.family_name} – {pair.nurse.family_name}") for pair in pairs
        )
        said = ngettext(
            "{n} pair has had no time for all the patients that were due in its last four "
            "meetings: {names}.",
            "{n} pairs have had no time for all the patients that were due in their last four "
            "meetings: {names}.",
            len(pairs),
            names=names,
        )
        st.warning(said, icon=_ICON)
