"""Text that a psychiatrist types is never lost: each test is one way in which it could be."""

import random
import time
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import WebSocketRoute, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from dashboard.calendar import today
from tests.browser.conftest import submit_sign_in
from tests.browser.open_tabs import at_rest
from tests.browser.programme import choose_row, eventually, list_shown
from tests.browser.served_site import (
    PASSWORD,
    add_line,
    button,
    go,
    open_menu,
    settled,
    summary,
)

pytestmark = pytest.mark.thorough


@pytest.fixture
def ward(shared, visitor):
    shared.visitor = visitor
    return shared


@pytest.fixture
def case(ward):
    return ward.case()


NOTE_TIMES = """() => {
  window.typedAt = 0
  window.sentAfter = null
  const send = WebSocket.prototype.send
  document.addEventListener("input", () => { typedAt = performance.now(); sentAfter = null }, true)
  WebSocket.prototype.send = function (data) {
    if (typedAt && sentAfter === null) sentAfter = performance.now() - typedAt
    return send.call(this, data)
  }
}"""
"""Notes how long after the last stroke the page sends, in milliseconds, in ``sentAfter``."""


def test_it_is_sent_within_two_seconds_without_leaving_the_field(ward, case):
    """Measure by the page's own clock, since a busy machine saves later what is sent in time."""
    page = ward.open(case, ward.tab())
    page.evaluate(NOTE_TIMES)
    summary(page).click()
    page.keyboard.type("Partial response", delay=20)
    ward.wait_for_draft(case, "Partial response")
    assert page.evaluate("() => sentAfter") < 2000
    expect(page.get_by_text("draft saved at")).to_be_visible()


def test_whoever_types_without_a_pause_is_saved_meanwhile(ward, case):
    page = ward.open(case)
    summary(page).click()
    kept_meanwhile = ""
    # Twelve words are enough, on a machine that has time for the run which saves them.
    for word in range(100):
        page.keyboard.type(f"word{word} ", delay=50)
        typed, kept_meanwhile = summary(page).input_value(), ward.draft(case) or ""
        assert typed.startswith(kept_meanwhile)
        if kept_meanwhile and word >= 11:
            break
    assert kept_meanwhile
    ward.wait_for_draft(case, summary(page).input_value())


def test_focus_and_caret_stay_where_they_are_and_the_chart_is_not_drawn_again(ward, case):
    page = ward.open(case)
    chart = page.get_by_test_id("stVegaLiteChart").first
    expect(chart).to_be_visible()
    settled(page)
    chart.evaluate("chart => { chart.dataset.drawn = 'once' }")
    summary(page).fill("one three")
    ward.wait_for_draft(case, "one three")
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    page.keyboard.type("two")
    ward.wait_for_draft(case, "one twothree")
    page.keyboard.type(" ")
    ward.wait_for_draft(case, "one two three")
    assert summary(page).input_value() == "one two three"
    assert chart.get_attribute("data-drawn") == "once"


def test_letters_that_are_shortcuts_elsewhere_are_letters_here(ward, case):
    page = ward.open(case)
    summary(page).click()
    page.keyboard.type("rc rc")
    ward.wait_for_draft(case, "rc rc")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_what_is_chosen_while_the_text_is_being_saved_is_kept(ward, case):
    """Streamlit ends a run when the next click comes, wherever the run is just then."""
    page = ward.open(case)
    chance = random.Random(1)  # noqa: S311 - the same on every run
    typed = ""
    for _ in range(15):
        weeks = chance.choice([1, 2, 4, 8])
        summary(page).click()
        page.keyboard.press("End")
        page.keyboard.type("abc")
        typed += "abc"
        time.sleep(chance.choice([0, 0.05, 0.9, 1.0, 1.1]))
        choice = page.get_by_role("radio", name=f"{weeks} wk")
        page.get_by_text(f"{weeks} wk", exact=True).click()
        expect(choice).to_be_checked()
    ward.wait_for_draft(case, typed)
    due = today() + timedelta(weeks=weeks)
    ward.wait_for_draft(case, due.isoformat(), name="next_review_on")
    settled(page)
    expect(choice).to_be_checked()


