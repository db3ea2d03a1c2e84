"""Preparing: the nurse's view of the meeting and of a patient, and the effects of clicks."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from dashboard.components.elements.escaping import plain
from dashboard.database import acting_as
from dashboard.database.schema import review
from dashboard.queries.meeting.agenda import next_agenda
from dashboard.queries.meeting.arranging import make_agenda, send_agenda, take_off
from dashboard.queries.meeting.preparing import save_preparation
from tests.pages.conftest import TODAY, words
from tests.support.factories import at


@pytest.fixture
def first(team):
    return team.case(TODAY - timedelta(days=20), family_name="Premier")


@pytest.fixture
def second(team):
    return team.case(TODAY - timedelta(days=10), family_name="Second")


@pytest.fixture
def on_track(database, team):
    case = team.case(TODAY - timedelta(days=10), family_name="Tranquille")
    database.case_review(case, at(TODAY), next_review_on=TODAY + timedelta(days=30))
    return case


def as_nurse(team, act, *arguments, **named):
    with acting_as(team.nurse) as connection:
        return act(connection, *arguments, **named)


def agenda(team):
    return as_nurse(team, next_agenda, team.psychiatrist, team.nurse, TODAY)


def press(tab, label):
    """Press the button with these words."""
    (button,) = (one for one in tab.button if one.label == label)
    return button.click().run()


def preparation(database, case):
    with database.owner().connect() as connection:
        return connection.execute(
            text(
                "SELECT question, wants_discussion, ready_at IS NOT NULL AS ready"
                " FROM review.preparation WHERE episode_id = :episode"
                " ORDER BY asked_at DESC LIMIT 1"
            ),
            {"episode": case.episode},
        ).one_or_none()


def test_the_meeting_in_a_line_and_the_first_patient_to_prepare(visit, first, second):
    said = words(visit("roux", "prepare"))
    assert "Meeting with Dr Psychiatrist" in said
    assert "2 patients, about 10 min · **0 ready**" in said
    assert "5 min a case, assumed: no usual pace yet" in said
    assert "Premier Camille · 43 years" in said
    assert "Never reviewed" in said
    assert "Second Camille" not in said


def test_what_is_missing_stands_with_its_day(visit, database, team, first):
    database.assessment(first.patient, "phq9", TODAY - timedelta(days=3), 12)
    said = words(visit("roux", "prepare"))
    assert "To get before the meeting:" in said
    assert "Item 9 unknown on" in said


def test_the_address_names_the_patient_and_nobody_elses(visit, database, first, second):
    assert "Second Camille" in words(visit("roux", "prepare", episode=second.episode))
    other = database.team().case(TODAY - timedelta(days=5), family_name="Étranger")
    said = words(visit("roux", "prepare", episode=other.episode))
    assert "Premier Camille" in said
    assert "Étranger" not in said


def test_ready_goes_on_to_the_next(visit, database, team, first, second):
    tab = press(visit("roux", "prepare"), "Ready, next patient")
    said = words(tab)
    assert "Second Camille" in said
    assert "**1 ready**" in said
    assert tab.query_params["episode"] == str(second.episode)
    assert preparation(database, first).ready


def test_the_wish_to_discuss_puts_a_patient_on_the_agenda(visit, team, first, on_track):
    tab = visit("roux", "prepare", episode=on_track.episode)
    assert "1 patient, about 5 min" in words(tab)
    said = words(tab.checkbox[0].check().run())
    assert "2 patients, about 10 min" in said
    assert agenda(team).order == [first.episode, on_track.episode]


def test_ready_can_be_taken_back(visit, database, team, first):
    as_nurse(team, save_preparation, first.episode, question="Que faire ?")
    press(visit("roux", "prepare"), "Ready, next patient")
    tab = press(visit("roux", "prepare"), "Not ready yet")
    assert "Ready, next patient" in words(tab)
    assert tuple(preparation(database, first)) == ("Que faire ?", False, False)


def test_a_usual_reason_takes_off_in_one_click_and_put_back_undoes_it(visit, team, first, second):
    tab = press(visit("roux", "prepare"), "Stable, nothing to decide")
    assert "Second Camille" in words(tab)
    (off,) = agenda(team).off
    assert (off.episode_id, off.removed_reason) == (first.episode, "Stable, nothing to decide")
    tab = visit("roux", "prepare", episode=first.episode)
    assert "Taken off: Stable, nothing to decide" in words(tab)
    press(tab, "Put back")
    assert agenda(team).order == [second.episode, first.episode]


def test_taking_off_without_a_reason_asks_for_one(visit, team, first):
    press(visit("roux", "prepare"), "Take off")
    assert agenda(team).order == [first.episode]


def test_one_click_sends_and_says_when(visit, team, first):
    tab = press(visit("roux", "prepare"), "Send the agenda")
    said = words(tab)
    assert "sent on" in said
    assert "Send the agenda" not in said
    assert agenda(team).sent_at is not None


def test_what_came_after_sending_is_sent_with_one_click(visit, team, first, on_track):
    as_nurse(team, send_agenda, team.psychiatrist, team.nurse, TODAY)
    as_nurse(team, save_preparation, on_track.episode, wants_discussion=True)
    tab = press(visit("roux", "prepare"), "Send with 1 new")
    assert "Send with" not in words(tab)


def test_the_day_of_the_meeting_is_chosen(visit, team, first):
    tab = visit("roux", "prepare")
    tab.date_input[0].set_value(TODAY + timedelta(days=2)).run()
    assert agenda(team).held_on == TODAY + timedelta(days=2)


def test_once_the_meeting_has_started_nothing_of_it_is_changed(visit, database, team, first):
    as_nurse(team, make_agenda, team.psychiatrist, team.nurse, TODAY)
    with database.owner().begin() as connection:
        connection.execute(review.meeting.update().values(started_at=at(TODAY)))
    said = words(visit("roux", "prepare"))
    assert "the meeting has started" in said
    assert "Send the agenda" not in said
    assert "Take off" not in said


def test_sending_once_the_meeting_has_started_says_why_nothing_is_sent(
    visit, database, team, first
):
    as_nurse(team, make_agenda, team.psychiatrist, team.nurse, TODAY)
    tab = visit("roux", "prepare")
    with database.owner().begin() as connection:
        connection.execute(review.meeting.update().values(started_at=at(TODAY)))
    press(tab, "Send the agenda")
    assert not tab.exception
    said = "The meeting has started: its agenda does not change any more."
    assert [one.value for one in tab.toast] == [said]
    assert agenda(team).sent_at is None


def test_a_nurse_of_two_psychiatrists_has_an_agenda_for_each(visit, database, team, first):
    other = database.practitioner("psychiatrist", "Autre")
    team.case(TODAY - timedelta(days=5), family_name="Ailleurs", psychiatrist_id=other)
    tab = visit("roux", "prepare")
    assert "Premier Camille" in words(tab)
    tab.segmented_control(key="agenda_chosen").set_value(f"{other}-{team.nurse}").run()
    said = words(tab)
    assert "Ailleurs Camille" in said
    assert "Premier Camille" not in said


def test_a_deferral_says_why(visit, database, team, first):
    meeting = database.add(
        review.meeting,
        psychiatrist_id=team.psychiatrist,
        nurse_id=team.nurse,
        held_on=TODAY - timedelta(days=7),
        ended_at=at(TODAY - timedelta(days=7)),
    )
    database.add(
        review.agenda_item,
        patient_id=first.patient,
        meeting_id=meeting,
        episode_id=first.episode,
        position=1,
        chosen_by="rule",
        outcome="deferred",
        reason="Plus le *temps*",
        decided_at=at(TODAY - timedelta(days=7)),
    )
    tab = visit("roux", "prepare")
    assert [one for one in tab.markdown if plain("Plus le *temps*") in one.value]


def test_without_patients_it_says_so(visit):
    assert "No open episode in your care." in words(visit("roux", "prepare"))


def test_somebody_taken_off_stays_off_at_the_next_look(visit, team, first, second):
    as_nurse(team, take_off, team.psychiatrist, team.nurse, first.episode, "Absent", TODAY)
    said = words(visit("roux", "prepare"))
    assert "1 patient, about 5 min" in said
    assert "Second Camille" in said
