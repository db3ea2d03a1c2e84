"""Holiday cover from end to end: handed over, seen as a second list, signed, and gone."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from dashboard.calendar import today
from dashboard.database import administering
from dashboard.locale import speaking
from dashboard.locale.formats import short_day
from dashboard.web.auth.accounts import add_account
from tests.browser.open_tabs import at_rest
from tests.browser.programme import choose_day, choose_row, eventually, list_shown, picture
from tests.browser.served_site import (
    PASSWORD,
    button,
    choose,
    open_line,
    preview,
    settled,
    sign_and_send,
    summary,
    write,
)

pytestmark = pytest.mark.thorough

LAST = today() + timedelta(days=9)


@pytest.fixture(scope="module")
def colleague(shared):
    """Return another psychiatrist, with an account."""
    adler = shared.database.practitioner("psychiatrist", "Adler")
    with administering(shared.database.owner_url) as connection:
        add_account(connection, adler, "adler", PASSWORD)
    return adler


@pytest.fixture
def ward(shared, visitor):
    shared.visitor = visitor
    return shared


def test_a_list_is_handed_over_reviewed_by_the_colleague_and_taken_back(ward, colleague):
    case = ward.case()
    mine = ward.team.case(today() - timedelta(days=30), "Eigen", psychiatrist_id=colleague)
    away = ward.tab()
    away.goto(f"{ward.url}/cover")
    choose(away, "To", "Adler Claude")
    settled(away)
    choose_day(away, "Last day", LAST)
    picture(away, "cover_1_form")
    at_rest(away)
    button(away, "Hand over").click()
    expect(away.get_by_text("Handed over.")).to_be_visible()
    expect(away.get_by_text("now, until")).to_be_visible()
    picture(away, "cover_2_made")

    there = ward.tab(colleague)
    there.goto(f"{ward.url}/review-list")
    eventually(lambda: [row.get("Patient") for row in list_shown(there)] == ["Eigen Camille"])
    with speaking("en"):
        second = f"Dr Psychiatrist until {short_day(LAST)}"
    at_rest(there)
    there.get_by_text(second).click()
    eventually(
        lambda: [row.get("Patient") for row in list_shown(there)] == ["Zwingelstein Camille"]
    )
    assert list_shown(there)[0]["#"] == "1"
    expect(there).to_have_url(re.compile(rf"list={ward.team.psychiatrist}$"))
    there.reload()
    eventually(
        lambda: [row.get("Patient") for row in list_shown(there)] == ["Zwingelstein Camille"]
    )
    picture(there, "cover_3_second_list")

    choose_row(there, 0)
    expect(summary(there)).to_be_visible()
    expect(there.get_by_text("for Dr Psychiatrist")).to_be_visible()
    expect(there.get_by_text("1 / 1")).to_be_visible()
    write(there, "Seen while my colleague is away.")
    preview(there)
    sign_and_send(there)
    signed = there.get_by_text("Dr Adler for Dr Psychiatrist")
    expect(signed).to_be_visible()
    picture(there, "cover_4_signed")
    assert ward.ask(
        "SELECT covered_id FROM review.case_review WHERE psychiatrist_id = :me", me=colleague
    ) == [(ward.team.psychiatrist,)]

    nurse = ward.tab(ward.team.nurse)
    nurse.goto(f"{ward.url}/inbox")
    open_line(nurse)
    expect(nurse.get_by_text("Dr Adler Claude for Dr Psychiatrist Claude")).to_be_visible()

    away.reload()
    expect(button(away, "End now")).to_be_visible()
    at_rest(away)
    button(away, "End now").click()
    expect(away.get_by_text("Nobody. Your list is yours alone.")).to_be_visible()
    there.reload()
    expect(there.get_by_text("it is not one of yours")).to_be_visible()
    there.goto(f"{ward.url}/review-list")
    eventually(lambda: [row.get("Patient") for row in list_shown(there)] == ["Eigen Camille"])
    expect(there.get_by_text("until")).to_have_count(0)
    assert mine.episode != case.episode


@pytest.mark.thorough
def test_a_double_click_hands_over_once(ward, colleague):
    ward.run("DELETE FROM review.cover")
    page = ward.tab()
    page.goto(f"{ward.url}/cover")
    choose(page, "To", "Adler Claude")
    at_rest(page)
    button(page, "Hand over").dblclick()
    expect(page.get_by_text("Handed over.")).to_be_visible()
    settled(page)
    assert ward.ask("SELECT count(*) FROM review.cover") == [(1,)]