def test_a_reload_in_the_middle_of_a_word_loses_nothing(ward, case):
    page = ward.open(case)
    summary(page).fill("Partial")
    ward.wait_for_draft(case, "Partial")
    page.keyboard.type(" resp")
    page.reload()
    expect(summary(page)).to_have_value("Partial resp")
    ward.wait_for_draft(case, "Partial resp")


def test_a_reload_before_anything_was_saved_loses_nothing(ward, case):
    page = ward.open(case)
    summary(page).click()
    page.keyboard.type("Par")
    page.reload()
    expect(summary(page)).to_have_value("Par")
    ward.wait_for_draft(case, "Par")


@pytest.mark.parametrize("wait", [0, 700])
@pytest.mark.parametrize("to", ["another case", "another page"])
def test_whoever_leaves_just_after_typing_has_left_a_draft(ward, to, wait):
    ward.run("UPDATE registry.episode SET status = 'closed', closed_on = enrolled_on")
    cases = [ward.case("Yvoire"), ward.case("Xaintrie")]
    page = ward.open_tab()
    go(page, f"{ward.url}/review-list")
    eventually(lambda: list_shown(page))
    choose_row(page, 0)
    page.wait_for_url("**/case?episode=*")
    at_rest(page)
    episode = int(page.url.partition("=")[2])
    summary(page).press_sequentially("Va mieux", delay=5)
    page.wait_for_timeout(wait)
    if to == "another case":
        button(page, "Next").click()
        arrived = page.get_by_text("2 / 2", exact=True)
    else:
        page.get_by_role("link", name="Follow-up").click()
        arrived = page.get_by_role("heading", name="Follow-up")
    expect(arrived).to_be_visible()
    [left] = [case for case in cases if case.episode == episode]
    assert ward.draft(left) == "Va mieux"


def test_a_page_that_fails_is_loaded_anew_with_what_was_typed(ward, case):
    page = ward.tab()
    blocks = Blocks()
    page.route_web_socket("**/_stcore/stream", blocks.between)
    ward.open(case, page)
    settled(page)
    summary(page).press_sequentially("Partial resp", delay=20)
    with page.expect_event("pageerror"):
        blocks.lost = True
        page.get_by_role("tab", name="Treatments").click()
    blocks.lost = False
    expect(summary(page)).to_have_value("Partial resp")
    ward.wait_for_draft(case, "Partial resp")


@dataclass
class Blocks:
    """A fake of a layer between the server and a browser; it can drop messages by their content."""

    lost: bool = False

    def between(self, browser: WebSocketRoute) -> None:
        def hand_on(frame: str | bytes) -> None:
            if not (self.lost and is_block(frame)):
                browser.send(frame)

        server = browser.connect_to_server()
        browser.on_message(server.send)
        server.on_message(hand_on)


def is_block(frame: str | bytes) -> bool:
    assert isinstance(frame, bytes)
    return ForwardMsg.FromString(frame).delta.WhichOneof("type") == "add_block"


def test_another_browser_is_offered_the_draft(ward, case):
    page = ward.open(case, ward.tab())
    summary(page).fill("Partial response")
    add_line(page, "Safety")
    page.get_by_role("textbox", name="What is to be done").fill("Call on Friday")
    settled(page)
    ward.wait_for_draft(case, "Partial response")
    eventually(lambda: detail_in(ward, case) == "Call on Friday")
    page.context.close()
    again = ward.open(case)
    expect(summary(again)).to_have_value("Partial response")
    expect(again.get_by_role("textbox", name="What is to be done")).to_have_value("Call on Friday")


def detail_in(ward, case) -> str | None:
    """Return the text of the draft's first line."""
    rows = ward.ask(
        "SELECT content->'lines'->0->>'detail' FROM review.draft WHERE episode_id = :episode",
        episode=case.episode,
    )
    return rows[0][0] if rows else None


def test_signing_out_and_in_again_loses_nothing(ward, case):
    page = ward.open(case, ward.tab())
    summary(page).fill("Before")
    ward.wait_for_draft(case, "Before")
    ward.close_tabs()
    ward.run("UPDATE review.sign_in SET ended_at = now()")
    page.keyboard.type(" and after")
    expect(page.locator("input[type=password]")).to_be_visible()
    assert ward.draft(case) == "Before"
    submit_sign_in(page, "moreau", PASSWORD)
    expect(page.locator(".st-key-person_menu")).to_be_visible()
    page.goto(f"{ward.url}/case?episode={case.episode}")
    expect(summary(page)).to_have_value("Before and after")
    ward.wait_for_draft(case, "Before and after")


