"""The weekly review from end to end: what the programme is for, in a real browser.

On a registry of 300 patients, each chapter on a patient of its own. Pictures of the steps
stand in ``var/screenshots`` afterwards.
"""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from dashboard.calendar import today
from dashboard.clinical.advice.cautions import cautions
from dashboard.clinical.advice.lines import DraftLine, DraftReview
from dashboard.clinical.advice.settling import owed_by
from dashboard.clinical.caseload.rules import Tier
from dashboard.locale import speaking
from dashboard.locale.formats import day
from dashboard.words.caseload.reasons import in_words
from tests.browser.conftest import sign_in
from tests.browser.open_tabs import at_rest
from tests.browser.programme import (
    PASSWORD,
    chart_height,
    choose_day,
    choose_row,
    eventually,
    list_shown,
    picture,
    rows_shown,
    served,
    sign_out,
    tier,
)
from tests.browser.served_site import (
    add_line,
    answer_on_their_behalf,
    button,
    choose,
    choose_answer,
    choose_drug,
    confirm_cautions,
    next_review,
    open_line,
    preview,
    settled,
    sign_and_send,
    summary,
)

SUMMARY = "Partial response at week 8, sleep is poor, no suicidal thoughts."
DUE = today() + timedelta(days=3)
AMENDED = "Partial response at week 8; the nurse is right about the group."


@pytest.fixture(scope="module")
def programme(registry, live_server, open_tabs):
    return served(registry, live_server, open_tabs)


@pytest.fixture
def psychiatrist(programme, visitor):
    return programme.sign_in_at_once(visitor(locale="en-GB"), "psychiatrist")


@pytest.fixture
def in_english():
    with speaking("en"):
        yield


def test_the_list_says_whom_to_see_and_why(programme, visitor, in_english):
    page = visitor(locale="en-GB").new_page()
    sign_in(page, programme.url, programme.usernames["psychiatrist"], PASSWORD)
    expect(page).to_have_title("Review list")
    cases = programme.cases()

    eventually(lambda: len(list_shown(page)) >= 9)
    for shown, case in zip(list_shown(page), cases.itertuples(), strict=False):
        assert shown["Patient"] == f"{case.family_name} {case.given_name}"
        assert shown["Under"].startswith(f"{case.age} years")
        assert shown["Tier"].startswith(str(case.tier))
        if case.why:
            assert shown["Why"].startswith(in_words(case.why[0], today()))
    for number in range(6):
        expect(tier(page, number)).to_contain_text(f"· {(cases.tier == number).sum()}")
    expect(page.get_by_text(f"{len(cases)} patients", exact=True)).to_be_visible()
    picture(page, "1_review_list")


@pytest.mark.thorough
def test_the_filters_stand_in_the_address_without_names_and_survive_a_reload(
    programme, psychiatrist
):
    page, cases = psychiatrist, programme.cases()
    number = commonest_tier(cases)
    nurse = cases[cases.tier == number].iloc[0]
    both = cases[(cases.tier == number) & (cases.nurse_id == nurse.nurse_id)]
    page.goto(f"{programme.url}/review-list")
    expect(rows_shown(page).first).to_be_visible()
    at_rest(page)

    tier(page, number).click()
    counted(page, (cases.tier == number).sum(), len(cases))
    choose(page, "Nurse", name_of(programme, nurse.nurse_id))
    # The open list of nurses hides the rest of the page.
    page.keyboard.press("Escape")
    counted(page, len(both), len(cases))
    settled(page)
    assert page.url.endswith(f"/review-list?tier={number}&nurse={nurse.nurse_id}")

    name = page.get_by_role("searchbox", name="Name")
    name.press_sequentially(both.iloc[0].family_name.lower())
    found = both[both.family_name == both.iloc[0].family_name]
    eventually(lambda: len(list_shown(page)) == len(found))
    assert both.iloc[0].family_name.lower() not in page.url.lower()

    page.reload()
    counted(page, len(both), len(cases))
    assert page.url.endswith(f"/review-list?tier={number}&nurse={nurse.nurse_id}")
    expect(tier(page, number)).to_have_attribute("aria-pressed", "true")
    picture(page, "2_filtered")


def name_of(programme, practitioner_id):
    """Return the family name and the given name of a practitioner, as the filter shows them."""
    query = (
        "SELECT family_name || ' ' || given_name FROM registry.practitioner"
        f" WHERE id = {practitioner_id:d}"
    )
    with programme.database.owner().begin() as connection:
        return connection.exec_driver_sql(query).scalar_one()


