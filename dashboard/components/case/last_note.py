"""The note of the latest contact that has a note, above the chart."""

from datetime import date

import streamlit as st

from dashboard.calendar import PARIS
from dashboard.clinical.case.case_file import CaseFile, Contact
from dashboard.components.elements.escaping import plain
from dashboard.locale import _
from dashboard.locale.formats import near_day
from dashboard.words.case.contacts import contact_kind_name


def last_note(case: CaseFile) -> None:
    """Draw the note of the latest contact that has a note. Draw nothing if no contact has a
    note.
    """
    noted = [contact for contact in case.contacts if contact.note and contact.day <= case.as_of]
    if not noted:
        return
    last = noted[-1]
    st.caption(plain(last_note_in_words(last, case.as_of)))


def last_note_in_words(contact: Contact, today: date) -> str:
    """Return the note of ``contact``, such as "Last note (phone on 17 Sep, Roux): seen alone".

    The words "last note" are needed because the note may be older than the news above it.
    """
    on = near_day(contact.happened_at.astimezone(PARIS).date(), today)
    said = _("{kind} on {day}", kind=contact_kind_name(contact.kind), day=on)
    by = f", {contact.practitioner.family_name}" if contact.practitioner else ""
    return _("Last note ({contact}): {note}", contact=said + by, note=contact.note)
