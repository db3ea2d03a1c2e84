"""The notes that a nurse has prepared for the current case of the meeting."""

import streamlit as st

from dashboard.clinical.meeting.agenda import Preparation
from dashboard.components.elements.escaping import plain
from dashboard.locale import _


def nurse_notes(preparation: Preparation) -> None:
    """Draw the nurse's question and the measures that were already tried.

    Draw nothing if nothing was prepared.
    """
    notes = {
        _("Your question"): preparation.question,
        _("What was tried"): preparation.tried,
    }
    said = [f"**{plain(name)}** · {plain(text)}" for name, text in notes.items() if text.strip()]
    if preparation.wants_discussion:
        said.append(plain(_("You wish to discuss this patient.")))
    if said:
        with st.container(border=True, gap="xsmall"):
            for text in said:
                st.markdown(text)