def commonest_tier(cases):
    """Return the most common tier among the cases with a reason."""
    return int(cases[cases.tier < Tier.NOTHING_DUE].tier.mode()[0])


def counted(page, shown, total):
    expect(page.get_by_text(f"{shown} of {total} patients", exact=True)).to_be_visible()


def test_a_case_opens_with_its_trajectory_and_the_form_beside_it(
    programme, psychiatrist, in_english
):
    page, cases = psychiatrist, programme.cases()
    number = commonest_tier(cases)
    chosen = cases[cases.tier == number].reset_index()
    page.goto(f"{programme.url}/review-list?tier={number}")
    eventually(lambda: len(list_shown(page)) >= min(len(chosen), 9))

    choose_row(page, 1)
    shows(page, chosen.iloc[1])
    expect(page).to_have_title("Case")
    for reason in chosen.iloc[1].why:
        expect(page.get_by_text(in_words(reason, today())).first).to_be_visible()
    eventually(lambda: chart_height(page) > 300)
    eventually(lambda: beside(page))
    picture(page, "3_case")

    button(page, "Next").click()
    shows(page, chosen.iloc[2])
    button(page, "Previous").click()
    shows(page, chosen.iloc[1])
    button(page, "Previous").click()
    shows(page, chosen.iloc[0])
    expect(button(page, "Previous")).to_be_disabled()

    page.get_by_role("link", name="Review list").click()
    counted(page, len(chosen), len(cases))
    expect(tier(page, number)).to_have_attribute("aria-pressed", "true")


def shows(page, case):
    """Wait until the page shows the case of this row of the list."""
    page.wait_for_url(f"**/case?episode={case.episode_id}")
    identity = f"{case.family_name} {case.given_name} · {case.age} years"
    expect(page.get_by_text(identity).first).to_be_visible()
    assert case.family_name not in page.url
    at_rest(page)


def beside(page):
    """Return whether the form stands beside the chart, and the page scrolls only downwards.

    Below several reasons the foot of the chart may be a line under the edge of the screen.
    """
    chart = page.get_by_test_id("stVegaLiteChart").first.bounding_box()
    form = summary(page).bounding_box()
    if chart is None or form is None:
        return False
    width = page.evaluate("() => document.documentElement.scrollWidth")
    return (
        form["x"] >= chart["x"] + chart["width"]
        and 0 < form["y"] < chart["y"] + chart["height"] < 740
        and width <= 1280
    )


def test_advice_is_written_signed_answered_seen_and_amended(programme, visitor, in_english):
    page = visitor(locale="en-GB").new_page()
    sign_in(page, programme.url, programme.usernames["psychiatrist"], PASSWORD)
    episode = episode_for_sertraline(programme)
    reviews = len(programme.case(episode).reviews)
    open_the_case(page, programme, episode)

    summary(page).fill(SUMMARY)
    advise_sertraline(page, "100")
    advise_a_group(page)
    next_review(page)
    expect(page.get_by_text(re.compile(r"draft saved at \d\d:\d\d"))).to_be_visible()
    picture(page, "4_draft")

    page.reload()
    expect(summary(page)).to_have_value(SUMMARY)
    expect(page.get_by_role("textbox", name="mg a day")).to_have_value("100")
    expect(page.get_by_role("textbox", name="What is to be done")).to_have_value("Support group")

    preview(page)
    read_once_more = page.get_by_text("sertraline to 100 mg/day: in steps of 50 mg every 7 days")
    expect(read_once_more).to_be_in_viewport()
    expect(page.get_by_text("if it does not work: venlafaxine LP 75 mg")).to_be_visible()
    picture(page, "5_preview")
    sign_and_send(page)
    expect(page.get_by_role("tab", name=f"Reviews · {reviews + 1}")).to_be_visible()
    expect(summary(page)).to_be_hidden()
    picture(page, "6_signed")

    the_nurse_answers(programme, visitor, episode)

    page.reload()
    expect(page.get_by_text("declined", exact=True).first).to_be_visible()
    expect(page.get_by_text("The patient has one already")).to_be_visible()
    picture(page, "8_answered")
    the_psychiatrist_amends(page)
    expect(page.get_by_role("tab", name=f"Reviews · {reviews + 2}")).to_be_visible()

    sign_out(page)
    page.goto(f"{programme.url}/case?episode={episode}")
    expect(page.locator("input[type=password]")).to_be_visible()
    expect(page.get_by_text(SUMMARY)).to_have_count(0)


