"""The note of the latest contact that has a note, above the chart."""

import streamlit as st

from dashboard.calendar import PARIS
from dashboard.clinical.case.case_file import CaseFile
from dashboard.components.elements.escaping import plain
from dashboard.locale import _
from dashboard.locale.formats import short_day
from dashboard.words.case.contacts import contact_kind_name


def last_note(case: CaseFile) -> None:
    """Draw the note of the latest contact that has a note. Draw nothing if no contact has a
    note.
    """
    noted = [contact for contact in case.contacts if contact.note and contact.day <= case.as_of]
    if not noted:
        return
    last = noted[-1]
    said = _(
        "{kind} on {day}",
        kind=contact_kind_name(last.kind),
        day=short_day(last.happened_at.astimezone(PARIS).date()),
    )
    by = f", {last.practitioner.family_name}" if last.practitioner else ""
    head = said[:1].upper() + said[1:] + by
    st.caption(plain(_("{text}: {detail}", text=head, detail=last.note)))
