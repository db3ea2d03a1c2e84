"""The head of the page on which a nurse prepares a meeting.

It shows the people, the day, the length, and the progress of the preparation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st

from dashboard.calendar import PARIS
from dashboard.clinical.meeting.agenda import LENGTHS, Agenda, can_change
from dashboard.components.elements.escaping import choice, plain
from dashboard.components.elements.guarded import DeferredFile, download_button
from dashboard.locale import _, language, ngettext
from dashboard.locale.formats import short_day
from dashboard.words.meeting.agenda import agenda_in_words, duration_in_words, pace_in_words

FURTHEST_DAYS = 60
"""The maximum number of days from today to a meeting that can be prepared."""


@dataclass(frozen=True)
class AgendaActions:
    """The actions of the head of the page.

    Each action is one transaction, except ``printed``, which makes a file.
    """

    choose_day: Callable[[date], object]
    choose_length: Callable[[int], object]
    send: Callable[[], None]
    printed: DeferredFile


def chosen_agenda(agendas: Sequence[Agenda]) -> Agenda:
    """Draw the choice between several agendas, and return the chosen agenda.

    An agenda is named by its psychiatrist. If there is only one agenda, draw this name without a
    choice.
    """
    by_pair = {f"{one.psychiatrist.id}-{one.nurse.id}": one for one in agendas}
    if len(by_pair) == 1:
        name = plain(_("Dr {name}", name=agendas[0].psychiatrist.family_name))
        st.markdown(f"**{_('Meeting with {name}', name=name)}**", width="content")
        return agendas[0]
    chosen = st.segmented_control(
        _("Meeting with"),
        list(by_pair),
        default=next(iter(by_pair)),
        required=True,
        key="agenda_chosen",
        format_func=lambda pair: choice(_pair_in_words(by_pair[pair], agendas)),
        label_visibility="collapsed",
    )
    return by_pair.get(chosen, agendas[0])


def agenda_header(agenda: Agenda, today: date, actions: AgendaActions) -> None:
    """Draw the day and the length of the meeting and the progress of the preparation.

    Also draw the buttons that print and send the agenda.
    """
    _day(agenda, today, actions)
    _length(agenda, actions)
    st.markdown(_summary(agenda), width="stretch")
    download_button(
        _("Print"),
        actions.printed,
        # The downloaded file stays on the reader's computer, so its name must not identify a
        # patient.
        file_name=_("agenda_{day}.pdf", day=agenda.held_on.isoformat()),
        mime="application/pdf",
        icon=":material/print:",
        type="tertiary",
        disabled=not agenda.items,
        help=_("One page without names: initials, age and case number."),
    )
    _sending(agenda, actions)


def _pair_in_words(agenda: Agenda, agendas: Sequence[Agenda]) -> str:
    name = _("Dr {name}", name=agenda.psychiatrist.family_name)
    if len({one.nurse.id for one in agendas}) > 1:
        name += f" · {agenda.nurse.family_name}"
    return f"{name} · {len(agenda.items)}"


def _day(agenda: Agenda, today: date, actions: AgendaActions) -> None:
    key = f"agenda/{agenda.psychiatrist.id}/{agenda.nurse.id}/held_on"
    if not can_change(agenda.started_at):
        st.markdown(short_day(agenda.held_on), width="content")
        return
    chosen = st.date_input(
        _("Day of the meeting"),
        value=agenda.held_on,
        min_value=min(today, agenda.held_on),
        max_value=max(agenda.held_on, today + timedelta(days=FURTHEST_DAYS)),
        format="DD/MM/YYYY",
        key=f"{key}/{agenda.held_on}",
        label_visibility="collapsed",
        width=140,
    )
    if isinstance(chosen, date) and chosen != agenda.held_on:
        actions.choose_day(chosen)
        st.rerun()


def _length(agenda: Agenda, actions: AgendaActions) -> None:
    lengths = sorted({*LENGTHS, agenda.length})
    key = f"agenda/{agenda.psychiatrist.id}/{agenda.nurse.id}/length/{agenda.length}"
    chosen = st.selectbox(
        _("Length of the meeting"),
        lengths,
        index=lengths.index(agenda.length),
        format_func=duration_in_words,
        key=key,
        label_visibility="collapsed",
        disabled=not can_change(agenda.started_at),
        width=110,
    )
    if chosen != agenda.length and can_change(agenda.started_at):
        actions.choose_length(chosen)
        st.rerun()


def _summary(agenda: Agenda) -> str:
    ready = sum(item.case.preparation.ready_at is not None for item in agenda.items)
    prepared = ngettext("{n} ready", "{n} ready", ready)
    about = pace_in_words(agenda.pace)
    if language() != "fr":
        # The field shows the day in figures, and some readers of English take the first figure for
        # the month.
        about = f"{short_day(agenda.held_on)} · {about}"
    return f"{agenda_in_words(agenda)} · **{prepared}**  \n:small[:gray[{plain(about)}]]"


def _sending(agenda: Agenda, actions: AgendaActions) -> None:
    name = plain(_("Dr {name}", name=agenda.psychiatrist.family_name))
    if not can_change(agenda.started_at):
        st.badge(_("the meeting has started"), color="blue", icon=":material/play_arrow:")
        return
    if agenda.sent_at is None:
        st.button(
            _("Send the agenda"),
            key="agenda_send",
            type="primary",
            icon=":material/send:",
            on_click=actions.send,
            disabled=not agenda.items,
            help=_("{name} sees it; you can still change it until the meeting starts.", name=name),
        )
        return
    sent = agenda.sent_at.astimezone(PARIS)
    when = f"{short_day(sent.date())} {sent:%H:%M}"
    st.badge(_("sent on {time}", time=when), color="green", icon=":material/check:")
    new = sum(item.is_new for item in agenda.items)
    if new:
        label = ngettext("Send with {n} new", "Send with {n} new", new)
        st.button(label, key="agenda_send", type="primary", on_click=actions.send)
