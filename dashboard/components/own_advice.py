"""What psychiatrists have taken upon themselves in this case, and still owe."""

from datetime import date

import streamlit as st

from dashboard.clinical.case_file import CaseFile, Recommendation
from dashboard.clinical.inbox import is_open, is_overdue
from dashboard.components.advice_words import recommendation_in_words
from dashboard.components.answer_controls import Give, answer_controls
from dashboard.components.plain import plain
from dashboard.locale import _
from dashboard.locale.formats import day


def own_advice(case: CaseFile, give: Give) -> None:
    """Draw the open lines whose owner is the psychiatrist, each with the five answers."""
    lines = [
        line
        for review in case.reviews
        for line in review.recommendations
        if line.owner_role == "psychiatrist"
        and is_open(review, line, closed=case.closed_on is not None)
    ]
    for line in lines:
        with st.container(border=True, gap="xsmall", key=f"own/{line.id}"):
            st.markdown(f"**{_('For you to do')}** · {_words(line, case.as_of)}")
            answer_controls(line, give)


def _words(line: Recommendation, today: date) -> str:
    due = f" · {plain(_('by {day}', day=day(line.due_on)))}" if line.due_on else ""
    late = f" · :red[{plain(_('overdue'))}]" if is_overdue(line, today) else ""
    return f"{plain(recommendation_in_words(line))}{due}{late}"
