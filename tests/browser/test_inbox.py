"""The nurse receives, answers, and the psychiatrist sees it."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from dashboard.calendar import today
from tests.browser.open_tabs import at_rest
from tests.browser.programme import eventually
from tests.browser.served_site import (
    answer_on_their_behalf,
    button,
    choose_answer,
    go,
    open_line,
    preview,
    settled,
    sign_and_send,
    summary,
    write,
)
from tests.support.factories import at


@pytest.fixture
def ward(shared, visitor):
    shared.visitor = visitor
    # Advice sent in one test must not be in the inbox of the next.
    shared.run("UPDATE registry.episode SET status = 'closed', closed_on = enrolled_on")
    return shared


@pytest.fixture
def case(ward):
    return ward.case()


def inbox_of(ward, person=None):
    page = ward.open_tab(person or ward.team.nurse)
    go(page, f"{ward.url}/inbox")
    return page


def received(ward, case, **line):
    review = ward.database.case_review(case, at(today(), 0), summary="Partial response")
    return ward.database.recommendation(case, review, **line)


def answers(ward, line):
    return ward.ask(
        "SELECT outcome, reason, practitioner_id FROM review.answer"
        " WHERE recommendation_id = :line ORDER BY answered_at",
        line=line,
    )


def test_what_is_signed_is_received_and_what_is_answered_is_seen(ward, case):
    page = ward.open(case)
    write(page, "Partial response")
    preview(page)
    sign_and_send(page)

    nurse = inbox_of(ward)
    open_line(nurse)
    expect(nurse.get_by_text("Zwingelstein Camille · 43 years · F")).to_be_visible()
    expect(nurse.get_by_text("Partial response")).to_be_visible()
    expect(nurse.get_by_text("1. Sleep diary")).to_be_visible()
    nurse.get_by_text("done", exact=True).click()
    expect(nurse.get_by_text("Nothing is waiting for an answer.")).to_be_visible()

    page.reload()
    expect(summary(page)).to_be_visible()
    expect(page.get_by_text("done", exact=True).first).to_be_visible()


@pytest.mark.thorough
def test_declining_asks_why_and_keeps_what_is_typed_through_a_restart(ward, case):
    line = received(ward, case)
    nurse = ward.tab(ward.team.nurse)
    go(nurse, f"{ward.url}/inbox")
    open_line(nurse)
    choose_answer(nurse, "declined")
    button(nurse, "Send the answer").click()
    expect(nurse.get_by_text("Say why.")).to_be_visible()
    why = nurse.get_by_role("textbox", name="Why")
    why.fill("Away until")
    settled(nurse)
    ward.kill()
    why.press_sequentially(" Monday")
    ward.start()
    expect(nurse.get_by_role("dialog")).to_have_count(0)
    at_rest(nurse)

    def asked_why() -> bool:
        # The page of a slow server may be redrawn meanwhile: the choice is then made again.
        if not why.count():
            if not nurse.get_by_text("declined", exact=True).count():
                open_line(nurse)
            choose_answer(nurse, "declined")
        return why.is_visible() and why.input_value() == "Away until Monday"

    eventually(asked_why)
    at_rest(nurse)
    button(nurse, "Send the answer").click()
    expect(nurse.get_by_text("Nothing is waiting for an answer.")).to_be_visible()
    assert answers(ward, line) == [("declined", "Away until Monday", ward.team.nurse)]


@pytest.mark.thorough
def test_a_reload_keeps_the_reason_that_was_being_typed(ward, case):
    received(ward, case)
    nurse = inbox_of(ward)
    open_line(nurse)
    choose_answer(nurse, "modified")
    nurse.get_by_role("textbox", name="Why").fill("50 mg inst")
    nurse.reload()
    open_line(nurse)
    why = nurse.get_by_role("textbox", name="Why")

    def kept():
        # The choice may have reached the server too, or the page may be drawn again meanwhile.
        if not why.count():
            choose_answer(nurse, "modified")
            settled(nurse)
        return why.is_visible() and why.input_value() == "50 mg inst"

    eventually(kept)


@pytest.mark.thorough
def test_a_double_click_answers_once(ward, case):
    line = received(ward, case)
    nurse = inbox_of(ward)
    open_line(nurse)
    choose_answer(nurse, "modified")
    nurse.get_by_role("textbox", name="Why").fill("50 mg")
    at_rest(nurse)
    button(nurse, "Send the answer").dblclick()
    expect(nurse.get_by_text("Nothing is waiting for an answer.")).to_be_visible()
    assert answers(ward, line) == [("modified", "50 mg", ward.team.nurse)]


@pytest.mark.thorough
def test_a_double_click_on_an_answer_without_reason_answers_once(ward, case):
    line = received(ward, case)
    nurse = inbox_of(ward)
    open_line(nurse)
    nurse.get_by_text("done", exact=True).dblclick()
    expect(nurse.get_by_text("Nothing is waiting for an answer.")).to_be_visible()
    assert answers(ward, line) == [("done", None, ward.team.nurse)]


def test_what_the_gp_owes_the_nurse_can_answer_too(ward, case):
    line = received(ward, case, owner_role="gp", detail="ECG")
    nurse = inbox_of(ward)
    open_line(nurse, "ECG")
    expect(nurse.get_by_text("1. ECG · GP")).to_be_visible()
    answer_on_their_behalf(nurse, "done")
    expect(nurse.get_by_text("Nothing is waiting for an answer.")).to_be_visible()
    assert answers(ward, line) == [("done", None, ward.team.nurse)]
    gp = inbox_of(ward, ward.team.gp)
    expect(gp.get_by_text("Nothing is waiting for an answer.")).to_be_visible()
    at_rest(gp)
    gp.get_by_text("all", exact=True).click()
    open_line(gp, "ECG")
    expect(gp.get_by_text("1. ECG · GP").first).to_be_visible()


def test_the_case_is_one_click_away(ward, case):
    received(ward, case)
    nurse = inbox_of(ward)
    open_line(nurse)
    button(nurse, "Open the case of Zwingelstein Camille").click()
    nurse.wait_for_url(f"**/case?episode={case.episode}")
    expect(nurse.get_by_text("Zwingelstein Camille").first).to_be_visible()
    expect(summary(nurse)).to_have_count(0)


@pytest.mark.thorough
def test_what_is_being_typed_is_kept_when_another_line_is_opened(ward, case):
    received(ward, case, detail="Sleep diary")
    received(ward, ward.case("Roche"), detail="Walks")
    nurse = inbox_of(ward)
    open_line(nurse, "Zwingelstein")
    choose_answer(nurse, "modified")
    why = nurse.get_by_role("textbox", name="Why")
    why.fill("A week la")
    at_rest(nurse)
    nurse.locator("summary").filter(has_text="Roche").click()
    expect(nurse.get_by_role("button", name="Open the case of Roche Camille")).to_be_visible()
    expect(why).to_have_value("A week la")


@pytest.mark.thorough
def test_an_answer_is_undone_within_ten_seconds_and_not_later(ward, case):
    line = received(ward, case)
    nurse = inbox_of(ward)
    open_line(nurse)
    nurse.get_by_text("done", exact=True).click()
    undo = button(nurse, "Undo")
    undo.click()
    expect(undo).to_be_hidden()
    # The counts come back before the line, whose answer is a new one.
    expect(nurse.locator("summary").first).to_be_visible()
    at_rest(nurse)
    if not nurse.get_by_text("done", exact=True).count():
        open_line(nurse)
    nurse.get_by_text("done", exact=True).click()
    expect(undo).to_be_in_viewport()
    expect(undo).to_be_hidden()
    assert [outcome for outcome, *_ in answers(ward, line)] == ["done", "acknowledged", "done"]


@pytest.mark.thorough
def test_sixty_open_lines_fit_on_three_screens(ward):
    for number in range(60):
        received(ward, ward.case(f"Patient{number:02}"), due_on=today() + timedelta(days=number))
    nurse = inbox_of(ward)
    expect(nurse.locator("summary")).to_have_count(60)
    at_rest(nurse)
    height = "document.querySelector('[data-testid=stMain]').scrollHeight / innerHeight"
    assert nurse.evaluate(height) <= 3
