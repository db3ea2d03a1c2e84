"""The tables of the access log for the medical lead.

They show the emergency accesses, the unusual accesses, and the accesses to one case.
"""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.clinical.access.accesses import AROUND_DAYS, MANY_AN_HOUR, NIGHT, Access, Unusual
from dashboard.clinical.access.emergency import Emergency
from dashboard.components.elements.escaping import legible, legible_table
from dashboard.components.elements.guarded import DeferredFile, download_button
from dashboard.components.elements.wrapped_table import wrapped_table
from dashboard.locale import _
from dashboard.locale.formats import full_name, hour, moment
from dashboard.words.access.accesses import action_name, why_name
from dashboard.words.access.emergency import reason_name, span_in_words
from dashboard.words.roles import role_name

ROWS_SHOWN = 500
"""The maximum number of rows that are shown for one case. The downloaded report has up to
``MOST_LISTED`` rows.
"""


def emergencies_table(emergencies: Sequence[Emergency]) -> None:
    """Draw the table of emergency accesses, latest first."""
    st.header(_("Emergency accesses"), anchor=False)
    if not emergencies:
        st.caption(_("None in this time."))
        return
    rows = [
        {
            _("Case number"): str(one.episode_id),
            _("When"): span_in_words(one),
            _("Who"): _who(one.practitioner.family_name, one.practitioner.given_name, one.role),
            _("Reason"): reason_name(one.reason),
            _("Explanation"): one.explanation,
        }
        for one in emergencies
    ]
    wrapped_table(pd.DataFrame(rows), _("Emergency accesses"), border=True)


def unusual_table(unusual: Sequence[Unusual]) -> None:
    """Draw the table of unusual accesses. A text above the table says when an access is unusual."""
    st.header(_("Unusual access"), anchor=False)
    st.caption(
        _(
            "Accesses to ask about; they may be right. Listed are: {many} records or more opened"
            " within an hour; a record opened between {from_hour} and {to_hour}; a record of"
            " a patient without a review, an agenda, a question or an answer in the {days} days"
            " before and after.",
            many=MANY_AN_HOUR,
            from_hour=hour(NIGHT[0]),
            to_hour=hour(NIGHT[1]),
            days=AROUND_DAYS,
        )
    )
    if not unusual:
        st.caption(_("None in this time."))
        return
    rows = [
        {
            _("What"): _kind(one.kind),
            _("Who"): _who(one.family_name, one.given_name, one.role),
            _("When"): _span(one),
            _("Records"): str(one.number),
            _("Case numbers"): _cases(one),
        }
        for one in unusual
    ]
    wrapped_table(pd.DataFrame(rows), _("Unusual access"), border=True)


def case_accesses(accesses: Sequence[Access], report: DeferredFile) -> None:
    """Draw the accesses to the record of one case.

    ``report`` is the downloadable file with the accesses of the last 20 years.
    """
    if not accesses:
        st.info(_("No access in this time, or no case of your sites has this number."))
        return
    _table(
        [
            {
                _("When"): moment(one.at),
                _("Who"): _who(one.family_name, one.given_name, one.role),
                _("What"): action_name(one.action),
                _("Why"): why_name(one.why),
                _("Address"): one.address or "",
            }
            for one in accesses[:ROWS_SHOWN]
        ],
        _("Who opened this record"),
    )
    if len(accesses) > ROWS_SHOWN:
        st.caption(_("The latest {n} accesses. The report has more.", n=ROWS_SHOWN))
    download_button(
        _("Report for the patient (CSV)"),
        report,
        file_name=_("accesses") + ".csv",
        mime="text/csv",
        icon=":material/download:",
        key="access/report",
    )


def _table(rows: list[dict[str, object]], name: str) -> None:
    st.dataframe(legible_table(pd.DataFrame(rows)), hide_index=True, alt=name)


def _who(family_name: str, given_name: str, role: str | None) -> str:
    name = legible(full_name(family_name, given_name).strip())
    return ", ".join(part for part in (name or "—", role_name(role or "")) if part)


def _kind(kind: str) -> str:
    return {
        "many": _("many records in an hour"),
        "night": _("at night"),
        "without": _("without review or meeting"),
    }[kind]


def _span(one: Unusual) -> str:
    first, last = moment(one.first_at), moment(one.last_at)
    return first if first == last else f"{first} – {last}"


def _cases(one: Unusual) -> str:
    shown = ", ".join(map(str, one.cases))
    return f"{shown} …" if one.number > len(one.cases) else shown
