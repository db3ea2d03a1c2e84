"""A meeting held by two people in two browsers: nothing is lost, nothing decided twice.

Pictures of the steps are in ``var/screenshots`` afterwards.
"""

import re
import time
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from dashboard.calendar import today
from dashboard.database import acting_as
from dashboard.queries.meeting.holding import end
from dashboard.queries.meeting.meetings import state
from tests.browser import served_site as wards
from tests.browser.open_tabs import at_rest
from tests.browser.programme import eventually, picture
from tests.browser.served_site import (
    add_line,
    button,
    choose,
    go,
    next_review,
    open_line,
    open_menu,
    press,
    settled,
    summary,
)

SECONDS_BETWEEN_QUESTIONS = 2.0
ROUNDS = 7
BADGE_OF_PRESENTING = "Presenting: names are hidden"
AFRESH = (
    "UPDATE registry.episode SET status = 'closed', closed_on = enrolled_on",
    "DELETE FROM review.agenda_item",
    "DELETE FROM review.meeting",
)


@pytest.fixture
def ward(shared, visitor):
    shared.visitor = visitor
    return shared


@pytest.fixture
def pair(ward):
    """Return new patients of the pair, who have no meeting yet; no other patient is left."""
    team = ward.team
    ward.run("UPDATE review.sign_in SET presenting_since = NULL")
    for person in (team.psychiatrist, team.nurse):
        ward.open_tab(person)
    for statement in AFRESH:
        ward.run(statement)
    return [
        team.case(today() - timedelta(days=90 + place), name)
        for place, name in enumerate(("Zwingelstein", "Yvoire", "Xaintrie", "Wissembourg"))
    ]


def start(ward, page: Page) -> None:
    go(page, f"{ward.url}/meeting")
    at_rest(page)
    button(page, "Start the meeting").click()
    at(page, 1)


def join(ward, page: Page, number: int = 1) -> None:
    go(page, f"{ward.url}/meeting")
    at_rest(page)
    button(page, "Join the meeting").click()
    at(page, number)


NOTE_SENDING = """() => {
  window.sentAt = []
  if (window.sendingIsNoted) return
  window.sendingIsNoted = true
  const send = WebSocket.prototype.send
  WebSocket.prototype.send = function (data) {
    // Whoever is ready for another page says so again until it comes: that is no question.
    if (!new TextDecoder().decode(data).includes('"ready"')) sentAt.push(performance.now() / 1000)
    return send.call(this, data)
  }
}"""


@dataclass(frozen=True)
class Sending:
    """The times at which an open page sends over its websocket, in seconds of its own clock."""

    page: Page

    def begin(self) -> None:
        """Forget the times so far; note those from now on, until the page is loaded again."""
        self.page.evaluate(NOTE_SENDING)

    def times(self) -> list[float]:
        return self.page.evaluate("() => sentAt")


def at(page: Page, number: int) -> None:
    """Wait until the page of this case is whole: its bar is there before its form is."""
    expect(place(page, number)).to_be_visible()
    at_rest(page)


def place(page: Page, number: int, count: int = 4):
    return page.get_by_text(f"{number} / {count}", exact=True)


def turn(page: Page, name: str) -> None:
    at_rest(page)
    turn_at_once(page, name)


def turn_at_once(page: Page, name: str) -> None:
    """Turn the page although it may not be at rest."""
    page.get_by_role("button", name=re.compile(f"^{name}")).click()


def running(ward):
    [[meeting]] = ward.ask(
        "SELECT id FROM review.meeting WHERE nurse_id = :nurse", nurse=ward.team.nurse
    )
    with acting_as(ward.team.nurse) as connection:
        found = state(connection, meeting)
    assert found is not None
    return found


def case_at(ward, pair, number):
    """Return the case of this number on the agenda."""
    episode = running(ward).items[number - 1].episode_id
    return next(case for case in pair if case.episode == episode)


