"""The page on which a nurse prepares the next meeting.

The nurse chooses the patients and their order, and writes the questions about them.
"""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import streamlit as st

from dashboard.calendar import now, today
from dashboard.clinical.meeting.agenda import (
    MeetingStarted,
    can_change,
    case_to_show,
    next_to_prepare,
    reordered,
)
from dashboard.components.elements.registry_age import registry_age
from dashboard.components.meeting.agenda_header import AgendaActions, agenda_header, chosen_agenda
from dashboard.components.meeting.agenda_list import agenda_list, newly_done, taken_up
from dashboard.components.meeting.agenda_print import sheet_of
from dashboard.components.meeting.preparation_form import preparation_form
from dashboard.components.meeting.preparation_form_state import PreparationActions
from dashboard.components.meeting.time_notice import time_notice
from dashboard.letters.agenda_sheet import agenda_pdf
from dashboard.locale import _, language
from dashboard.queries.meeting.agenda import agendas, agendas_to_prepare, log_printed
from dashboard.queries.meeting.arranging import (
    choose_day,
    choose_length,
    return_to_agenda,
    save_order,
    send_agenda,
    take_off,
)
from dashboard.queries.meeting.preparation import caseload_to_prepare, log_case
from dashboard.queries.meeting.preparing import make_ready, save_preparation, withdraw
from dashboard.queries.registry_age import registry_load
from dashboard.settings import settings
from dashboard.vocabulary import Role
from dashboard.web.page_support.deferred import NotAllowed, at_the_click
from dashboard.web.page_support.viewer import PageConnection, viewer_for

nurse = viewer_for(Role.NURSE)
day = today()


def show(episode_id: int | None) -> None:
    """Write the id of the episode into the address of the page, so that a reload shows the same
    patient. Do nothing if ``episode_id`` is None.
    """
    if episode_id is not None:
        st.query_params["episode"] = str(episode_id)


def open_case(episode_id: int) -> None:
    """Open the page of the case ``episode_id``."""
    st.switch_page("../pages/case.py", query_params={"episode": str(episode_id)})


def change(command: Callable[..., UUID], *arguments: Any) -> bool:
    """Change the agenda. Return False, and say so, if the meeting has started meanwhile."""
    try:
        nurse.write(command, *arguments)
    except MeetingStarted:
        st.toast(_("The meeting has started: its agenda does not change any more."))
        return False
    return True


def printed(connection: PageConnection, pair: tuple[int, int]) -> bytes:
    """Return the agenda of the psychiatrist and the nurse with the ids ``pair``, as a PDF file.

    The file has the agenda at the time of the click. Raise ``NotAllowed`` if the signed-in nurse
    does not prepare this agenda.
    """
    cases = caseload_to_prepare(connection, day)
    known = {(one.psychiatrist.id, one.nurse.id): one for one in agendas(connection, cases, day)}
    if pair not in known:
        raise NotAllowed
    log_printed(connection, known[pair])
    return agenda_pdf(sheet_of(known[pair], day, now(), language()))


found, written = nurse.read(agendas_to_prepare, day)
if not found:
    st.info(_("No open episode in your care. Patients appear here on the day they are enrolled."))
    st.stop()

registry_age(nurse.read(registry_load), now(), settings().registry_stale_hours)
line = st.container(horizontal=True, vertical_alignment="center", gap="small")
with line:
    agenda = chosen_agenda(found)
pair = agenda.psychiatrist.id, agenda.nurse.id
patients = f"agenda_list/{pair}"
if done := newly_done(patients):
    if done.order is not None and change(save_order, *pair, done.order, day):
        agenda = reordered(agenda, done.order)
    show(done.chosen)
    taken_up(patients, done)
case = case_to_show(agenda, st.query_params.get("episode", ""))
nurse.write(log_case, case)
st.session_state["case_in_hand"] = case.episode_id


def send() -> None:
    """Send the agenda to the psychiatrist."""
    change(send_agenda, *pair, day)


with line:
    agenda_header(
        agenda,
        day,
        AgendaActions(
            choose_day=lambda held_on: change(choose_day, *pair, held_on, day),
            choose_length=lambda minutes: change(choose_length, *pair, minutes, day),
            send=send,
            # The agenda can be printed even while the screen is shared, because it names no
            # patient. It has only initials, ages and case numbers.
            printed=at_the_click(partial(printed, pair=pair), (Role.NURSE,), while_presenting=True),
        ),
    )
time_notice(agenda)
left, right = st.columns([5, 7], gap="medium")
with left:
    agenda_list(agenda, case.episode_id, day, key=patients)
with right:
    preparation_form(
        case,
        agenda.item_of(case.episode_id),
        day,
        PreparationActions(
            save=partial(nurse.write, save_preparation, case.episode_id),
            make_ready=partial(nurse.write, make_ready, case.episode_id),
            withdraw=partial(nurse.write, withdraw, case.episode_id),
            take_off=lambda why: nurse.write(take_off, *pair, case.episode_id, why, day),
            put_back=partial(nurse.write, return_to_agenda, *pair, case.episode_id, day),
            go_on=lambda: show(next_to_prepare(agenda, case.episode_id)),
            open_case=partial(open_case, case.episode_id),
        ),
        movable=can_change(agenda.started_at),
        written=written[case.episode_id],
    )
