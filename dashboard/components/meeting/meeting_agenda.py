"""The agenda of the next meeting, and the button that starts it."""

from collections.abc import Callable
from datetime import date

import pandas as pd
import streamlit as st

from dashboard.calendar import PARIS
from dashboard.clinical.meeting.agenda import Agenda
from dashboard.clinical.meeting.meetings import Meeting, Pair, place, undecided
from dashboard.components.elements.escaping import plain
from dashboard.components.elements.patient_name import patient_name
from dashboard.components.elements.stylesheet import stylesheet
from dashboard.components.elements.wrapped_table import wrapped_table
from dashboard.components.meeting.meeting_heading import meeting_heading
from dashboard.components.meeting.time_notice import time_notice
from dashboard.locale import _, ngettext
from dashboard.locale.formats import full_name, long_day
from dashboard.vocabulary import ChosenBy
from dashboard.words.caseload.reasons import in_words
from dashboard.words.meeting.agenda import duration_in_words
from dashboard.words.meeting.meetings import cases_in_words, covered_in_words, with_whom


def choose_pair(pairs: list[Pair], me: int) -> Pair | None:
    """Return the pair of psychiatrist and nurse whose next meeting the page shows.

    If there are several pairs, draw a choice and return the chosen pair. Return None if ``pairs``
    is empty.
    """
    if len(pairs) < 2:
        return pairs[0] if pairs else None
    return st.selectbox(
        _("With whom"),
        pairs,
        key="meeting/with",
        format_func=lambda pair: pair_in_words(pair, me),
        width=420,
        label_visibility="collapsed",
    )


def pair_in_words(pair: Pair, me: int) -> str:
    """Return the name of the psychiatrist or nurse with whom the reader meets.

    ``me`` is the id of the reader. If the reader is neither of them, but covers one of them, return
    both names, and that it is a cover.
    """
    doctor = pair.psychiatrist
    names = {
        pair.nurse.id: full_name(pair.nurse.family_name, pair.nurse.given_name),
        doctor.id: _("Dr {name}", name=full_name(doctor.family_name, doctor.given_name)),
    }
    return covered_in_words([name for number, name in names.items() if number != me])


def planned_agenda(
    agenda: Agenda,
    pair: Pair,
    me: int,
    today: date,
    begin: Callable[[Pair], None],
) -> None:
    """Draw the cases of the next meeting in their order, with the reasons, and the button that
    starts the meeting.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        who = pair_in_words(pair, me)
        meeting_heading(_("Next meeting with {names}", names=who), _about(agenda))
        if agenda.items:
            st.button(
                _("Start the meeting"),
                key="meeting/start",
                type="primary",
                icon=":material/play_arrow:",
                help=_("Names are hidden from then on, on this screen."),
                on_click=begin,
                args=(pair,),
            )
    time_notice(agenda)
    if not agenda.items:
        st.info(_("Nobody is on this agenda."), icon=":material/event_available:")
        return
    if len(agenda.items) > agenda.room:
        st.caption(
            _(
                "The {n} minutes are full after case {room}.",
                n=agenda.length,
                room=agenda.room,
            )
        )
    stylesheet(__file__)
    with st.container(key="planned_agenda"):
        wrapped_table(_table(agenda, today), _("The agenda of the next meeting, in its order"))


def running_meeting(meeting: Meeting, me: int, go_on: Callable[[Meeting], None]) -> None:
    """Draw a running meeting: its people, its current case, and the number of decided cases.

    Also draw the button that joins the meeting.
    """
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.badge(_("running"), color="blue", icon=":material/groups:")
        st.markdown(f"**{plain(with_whom(meeting, me))}**", width="content")
        st.caption(plain(_where(meeting)))
        clicked = st.button(
            _("Join the meeting"),
            key=f"meeting/{meeting.id}/go_on",
            type="primary",
            icon=":material/arrow_forward:",
        )
    if clicked:
        go_on(meeting)


def _where(meeting: Meeting) -> str:
    begun = f"{meeting.started_at.astimezone(PARIS):%H:%M}" if meeting.started_at else ""
    parts = [long_day(meeting.held_on), _("since {time}", time=begun)]
    if meeting.current is not None:
        number, count = place(meeting, meeting.current)
        parts.append(_("at case {number} of {count}", number=number, count=count))
    decided = len(meeting.items) - len(undecided(meeting))
    parts.append(ngettext("{n} decided", "{n} decided", decided))
    return " · ".join(parts)


def _about(agenda: Agenda) -> str:
    parts = [
        long_day(agenda.held_on),
        cases_in_words(len(agenda.items)),
        _("about {duration}", duration=duration_in_words(agenda.minutes)),
    ]
    if agenda.sent_at is not None:
        parts.append(_("sent at {time}", time=f"{agenda.sent_at.astimezone(PARIS):%d/%m %H:%M}"))
    return " · ".join(parts)


def _table(agenda: Agenda, today: date) -> pd.DataFrame:
    """Return the agenda as a table of texts, with one row for each case."""
    rows = []
    for number, item in enumerate(agenda.items, start=1):
        who, case = item.case.identity, item.case
        reasons = [in_words(one, today) for one in case.reasons[:1]]
        if item.not_reached:
            reasons.insert(0, _("not reached last time"))
        why = " · ".join([item.deferral, *reasons] if item.deferral else reasons)
        question = case.preparation.question if case.preparation.asks else None
        rows.append(
            {
                "#": str(number),
                _("Patient"): f"{patient_name(who)}, {who.age_on(today)}",
                _("Chosen by"): {
                    ChosenBy.RULE: _("rule"),
                    ChosenBy.NURSE: _("nurse"),
                    ChosenBy.DEFERRED: _("deferred last time"),
                }[ChosenBy(item.chosen_by)],
                _("Why"): why or "–",
                _("Question"): question or "–",
            }
        )
    return pd.DataFrame(rows)