def test_a_meeting_from_its_agenda_to_the_to_do_list(ward, pair):
    nurse, doctor = ward.open_tab(ward.team.nurse), ward.open_tab(ward.team.psychiatrist)
    go(nurse, f"{ward.url}/meeting")
    expect(button(nurse, "Start the meeting")).to_be_visible()
    picture(nurse, "meeting_1_agenda")
    start(ward, nurse)
    expect(nurse.get_by_text(BADGE_OF_PRESENTING)).to_be_visible()
    join(ward, doctor)
    expect(doctor.get_by_text(BADGE_OF_PRESENTING)).to_be_visible()
    for page in (nurse, doctor):
        assert "Zwingelstein" not in page.content()

    # The first case is reviewed.
    first = case_at(ward, pair, 1)
    summary(doctor).fill("Sleep is poor.")
    add_line(doctor, "Other")
    doctor.get_by_role("textbox", name="What is to be done").fill("Sleep diary")
    next_review(doctor)
    picture(doctor, "meeting_2_case")
    wards.preview(doctor)
    button(doctor, "Sign and send").click()
    expect(doctor.get_by_text("Reviewed by Psychiatrist")).to_be_visible()
    expect(nurse.get_by_text("Reviewed by Psychiatrist")).to_be_visible()
    assert ward.reviews(first) == ["Sleep is poor."]

    # The second person goes on; meanwhile the psychiatrist's page is reloaded.
    turn(doctor, "Next case")
    at(doctor, 2)
    doctor.reload()
    at(doctor, 2)
    at(nurse, 2)
    button(doctor, "No change").click()
    for page in (doctor, nurse):
        expect(page.get_by_text("Seen without change by Psychiatrist")).to_be_visible()
    picture(doctor, "meeting_3_no_change")

    # The third is put off by the nurse.
    turn(nurse, "Next case")
    at(nurse, 3)
    write_deferral(nurse, "Blood test awaited")
    picture(nurse, "meeting_4_deferral")
    defer(nurse)
    expect(nurse.get_by_text("Deferred by Nurse: Blood test awaited")).to_be_visible()
    expect(doctor.get_by_text("Deferred by Nurse: Blood test awaited")).to_be_visible()

    # The fourth is not reached.
    open_menu(nurse, "End the meeting", shows=nurse.get_by_text("1 case has no decision yet"))
    button(nurse, "End it").click()
    for page in (nurse, doctor):
        expect(page.get_by_role("heading", name="To do")).to_be_visible()
        expect(page.get_by_text("Blood test awaited")).to_be_visible()
        expect(page.get_by_text("not reached")).to_be_visible()
        expect(page.get_by_text("Sleep diary")).to_be_visible()
    picture(doctor, "meeting_5_what_it_came_to")
    assert [one.outcome for one in running(ward).items] == [
        "reviewed",
        "no_change",
        "deferred",
        None,
    ]

    go(nurse, f"{ward.url}/inbox")
    expect(nurse.get_by_role("button", name="Meeting with Dr Psychiatrist Claude")).to_be_visible()
    picture(nurse, "meeting_6_to_do")
    open_line(nurse, "Sleep diary")
    nurse.get_by_text("done", exact=True).first.click()
    expect(nurse.get_by_text("Sleep diary")).to_have_count(0)


def write_deferral(page: Page, reason: str) -> None:
    """Open the menu that defers the case, and write why; nothing is deferred yet."""
    field = page.get_by_role("textbox", name="Why it is put off")
    open_menu(page, "Defer", shows=field)
    field.fill(reason)


def defer(page: Page) -> None:
    """Defer the case in the open menu."""
    at_rest(page)
    button(page, "Defer it").click()


@pytest.mark.thorough
def test_a_page_loaded_anew_as_the_meeting_is_ended_shows_what_it_came_to(ward, pair):
    doctor = ward.open_tab(ward.team.psychiatrist)
    start(ward, doctor)
    summary(doctor).fill("Typed as it ended")
    meeting = running(ward)
    with acting_as(ward.team.nurse) as connection:
        end(connection, meeting.id)
    doctor.reload()
    expect(doctor.get_by_role("heading", name="To do")).to_be_visible()
    assert ward.draft(case_at(ward, pair, 1)) == "Typed as it ended"


def test_the_page_of_the_other_offers_to_join_at_the_next_question(ward, pair):
    nurse, doctor = ward.open_tab(ward.team.nurse), ward.open_tab(ward.team.psychiatrist)
    go(nurse, f"{ward.url}/meeting")
    expect(button(nurse, "Start the meeting")).to_be_visible()
    start(ward, doctor)
    expect(button(nurse, "Join the meeting")).to_be_visible()
    at_rest(nurse)
    button(nurse, "Join the meeting").click()
    at(nurse, 1)


@pytest.mark.thorough
def test_the_other_sees_the_same_place_at_the_next_question(ward, pair):
    """Count the questions, since seconds on a busy machine say nothing of the page."""
    nurse, doctor = ward.open_tab(ward.team.nurse), ward.open_tab(ward.team.psychiatrist)
    start(ward, doctor)
    join(ward, nurse)
    for page, other, name, number in (
        (doctor, nurse, "Next case", 2),
        (nurse, doctor, "Next case", 3),
        (doctor, nurse, "Next case", 4),
        (nurse, doctor, "Previous case", 3),
        (doctor, nurse, "Previous case", 2),
    ):
        settled(page)
        turn(page, name)
        expect(place(page, number)).to_be_visible()
        asked = Sending(other)
        asked.begin()
        expect(place(other, number)).to_be_visible()
        # One question may have been on its way, and the page that it brings may ask its own.
        assert len(asked.times()) <= 3


