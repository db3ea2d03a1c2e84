"""Signing in the browser: once, what was read, and never despite changes made meanwhile."""

import time
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from dashboard.calendar import today
from dashboard.database.schema import registry as tables
from tests.browser.open_tabs import at_rest, go
from tests.browser.served_site import (
    PASSWORD,
    add_line,
    button,
    choose,
    choose_drug,
    confirm_cautions,
    next_review,
    preview,
    settled,
    sign_and_send,
    summary,
    write,
)

pytestmark = pytest.mark.thorough

TODAY = today()
NEW_PASSWORD = "quatre huîtres sous la pluie"  # noqa: S105


@pytest.fixture
def ward(shared, visitor):
    shared.visitor = visitor
    return shared


@pytest.fixture
def case(ward):
    return ward.case()


def test_a_double_click_signs_one_review(ward, case):
    page = ward.open(case)
    write(page, "Partial response")
    preview(page)
    button(page, "Sign and send").dblclick()
    expect(page.get_by_text("Signed and sent on")).to_be_visible()
    settled(page)
    assert ward.reviews(case) == ["Partial response"]
    assert ward.draft(case) is None
    expect(summary(page)).to_be_hidden()
    expect(page.get_by_text("Reviews · 1")).to_be_visible()


def test_a_reload_after_signing_signs_nothing_more(ward, case):
    page = ward.open(case)
    write(page, "Partial response")
    preview(page)
    sign_and_send(page)
    page.reload()
    expect(summary(page)).to_have_value("")
    assert ward.reviews(case) == ["Partial response"]


def test_a_click_on_a_server_that_dies_can_be_made_again(ward, case):
    page = ward.open(case, ward.tab())
    write(page, "Partial response")
    preview(page)
    ward.kill()
    button(page, "Sign and send").click(force=True)
    ward.start()
    page.reload()
    expect(summary(page)).to_have_value("Partial response")
    preview(page)
    sign_and_send(page)
    assert ward.reviews(case) == ["Partial response"]


def test_a_click_that_the_server_does_not_live_to_answer_signs_once(ward, case):
    page = ward.open(case, ward.tab())
    write(page, "Partial response")
    preview(page)
    button(page, "Sign and send").click()
    ward.kill()
    ward.start()
    page.reload()
    expect(summary(page)).to_be_visible()
    at_rest(page)
    if not ward.reviews(case):
        preview(page)
        sign_and_send(page)
    assert ward.reviews(case) == ["Partial response"]


def test_what_is_typed_just_before_the_click_is_in_what_is_previewed(ward, case):
    page = ward.open(case)
    write(page, "Partial")
    at_rest(page)
    summary(page).press("End")
    page.keyboard.type(" response")
    # Pressed and released at once, as a tap on glass is.
    button(page, "Preview and sign").click()
    expect(page.get_by_text("Partial response")).to_be_visible()
    sign_and_send(page)
    assert ward.reviews(case) == ["Partial response"]


def test_a_slow_press_right_after_typing_is_not_swallowed(ward, case):
    page = ward.open(case)
    write(page, "Partial")
    at_rest(page)
    summary(page).press("End")
    page.keyboard.type(" response")
    button(page, "Preview and sign").click(delay=400)
    expect(button(page, "Sign and send")).to_be_visible()
    expect(page.get_by_text("Partial response")).to_be_visible()


def test_what_is_missing_is_said_at_its_field(ward, case):
    page = ward.open(case)
    at_rest(page)
    button(page, "Preview and sign").click()
    expect(page.get_by_text("Write a summary.")).to_be_visible()
    expect(page.get_by_text("Add a recommendation, or choose")).to_be_visible()
    expect(summary(page)).to_have_attribute("aria-invalid", "true")
    add_line(page, "Medication")
    choose(page, "What to do", "increase")
    for said in ("Choose the drug.", "Give the dose", "Say how, as in", "Say what to do if"):
        expect(page.get_by_text(said)).to_be_visible()
    page.get_by_role("textbox", name="mg a day").fill("a lot")
    expect(page.get_by_text("A number of mg a day")).to_be_visible()
    assert ward.reviews(case) == []


def test_each_caution_of_a_drug_is_confirmed_and_none_blocks(ward, case):
    for atc_code, name in (("N05BB01", "hydroxyzine"), ("N06AB06", "sertraline")):
        ward.database.add(
            tables.medication,
            patient_id=case.patient,
            atc_code=atc_code,
            name=name,
            as_needed=False,
            started_on=TODAY - timedelta(days=30),
        )
    page = ward.open(case)
    summary(page).fill("Partial response")
    add_line(page, "Medication")
    choose(page, "What to do", "start")
    choose_drug(page, "escital", "escitalopram")
    page.get_by_role("textbox", name="mg a day").fill("30")
    page.get_by_role("textbox", name="Steps and intervals").fill("10 mg a week")
    page.get_by_role("textbox", name="If it does not work").fill("mirtazapine 15 mg")
    next_review(page)
    preview(page)
    expect(page.get_by_text("30 mg/day is above the maximum at 43 years: 20")).to_be_visible()
    expect(page.get_by_text("contra-indicated with: hydroxyzine")).to_be_visible()
    expect(page.get_by_text("ANSM 24/05/2022")).to_have_count(2)
    sign = button(page, "Sign and send")
    expect(sign).to_be_disabled()
    expect(page.get_by_text("second SSRI beside sertraline")).to_be_visible()
    expect(page.get_by_text("I have checked this and keep it")).to_have_count(3)
    confirm_cautions(page)
    sign_and_send(page)
    assert ward.reviews(case) == ["Partial response"]


