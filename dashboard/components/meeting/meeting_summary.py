"""The summary of a meeting: decisions, tasks with their owners and due days, deferrals."""

from collections.abc import Callable
from datetime import date

import streamlit as st

from dashboard.clinical.meeting.meetings import (
    Agreed,
    Meeting,
    MeetingSummary,
    ToDo,
    left_open,
    seconds_in_all,
    to_do,
    with_outcome,
)
from dashboard.clinical.people import Identity
from dashboard.components.advice.advice_line import STATE_BADGES
from dashboard.components.elements.colours import ColourName
from dashboard.components.elements.escaping import legible, plain
from dashboard.components.elements.patient_name import patient_name
from dashboard.components.meeting.meeting_bar import OUTCOME_BADGES
from dashboard.components.meeting.meeting_heading import meeting_heading
from dashboard.locale import _
from dashboard.locale.formats import day, labelled, long_day
from dashboard.vocabulary import Outcome, Role
from dashboard.words.advice.lines import outcome_name as answer_name
from dashboard.words.advice.lines import recommendation_in_words
from dashboard.words.advice.risk import risk_in_words
from dashboard.words.meeting.meetings import (
    cases_in_words,
    decided_in_words,
    last_meeting_in_words,
    minutes,
    outcome_name,
    with_whom,
)
from dashboard.words.roles import role_name

LEFT_OPEN_BADGE: tuple[ColourName, str] = ("gray", ":material/more_horiz:")


def meeting_summary(summary: MeetingSummary, me: int, today: date) -> None:
    """Draw the to-do list of each role on the left, and the outcome of each case on the right.

    Each patient has their age on ``today``. On a shared screen, several patients can have the same
    title and initial.
    """
    meeting = summary.meeting
    meeting_heading(with_whom(meeting, me), _about(meeting))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _tasks(summary, today)
    with right:
        _cases(summary, today)


def ended_meetings(
    meetings: list[Meeting], me: int, open_meeting: Callable[[Meeting], None]
) -> None:
    """Draw a button for the latest meeting of each pair of psychiatrist and nurse.

    The button opens the summary of the meeting. ``meetings`` are in the order of time, latest
    first.
    """
    latest = {(one.psychiatrist, one.nurse): one for one in reversed(meetings)}
    for one in latest.values():
        st.button(
            plain(last_meeting_in_words(one, me)),
            key=f"meeting/{one.id}/open",
            icon=":material/groups:",
            on_click=open_meeting,
            args=(one,),
        )


def earlier_meetings(
    meetings: list[Meeting], shown: Meeting | None, me: int, choose: Callable[[Meeting], None]
) -> None:
    """Draw a button for each ended meeting, except the meeting ``shown``."""
    others = [one for one in meetings if one != shown]
    if not others:
        return
    st.markdown("## " + _("Earlier meetings"), anchors=False)
    for one in others:
        st.button(
            plain(" · ".join((long_day(one.held_on), with_whom(one, me), _about_time(one)))),
            key=f"meeting/{one.id}/show",
            type="tertiary",
            on_click=choose,
            args=(one,),
        )


def _about(meeting: Meeting) -> str:
    return f"{long_day(meeting.held_on)} · {_about_time(meeting)}"


def _about_time(meeting: Meeting) -> str:
    cases = decided_in_words(meeting)
    return f"{cases} · {minutes(seconds_in_all(meeting))}"


def _tasks(summary: MeetingSummary, today: date) -> None:
    st.markdown("## " + _("To do"), anchors=False)
    tasks = {role: to_do(summary, role) for role in (Role.NURSE, Role.GP, Role.PSYCHIATRIST)}
    if not any(tasks.values()):
        st.caption(_("No recommendation was made."))
    for role, lines in tasks.items():
        if lines:
            with st.container(border=True, gap="xsmall"):
                st.markdown(f"**{plain(role_name(role))}** · {len(lines)}")
                for task in lines:
                    _task(task, today)


def _task(task: ToDo, today: date) -> None:
    until = task.line.current_due_on
    due = f" · **{plain(_('by {day}', day=day(until)))}**" if until else ""
    colour, icon = STATE_BADGES[task.line.state]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        who, what = _patient(task.identity, today), recommendation_in_words(task.line)
        st.markdown(f"{labelled(plain(who), plain(what))}{due}")
        st.badge(answer_name(task.line.state), color=colour, icon=icon)


def _cases(summary: MeetingSummary, today: date) -> None:
    groups = [
        (outcome_name(outcome), OUTCOME_BADGES[outcome], with_outcome(summary, outcome))
        for outcome in Outcome
    ]
    groups += [
        (_("opened, not decided"), LEFT_OPEN_BADGE, left_open(summary, reached=True)),
        (_("not reached"), LEFT_OPEN_BADGE, left_open(summary, reached=False)),
    ]
    for name, (colour, icon), found in groups:
        if found:
            with st.container(border=True, gap="xsmall"):
                with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                    st.badge(name, color=colour, icon=icon)
                    st.caption(cases_in_words(len(found)), width="content")
                for one in found:
                    st.text(legible(_case(one, today)))


def _patient(who: Identity, today: date) -> str:
    return f"{patient_name(who)}, {who.age_on(today)}"


def _case(one: Agreed, today: date) -> str:
    parts = [f"{one.item.position}. {_patient(one.identity, today)}"]
    if one.item.reason:
        parts.append(one.item.reason)
    if one.review is not None and one.review.risk is not None:
        parts.append(risk_in_words(one.review.risk))
    if one.review is not None and one.review.next_review_on:
        parts.append(_("next review {day}", day=day(one.review.next_review_on)))
    if one.item.seconds_spent:
        parts.append(minutes(one.item.seconds_spent))
    return " · ".join(parts)
