"""An open question of the nurse, drawn on one line."""

import streamlit as st

from dashboard.calendar import PARIS
from dashboard.clinical.case.case_file import Question
from dashboard.components.elements.escaping import plain
from dashboard.locale import _, pgettext
from dashboard.locale.formats import short_day


def question_line(question: Question) -> None:
    """Draw the question with its author and the day on which it was asked."""
    asked = short_day(question.asked_at.astimezone(PARIS).date())
    by = question.nurse.family_name if question.nurse else pgettext("practitioner", "unknown")
    head = f"**{_('Question')}** ({plain(by)}, {asked})"
    st.markdown(
        ":material/contact_support: "
        + _("{text}: {detail}", text=head, detail=plain(question.text))
    )