def test_a_score_that_arrives_during_the_preview_is_said_before_signing(ward, case):
    ward.database.assessment(case.patient, "phq9", TODAY - timedelta(days=60), 12)
    page = ward.open(case)
    write(page, "Better")
    preview(page)
    ward.database.assessment(case.patient, "phq9", TODAY, 21)
    button(page, "Sign and send").click()
    expect(page.get_by_text("Since this draft was begun:")).to_be_visible()
    expect(page.get_by_text("PHQ-9 21 of")).to_be_visible()
    expect(button(page, "Sign and send")).to_be_disabled()
    assert ward.reviews(case) == []
    at_rest(page)
    button(page, "I have taken this into account").click()
    sign_and_send(page)
    assert ward.reviews(case) == ["Better"]


def test_a_review_that_was_signed_since_the_draft_was_begun_is_said_when_it_is_reopened(ward, case):
    page = ward.open(case)
    summary(page).fill("Better")
    ward.wait_for_draft(case, "Better")
    other = ward.database.practitioner("psychiatrist", "Okonkwo")
    ward.run(
        "INSERT INTO review.case_review (patient_id, id, episode_id, psychiatrist_id, outcome,"
        " summary, seen, idempotency_key) VALUES (:patient, gen_random_uuid(), :episode, :other,"
        " 'no_change', 'Seen', '{}', gen_random_uuid())",
        patient=case.patient,
        episode=case.episode,
        other=other,
    )
    page = ward.open(case)
    expect(summary(page)).to_have_value("Better")
    expect(page.get_by_text("review signed by Dr Okonkwo")).to_be_visible()


def test_seen_without_change_is_signed_ten_seconds_after_one_click_unless_undone(ward, case):
    page = ward.open(case)
    summary(page).fill("Sleeps again")
    ward.wait_for_draft(case, "Sleeps again")
    at_rest(page)
    button(page, "Seen, no change").click()
    expect(page.get_by_role("timer")).to_contain_text("signed in")
    button(page, "Undo").click()
    expect(summary(page)).to_have_value("Sleeps again")
    assert ward.reviews(case) == []

    at_rest(page)
    button(page, "Seen, no change").click()
    expect(page.get_by_text("Signed and sent on")).to_be_visible()
    assert ward.reviews(case) == ["Sleeps again"]
    expect(summary(page)).to_be_hidden()
    at_rest(page)
    button(page, "Write another review").click()
    expect(summary(page)).to_be_visible()


def test_an_amendment_supersedes_and_the_old_review_stays_readable(ward, case):
    page = ward.open(case)
    write(page, "Too short")
    preview(page)
    sign_and_send(page)
    at_rest(page)
    button(page, "Amend").click()
    expect(page.get_by_text("Amends the review of")).to_be_visible()
    expect(summary(page)).to_have_value("Too short")
    summary(page).fill("Long enough")
    preview(page)
    sign_and_send(page)
    assert ward.reviews(case) == ["Too short", "Long enough"]
    assert ward.ask(
        "SELECT count(*) FROM review.case_review WHERE episode_id = :episode"
        " AND supersedes IS NOT NULL",
        episode=case.episode,
    ) == [(1,)]
    expect(page.get_by_text("Too short")).to_be_visible()


def test_another_window_that_signed_the_draft_is_said(ward, case):
    one, other = ward.open(case), ward.open(case, ward.tab())
    write(one, "From the first")
    preview(one)
    ward.wait_for_draft(case, "From the first")
    other.reload()
    expect(summary(other)).to_have_value("From the first")
    button(one, "Sign and send").click()
    expect(one.get_by_text("Signed and sent on")).to_be_visible()
    summary(other).fill("From the second")
    expect(other.get_by_text("signed in another window")).to_be_visible()
    assert ward.reviews(case) == ["From the first"]


@pytest.mark.parametrize(
    ("role", "sends"),
    [
        ("gp", lambda page: button(page, "Change the password").dblclick()),
        ("nurse", lambda page: [page.keyboard.press("Enter") for _ in range(2)]),
    ],
    ids=["click", "enter"],
)
def test_a_form_that_is_sent_twice_in_a_row_changes_the_password_and_says_so(ward, role, sends):
    page = ward.tab(getattr(ward.team, role))
    go(page, f"{ward.url}/account")
    fields = page.locator("[data-testid=stForm] input[type=password]")
    expect(fields).to_have_count(3)
    for field, typed in zip(fields.all(), (PASSWORD, NEW_PASSWORD, NEW_PASSWORD), strict=True):
        field.fill(typed)
    sends(page)
    expect(page.get_by_text("Changed. Everywhere else you are signed out.")).to_be_visible()
    time.sleep(1)
    expect(page.get_by_text("The present password is not right.")).to_have_count(0)
