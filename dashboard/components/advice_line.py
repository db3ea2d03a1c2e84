"""A signed line of advice with what became of it: in the case and in the inbox."""

import streamlit as st

from dashboard.clinical.case_file import Answer, Recommendation
from dashboard.components.advice_words import outcome_name, owner_name, recommendation_in_words
from dashboard.components.plain import plain
from dashboard.locale import _
from dashboard.locale.formats import day, full_name, moment

STATE_BADGES = {
    "unanswered": ("orange", ":material/hourglass_empty:"),
    "acknowledged": ("blue", ":material/mark_email_read:"),
    "done": ("green", ":material/check:"),
    "modified": ("green", ":material/edit:"),
    "declined": ("gray", ":material/block:"),
    "refused_by_patient": ("gray", ":material/person_off:"),
}
"""The colour and the sign of each state, beside its name."""


def advice_line(line: Recommendation, *, overdue: bool = False) -> None:
    """Draw the state, the advice, who does it and by when; then the answers."""
    colour, icon = STATE_BADGES[line.state]
    due = f" · {plain(_('by {day}', day=day(line.due_on)))}" if line.due_on else ""
    # A full stop after the number would make it a list, with a margin of its own.
    st.markdown(
        f"{line.position}\\. {plain(recommendation_in_words(line))}"
        f" · **{plain(owner_name(line.owner_role))}**{due}"
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(outcome_name(line.state), color=colour, icon=icon)
        if overdue:
            st.badge(_("overdue"), color="red", icon=":material/event_busy:")
        if line.answers:
            st.caption("  \n".join(plain(_answer_in_words(one)) for one in line.answers))


def _answer_in_words(answer: Answer) -> str:
    who = answer.practitioner
    name = full_name(who.family_name, who.given_name) if who else "?"
    reason = f" : {answer.reason}" if answer.reason else ""
    return f"{moment(answer.answered_at)} · {outcome_name(answer.outcome)} · {name}{reason}"