def test_the_keyboard_turns_the_page_also_from_within_a_text(ward, pair):
    doctor = ward.open_tab(ward.team.psychiatrist)
    start(ward, doctor)
    press(doctor, "Alt+ArrowDown", shows=place(doctor, 2))
    at(doctor, 2)
    summary(doctor).fill("Half a sen")
    doctor.keyboard.press("Alt+ArrowDown")
    expect(place(doctor, 3)).to_be_visible()
    assert ward.draft(case_at(ward, pair, 2)) == "Half a sen"
    doctor.keyboard.press("Alt+ArrowUp")
    at(doctor, 2)
    expect(summary(doctor)).to_have_value("Half a sen")


@pytest.mark.thorough
def test_a_page_turned_just_before_it_asks_by_itself_keeps_the_text(ward, pair):
    doctor = ward.open_tab()
    sending = Sending(doctor)
    start(ward, doctor)
    for number, before in ((1, 0.15), (2, 0.1), (3, 0.05)):
        sending.begin()
        while not sending.times():
            doctor.wait_for_timeout(20)
        doctor.wait_for_timeout(1000 * (SECONDS_BETWEEN_QUESTIONS - before))
        summary(doctor).fill("Half a sen")
        doctor.keyboard.press("Alt+ArrowDown")
        at(doctor, number + 1)
        assert ward.draft(case_at(ward, pair, number)) == "Half a sen"


@pytest.mark.thorough
@pytest.mark.parametrize("wait", [0, 1200])
def test_a_click_on_next_just_after_typing_turns_and_keeps_the_text(ward, pair, wait):
    doctor = ward.open_tab(ward.team.psychiatrist)
    start(ward, doctor)
    summary(doctor).press_sequentially("Va mieux", delay=5)
    doctor.wait_for_timeout(wait)
    turn_at_once(doctor, "Next case")
    expect(place(doctor, 2)).to_be_visible()
    assert ward.draft(case_at(ward, pair, 1)) == "Va mieux"


@pytest.mark.thorough
def test_a_page_that_the_other_turns_keeps_what_is_being_typed(ward, pair):
    nurse, doctor = ward.open_tab(ward.team.nurse), ward.open_tab(ward.team.psychiatrist)
    start(ward, doctor)
    join(ward, nurse)
    typed = ""
    summary(doctor).focus()
    turn(nurse, "Next case")
    deadline = time.monotonic() + 8
    # One letter after another until the page goes: none of them is lost.
    while time.monotonic() < deadline and place(doctor, 1).count():
        letter = "abcdefghij"[len(typed) % 10]
        if doctor.evaluate(
            "letter => {"
            " const host = [...document.querySelectorAll('*')].find("
            "   one => one.shadowRoot && one.shadowRoot.querySelector('textarea'));"
            " const area = host && host.shadowRoot.querySelector('textarea');"
            " if (!area || host.shadowRoot.activeElement !== area) return false;"
            " area.value += letter;"
            " area.dispatchEvent(new InputEvent('input', { bubbles: true }));"
            " return true }",
            letter,
        ):
            typed += letter
        doctor.wait_for_timeout(60)
    at(doctor, 2)
    assert typed
    first = case_at(ward, pair, 1)
    turn(doctor, "Previous case")
    at(doctor, 1)
    expect(summary(doctor)).to_have_value(typed)
    ward.wait_for_draft(first, typed)


@pytest.mark.thorough
def test_the_last_second_is_in_the_draft_when_the_other_turns_the_page(ward, pair):
    nurse, doctor = ward.open_tab(ward.team.nurse), ward.open_tab(ward.team.psychiatrist)
    start(ward, doctor)
    join(ward, nurse)
    at_rest(nurse)
    summary(doctor).fill("The last second")
    turn_at_once(nurse, "Next case")
    expect(place(doctor, 2)).to_be_visible()
    assert ward.draft(case_at(ward, pair, 1)) == "The last second"


@pytest.mark.thorough
def test_a_closed_browser_and_another_machine_resume_at_the_same_case_with_the_same_draft(
    ward, pair
):
    doctor = ward.tab()
    start(ward, doctor)
    turn(doctor, "Next case")
    at(doctor, 2)
    summary(doctor).fill("Begun here")
    ward.wait_for_draft(case_at(ward, pair, 2), "Begun here")
    doctor.context.close()
    elsewhere = ward.tab()
    join(ward, elsewhere, 2)
    expect(summary(elsewhere)).to_have_value("Begun here")


