"""Two servers of one database: what is done at one of them is seen at the other."""

import pytest
from playwright.sync_api import expect

from tests.browser.open_tabs import at_rest
from tests.browser.served_site import (
    beside,
    button,
    go,
    open_line,
    open_menu,
    opened,
    press,
    preview,
    sign_and_send,
    summary,
    write,
)

pytestmark = pytest.mark.thorough

PRESENTING = "Presenting: names are hidden"


@pytest.fixture(scope="module")
def servers(registry, chromium, tmp_path_factory):
    """Yield both servers."""
    for first in opened(registry, None, tmp_path_factory.mktemp("first")):
        for second in beside(first, tmp_path_factory.mktemp("second")):
            yield first, second


@pytest.fixture
def first(servers, visitor):
    servers[0].visitor = visitor
    return servers[0]


@pytest.fixture
def second(servers):
    return servers[1]


@pytest.fixture
def case(first):
    first.run("UPDATE registry.episode SET status = 'closed', closed_on = enrolled_on")
    return first.case()


def tabs_of(first, person):
    """Return two tabs of one sign-in: a cookie counts for every port of a host."""
    page = first.tab(person)
    return page, page.context.new_page()


def test_a_draft_typed_at_one_server_is_in_the_form_of_the_other(first, second, case):
    here, there = tabs_of(first, first.team.psychiatrist)
    first.open(case, here)
    summary(here).fill("Typed here")
    first.wait_for_draft(case, "Typed here")
    second.open(case, there)
    expect(summary(there)).to_have_value("Typed here")


def test_who_presents_at_one_server_presents_at_the_other(first, second, case):
    here, there = tabs_of(first, first.team.psychiatrist)
    first.open(case, here)
    second.open(case, there)
    expect(there.get_by_text("Zwingelstein").first).to_be_visible()
    press(here, "Alt+p", shows=here.get_by_text(PRESENTING))
    second.open(case, there)
    expect(there.get_by_text(PRESENTING)).to_be_visible()
    assert "Zwingelstein" not in there.content()


def test_a_meeting_started_at_one_server_is_led_from_the_other(first, second, case):
    first.case("Yvoire")
    nurse = first.tab(first.team.nurse)
    doctor = first.tab(first.team.psychiatrist, first.visitor(locale="en-GB"))
    go(nurse, f"{first.url}/meeting")
    at_rest(nurse)
    button(nurse, "Start the meeting").click()
    expect(nurse.get_by_text("1 / 2", exact=True)).to_be_visible()
    go(doctor, f"{second.url}/meeting")
    at_rest(doctor)
    button(doctor, "Join the meeting").click()
    expect(doctor.get_by_text("1 / 2", exact=True)).to_be_visible()
    at_rest(doctor)
    doctor.get_by_role("button", name="Next case").click()
    expect(doctor.get_by_text("2 / 2", exact=True)).to_be_visible()
    expect(nurse.get_by_text("2 / 2", exact=True)).to_be_visible()


def test_a_download_asked_of_a_server_that_did_not_make_it_is_delivered(first, second, case):
    page = first.open(case, first.tab())
    write(page, "Partial response")
    preview(page)
    sign_and_send(page)
    gp = first.tab(first.team.gp, first.visitor(locale="en-GB"))
    go(gp, f"{first.url}/inbox")
    open_line(gp)
    letter = gp.get_by_test_id("stPopoverBody")
    open_menu(gp, "Letter", shows=letter.get_by_text("ZWINGELSTEIN"))
    asked = []

    def elsewhere(route):
        asked.append(route.request.url.replace(first.url, second.url))
        route.continue_(url=asked[-1])

    gp.route("**/media/**", elsewhere)
    with gp.expect_download() as download:
        button(gp, "Download the PDF").click()
    [[stored]] = first.ask(
        "SELECT pdf FROM review.letter WHERE recipient_id = :gp", gp=first.team.gp
    )
    assert asked
    assert download.value.path().read_bytes() == bytes(stored)
    assert download.value.suggested_filename.startswith(f"avis-{case.episode}-")
