"""One line of advice of a signed review, with its state and its answers.

The case and the inbox draw a line of advice in the same way.
"""

from collections.abc import Mapping
from datetime import date

import streamlit as st

from dashboard.clinical.advice.follow_up import ScoreSince
from dashboard.clinical.case.case_file import Recommendation
from dashboard.components.elements.colours import ColourName
from dashboard.components.elements.escaping import plain
from dashboard.locale import _
from dashboard.locale.formats import day
from dashboard.vocabulary import AnswerOutcome
from dashboard.words.advice.lines import answer_in_words, recommendation_in_words, state_name
from dashboard.words.advice.settlements import (
    end_in_words,
    kept_from_in_words,
    kept_in_words,
    unanswered_in_words,
)
from dashboard.words.case.scores import scores_in_words
from dashboard.words.roles import role_name

STATE_BADGES: Mapping[str, tuple[ColourName, str]] = {
    "not_delivered": ("red", ":material/unsubscribe:"),
    "overdue": ("red", ":material/event_busy:"),
    "unanswered": ("orange", ":material/hourglass_empty:"),
    AnswerOutcome.ACKNOWLEDGED: ("blue", ":material/mark_email_read:"),
    AnswerOutcome.DONE: ("green", ":material/check:"),
    AnswerOutcome.MODIFIED: ("green", ":material/edit:"),
    AnswerOutcome.DECLINED: ("gray", ":material/block:"),
    AnswerOutcome.REFUSED_BY_PATIENT: ("gray", ":material/person_off:"),
    "replaced": ("gray", ":material/swap_horiz:"),
    "withdrawn": ("gray", ":material/remove_circle:"),
    "superseded": ("gray", ":material/history:"),
}
"""The colour and the icon of each state of a recommendation.

The name of the state is always written beside them.
"""


def advice_line(
    line: Recommendation,
    today: date,
    *,
    state: str | None = None,
    standing: bool = True,
    overdue: bool = False,
    kept: bool = False,
    scores: Mapping[str, ScoreSince] | None = None,
) -> None:
    """Draw a line of advice: state, owner, due day, the reviews that kept or ended it, and answers.

    ``state`` is the state to show; by default it is ``line.state``. ``standing`` is false if the
    review that contains the line was superseded. The line is then not shown as waiting for an
    answer. ``overdue`` is true if the line also gets the badge "overdue". ``kept`` is true if the
    line is drawn in a later review that keeps it. The number of the line is then left out.
    ``scores`` are the changes of the scores since the advice, by questionnaire.
    """
    due_on = line.current_due_on if line.stands else line.due_on
    due = f" · {plain(_('by {day}', day=day(due_on)))}" if due_on else ""
    # Escape the full stop after the number. Otherwise Markdown would make a numbered list, which
    # has its own margin.
    number = "" if kept else f"{line.position}\\. "
    words = plain(recommendation_in_words(line))
    if not (line.stands or line.is_settled):
        words = f"~~{words}~~"
    advice = f"{number}{words} · **{plain(role_name(line.owner_role))}**{due}"
    badges = (
        [_state_badge(line, state or line.state, today)]
        if standing or line.answers or not line.stands
        else []
    )
    if overdue:
        badges.append(f":red-badge[:material/event_busy: {_('overdue')}]")
    said = [kept_from_in_words(line) if kept else kept_in_words(line), end_in_words(line)]
    said += [answer_in_words(one) for one in line.answers]
    if scores is not None:
        said.append(_("Since: {scores}", scores=scores_in_words(scores, today)))
    became = "  \n".join(f":gray[:small[{plain(one)}]]" for one in said if one)
    # Draw the whole line as one element. A case has dozens of lines, and each element makes the
    # page slower.
    st.markdown(f"{advice}  \n{' '.join(badges)} {became}".rstrip())


def _state_badge(line: Recommendation, state: str, today: date) -> str:
    colour, icon = STATE_BADGES[state]
    said = state_name(state) if state != line.state else unanswered_in_words(line, today)
    return f":{colour}-badge[{icon} {plain(said or state_name(state))}]"