def test_a_server_that_is_killed_and_restarted_loses_nothing(ward, case):
    page = ward.open(case, ward.tab())
    summary(page).fill("Before")
    ward.wait_for_draft(case, "Before")
    page.keyboard.type(" during")
    ward.kill()
    summary(page).press_sequentially(" and after")
    expect(page.get_by_text("Not saved yet").first).to_be_visible()
    ward.start()
    ward.wait_for_draft(case, "Before during and after", seconds=120)
    expect(summary(page)).to_have_value("Before during and after")
    expect(page.get_by_text("Not saved yet")).to_have_count(0)


def test_a_reload_after_the_server_was_restarted_offers_the_draft(ward, case):
    page = ward.open(case, ward.tab())
    summary(page).fill("Before")
    ward.wait_for_draft(case, "Before")
    page.keyboard.type(" the end")
    ward.kill()
    ward.start()
    page.reload()
    expect(summary(page)).to_have_value("Before the end")
    ward.wait_for_draft(case, "Before the end")


def test_a_database_that_is_away_loses_nothing(ward, case):
    page = ward.open(case, ward.tab())
    summary(page).fill("Before")
    ward.wait_for_draft(case, "Before")
    with ward.database_away():
        page.keyboard.type(" and")
        expect(page.get_by_text("Not saved yet").first).to_be_visible()
        page.keyboard.type(" after")
    ward.wait_for_draft(case, "Before and after", seconds=120)
    expect(summary(page)).to_have_value("Before and after")


def test_two_windows_keep_what_each_has_written(ward, case):
    one, other = ward.open(case), ward.open(case, ward.tab())
    summary(one).fill("From the first")
    ward.wait_for_draft(case, "From the first")
    other.get_by_text("4 wk", exact=True).click()
    expect(other.get_by_text("changed in another window")).to_be_visible()
    expect(summary(other)).to_have_value("From the first")
    assert ward.draft(case, "next_review_on") is not None


def test_of_two_windows_that_write_the_same_field_both_are_told(ward, case):
    one, other = ward.open(case), ward.open(case, ward.tab())
    summary(one).fill("From the first")
    ward.wait_for_draft(case, "From the first")
    summary(other).fill("From the second")
    ward.wait_for_draft(case, "From the second")
    expect(other.get_by_text("changed in another window")).to_be_visible()
    expect(other.get_by_text("From the first")).to_be_visible()
    one.get_by_text("4 wk", exact=True).click()
    expect(one.get_by_text("changed in another window")).to_be_visible()
    expect(summary(one)).to_have_value("From the second")


def test_a_discarded_draft_does_not_come_back(ward, case):
    page = ward.open(case)
    summary(page).fill("To be forgotten")
    ward.wait_for_draft(case, "To be forgotten")
    open_menu(page, "Discard the draft", shows=button(page, "Discard it"))
    button(page, "Discard it").click()
    expect(summary(page)).to_have_value("")
    page.reload()
    expect(summary(page)).to_have_value("")
    assert ward.draft(case) is None


def test_what_the_nurse_prepares_survives_the_death_of_the_server(ward, case):
    nurse = ward.tab(ward.team.nurse)
    nurse.goto(f"{ward.url}/prepare?episode={case.episode}")
    asked = nurse.get_by_role("textbox", name="Question for the psychiatrist")
    asked.fill("Increase the dose")
    wait_for_question(ward, case, "Increase the dose")
    ward.kill()
    asked.press_sequentially(", or change?")
    expect(nurse.get_by_text("Not saved yet").first).to_be_visible()
    ward.start()
    wait_for_question(ward, case, "Increase the dose, or change?", seconds=60)
    expect(asked).to_have_value("Increase the dose, or change?")
    expect(nurse.get_by_text("Not saved yet")).to_have_count(0)


def wait_for_question(ward, case, text, seconds=30):
    deadline = time.monotonic() + seconds
    kept = "SELECT question FROM review.preparation WHERE episode_id = :episode"
    while ward.ask(kept, episode=case.episode) != [(text,)]:
        assert time.monotonic() < deadline, ward.ask(kept, episode=case.episode)
        time.sleep(0.1)