def episode_for_sertraline(programme, dose="100"):
    """Return an episode of the nurse's for which this dose of sertraline raises no caution. For a
    dose above the maximum, others may be raised too.

    It has no open advice of earlier reviews, no alert and no question of the nurse.
    """
    line = DraftLine(
        "1",
        kind="medication",
        action="increase",
        drug_name="sertraline",
        atc_code="N06AB06",
        dose=dose,
    )
    cases = programme.cases()
    for episode in cases[cases.nurse_id == programme.ids["nurse"]].episode_id:
        case = programme.case(episode)
        owed = owed_by(case)
        if owed.earlier or owed.risk_decision or owed.questions:
            continue
        found = {one.code for one in cautions(DraftReview(lines=(line,)), case, owed)}
        if "dose_above_maximum" in found if Decimal(dose) > 200 else not found:
            return episode
    raise AssertionError("every patient of the nurse needs a second thought")


def open_the_case(page, programme, episode):
    page.goto(f"{programme.url}/case?episode={episode}")
    expect(summary(page)).to_be_visible()


def advise_sertraline(page, dose):
    add_line(page, "Medication")
    choose(page, "What to do", "increase")
    choose_drug(page, "sertral", "sertraline")
    page.get_by_role("textbox", name="mg a day").fill(dose)
    page.get_by_role("textbox", name="Steps and intervals").fill("50 mg every 7 days")
    page.get_by_role("textbox", name="If it does not work").fill("venlafaxine LP 75 mg")
    settled(page)


def advise_a_group(page):
    """Add a second line, for the nurse, due in three days."""
    add_line(page, "Psychosocial care")
    page.get_by_role("textbox", name="What is to be done").fill("Support group")
    choose_day(page, "By", DUE)


def the_nurse_answers(programme, visitor, episode):
    page = visitor(locale="en-GB").new_page()
    sign_in(page, programme.url, programme.usernames["nurse"], PASSWORD)
    expect(page).to_have_title("Inbox")
    who = programme.case(episode).identity.family_name
    open_line(page, re.compile(f"{re.escape(who)}.*Support group"))
    expect(page.get_by_text(SUMMARY)).to_be_visible()
    line = page.get_by_text("2. Psychosocial care: Support group")
    expect(line).to_contain_text(f"by {day(DUE)}")

    choose_answer(page, "declined")
    button(page, "Send the answer").click()
    expect(page.get_by_text("Say why.")).to_be_visible()
    page.get_by_role("textbox", name="Why").fill("The patient has one already")
    picture(page, "7_inbox")
    at_rest(page)
    button(page, "Send the answer").click()
    expect(page.get_by_text("Recorded: declined.")).to_be_visible()

    open_line(page, re.compile(f"{re.escape(who)}.*sertraline"))
    answer_on_their_behalf(page, "done")
    expect(page.get_by_text(SUMMARY)).to_have_count(0)
    sign_out(page)


def the_psychiatrist_amends(page):
    signed = button(page, "Amend").first
    at_rest(page)
    signed.evaluate("one => one.scrollIntoView({ block: 'start' })")
    at_rest(page)
    signed.click()
    expect(page.get_by_text("that one stays readable")).to_be_in_viewport()
    expect(summary(page)).to_have_value(SUMMARY)
    summary(page).fill(AMENDED)
    preview(page)
    sign_and_send(page)
    settled(page)
    for text in (SUMMARY, AMENDED):
        expect(page.get_by_test_id("stText").filter(has_text=text)).to_be_visible()
    expect(page.get_by_text("superseded", exact=True).first).to_be_visible()
    picture(page, "9_amended")


@pytest.mark.thorough
def test_a_dose_above_the_maximum_is_signed_after_a_second_confirmation(programme, psychiatrist):
    page = psychiatrist
    episode = episode_for_sertraline(programme, "400")
    open_the_case(page, programme, episode)
    summary(page).fill("No response; above the usual maximum on purpose.")
    advise_sertraline(page, "400")
    next_review(page)
    preview(page)
    expect(page.get_by_text("400 mg/day is above the maximum at")).to_be_visible()
    expect(button(page, "Sign and send")).to_be_disabled()
    picture(page, "5_confirmation")
    confirm_cautions(page)
    sign_and_send(page)
    signed = programme.case(episode).reviews[-1]
    assert [line.daily_dose_mg for line in signed.recommendations] == [Decimal(400)]