@pytest.mark.thorough
def test_the_second_to_sign_is_told_and_loses_nothing(ward, pair):
    nurse, doctor = ward.open_tab(ward.team.nurse), ward.open_tab(ward.team.psychiatrist)
    start(ward, doctor)
    join(ward, nurse)
    first = case_at(ward, pair, 1)
    wards.write(doctor, "Written at length")
    wards.preview(doctor)
    write_deferral(nurse, "Out of time")
    defer(nurse)
    eventually(lambda: running(ward).items[0].outcome == "deferred")
    button(doctor, "Sign and send").click()
    expect(doctor.get_by_text("Deferred by Nurse: Out of time").first).to_be_visible()
    assert ward.reviews(first) == []
    assert ward.draft(first) == "Written at length"
    at_rest(doctor)
    button(doctor, "Take it up again").click()
    expect(button(doctor, "Take it up again")).to_have_count(0)
    form = button(doctor, "Preview and sign").or_(button(doctor, "Sign and send"))
    expect(form.first).to_be_visible()
    at_rest(doctor)
    if button(doctor, "Preview and sign").count():
        wards.preview(doctor)
    wards.can_be_signed(doctor).click()
    expect(doctor.get_by_text("Reviewed by Psychiatrist")).to_be_visible()
    assert ward.reviews(first) == ["Written at length"]


# Polling.


@pytest.mark.thorough
def test_a_page_in_a_meeting_asks_every_two_seconds_and_no_oftener(ward, pair):
    doctor = ward.open_tab()
    sending = Sending(doctor)
    start(ward, doctor)
    settled(doctor)
    doctor.wait_for_timeout(1500)
    sending.begin()
    doctor.wait_for_timeout(9_000)
    times = sending.times()
    print(f"{len(times)} frames in 9 s")
    # A busy machine makes it ask later.
    assert 2 <= len(times) <= 5
    # Turning pages does not make it ask oftener.
    for name, number in (("Next case", 2), ("Next case", 3), ("Previous case", 2)):
        turn(doctor, name)
        at(doctor, number)
    doctor.wait_for_timeout(1500)
    sending.begin()
    doctor.wait_for_timeout(6_000)
    times = sending.times()
    print(f"{len(times)} frames in 6 s after turning")
    assert len(times) <= 4


@pytest.mark.thorough
def test_nobody_asks_where_nobody_is_in_a_meeting(ward, pair):
    nurse, doctor = ward.open_tab(ward.team.nurse), ward.open_tab()
    sending = Sending(doctor)
    start(ward, nurse)
    # The page of meetings asks, before and after, to offer joining one that has begun.
    for address in (f"case?episode={pair[0].episode}", "review-list"):
        go(doctor, f"{ward.url}/{address}")
        at_rest(doctor)
        sending.begin()
        doctor.wait_for_timeout(2600)
        assert sending.times() == [], address
    # Another page is asked for, and noted.
    go(doctor, f"{ward.url}/account")
    assert sending.times()


@pytest.mark.thorough
def test_clicks_in_the_form_are_not_lost_while_the_bar_asks(ward, pair):
    doctor = ward.open_tab(ward.team.psychiatrist)
    start(ward, doctor)
    add_line(doctor, "Medication")
    expect(doctor.get_by_role("combobox", name="What to do")).to_be_visible()
    settled(doctor)
    for number in range(6):
        action = ("stop", "continue", "start")[number % 3]
        choose(doctor, "What to do", action)
        eventually(lambda action=action: first_action(ward, pair) == action)
        # Across all the moments at which the bar may ask.
        doctor.wait_for_timeout(340 * number % 1100)


def first_action(ward, pair) -> str | None:
    """Return the action of the first line of the draft."""
    rows = ward.ask(
        "SELECT content->'lines'->0->>'action' FROM review.draft WHERE episode_id = :episode",
        episode=case_at(ward, pair, 1).episode,
    )
    return rows[0][0] if rows else None


@pytest.mark.thorough
def test_a_choice_made_as_soon_as_a_line_is_there_is_not_lost_while_the_bar_asks(ward, pair):
    doctor = ward.open_tab(ward.team.psychiatrist)
    start(ward, doctor)
    for number in range(1, ROUNDS + 1):
        # Across all the moments at which the bar may ask.
        doctor.wait_for_timeout(2000 * number // ROUNDS)
        add_line(doctor, "Medication")
        chosen = doctor.get_by_role("combobox", name="What to do")
        expect(chosen).to_have_count(number)
        chosen.last.click()
        option = doctor.get_by_role("option", name="stop", exact=True)
        expect(option).to_be_visible()
        at_rest(doctor)
        option.click()
        eventually(lambda count=number: actions(ward, pair) == ["stop"] * count)


def actions(ward, pair) -> list[str | None]:
    """Return the action of each line of the draft."""
    rows = ward.ask(
        "SELECT line->>'action' FROM review.draft, jsonb_array_elements(content->'lines') line"
        " WHERE episode_id = :episode",
        episode=case_at(ward, pair, 1).episode,
    )
    return [action for (action,) in rows]
