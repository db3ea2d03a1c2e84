"""The review list in the browser: its rows, its keys, and the way back from a case."""

import pytest
from playwright.sync_api import expect

from dashboard.calendar import today
from dashboard.clinical.advice.settling import owed_by
from dashboard.clinical.caseload.rules import Tier
from dashboard.database import administering
from dashboard.demo.cover import add_demonstration_cover
from tests.browser.open_tabs import at_rest
from tests.browser.programme import choose_row, eventually, list_shown, rows_shown, served
from tests.browser.served_site import button, press, summary

SIZES = [(1280, 720), (1440, 900), (1920, 1080), (1024, 768)]


@pytest.fixture(scope="module")
def programme(registry, live_server, open_tabs):
    return served(registry, live_server, open_tabs)


@pytest.fixture
def page(programme, visitor):
    tab = programme.sign_in_at_once(visitor(locale="en-GB"), "psychiatrist")
    tab.goto(f"{programme.url}/review-list")
    expect(rows_shown(tab).first).to_be_visible()
    eventually(lambda: len(list_shown(tab)) == len(programme.cases()))
    at_rest(tab)
    return tab


def opened(page):
    """Return the episode of the case that the page has opened."""
    page.wait_for_url("**/case?episode=*")
    expect(summary(page)).to_be_visible()
    return int(page.url.partition("=")[2])


def back(page):
    page.get_by_role("link", name="Review list").click()
    expect(rows_shown(page).first).to_be_visible()
    at_rest(page)


def test_two_keys_open_the_first_case(programme, page):
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert opened(page) == programme.cases().episode_id[0]


@pytest.mark.thorough
@pytest.mark.parametrize("cell", [".rank", ".patient .under", ".why", ".place", ".recent"])
def test_a_click_anywhere_in_a_row_opens_its_case(programme, page, cell):
    rows_shown(page).nth(2).locator(cell).click()
    assert opened(page) == programme.cases().episode_id[2]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ("ArrowDown ArrowDown ArrowDown ArrowUp", 1),
        ("ArrowDown End", -1),
        ("ArrowDown End Home", 0),
    ],
)
def test_the_arrows_move_between_the_rows(programme, page, keys, place):
    for key in keys.split():
        page.keyboard.press(key)
    focused = page.locator("tr[data-id]:focus-within")
    expect(focused).to_be_in_viewport()
    expect(focused).to_have_attribute("data-id", str(programme.cases().episode_id.iloc[place]))


def test_a_stroke_goes_to_the_search_and_enter_opens_what_it_finds(programme, page):
    case = programme.cases().iloc[7]
    search = page.get_by_role("searchbox", name="Name")
    press(page, "/", shows=page.locator("input:focus").and_(search))
    page.keyboard.type(f"{case.family_name} {case.given_name}".lower(), delay=5)
    page.keyboard.press("Enter")
    assert opened(page) == case.episode_id


def test_a_row_shows_all_of_its_reasons_beneath_it(programme, page):
    cases = programme.cases()
    place = max(range(len(cases)), key=lambda one: len(cases.why[one]))
    rows_shown(page).nth(place).get_by_role("button").click()
    expect(page.locator("tr.whole li")).to_have_count(len(cases.why[place]))
    assert page.url.endswith("/review-list")
    page.keyboard.press("Space")
    expect(page.locator("tr.whole")).to_have_count(0)


@pytest.mark.thorough
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_rows_fill_the_window_and_none_is_cut(page, width, height):
    page.set_viewport_size({"width": width, "height": height})
    at_rest(page)
    lowest = page.locator("div.list").bounding_box()
    boxes = [row.bounding_box() for row in rows_shown(page).all()[:30]]
    bottom = lowest["y"] + lowest["height"]
    assert {round(box["height"]) for box in boxes} == {36}
    assert height - 60 < bottom < height
    assert not [box for box in boxes if box["y"] + 2 < bottom < box["y"] + box["height"] - 2]
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_whoever_comes_back_finds_the_filters_the_place_and_the_row_marked(programme, page):
    cases = programme.cases()
    count = rows_shown(page).count()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    place = page.locator("div.list").evaluate("one => one.scrollTop")
    assert place > 0
    choose_row(page, count - 3)
    assert opened(page) == cases.episode_id[count - 3]

    back(page)
    expect(page.locator("tr.last")).to_have_attribute("data-id", str(cases.episode_id[count - 3]))
    expect(page.locator("tr.last")).to_be_in_viewport()
    assert page.locator("div.list").evaluate("one => one.scrollTop") == place
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert opened(page) == cases.episode_id[count - 2]


def test_a_reviewed_patient_stays_in_place_until_the_list_is_sorted(programme, page):
    """Sign a review of the first patient without an alert, then go back to the list."""
    before = [row["Patient"] for row in list_shown(page)]
    cases = programme.cases()
    place = next(
        number
        for number, case in enumerate(cases.itertuples())
        if case.tier >= Tier.REVIEW_DUE and owes_nothing(programme, case.episode_id)
    )
    choose_row(page, place)
    opened(page)
    episode = cases.episode_id[place]
    reviews = len(programme.case(episode).reviews)
    at_rest(page)
    button(page, "Seen, no change").click()
    expect(page.get_by_role("timer")).to_contain_text("signed in")
    # Leaving the case for another page signs the review at once.
    page.get_by_role("link", name="Review list").click()
    # The notice stands for four seconds.
    expect(page.get_by_text("The review without change was signed.")).to_be_visible()
    expect(rows_shown(page).first).to_be_visible()
    at_rest(page)
    assert len(programme.case(episode).reviews) == reviews + 1
    assert [row["Patient"] for row in list_shown(page)] == before
    expect(rows_shown(page).nth(place).locator(".rank")).to_contain_text("→")
    page.get_by_role("button", name="sort again").click()
    eventually(lambda: [row["Patient"] for row in list_shown(page)] != before)


def owes_nothing(programme, episode):
    owed = owed_by(programme.case(episode))
    return not (owed.earlier or owed.risk_decision or owed.questions)


def test_a_safety_case_of_a_covered_colleague_is_named_and_counted(programme, page):
    with administering(programme.database.owner_url) as owner:
        add_demonstration_cover(owner, as_of=today())
    page.reload()
    covered = page.get_by_test_id("stButtonGroup").first.get_by_role("radio").nth(1)
    expect(covered).to_contain_text("until")
    expect(page.locator("tr .for")).to_have_count(covered_safety_cases(programme))


def covered_safety_cases(programme):
    cases = programme.cases()
    theirs = cases[cases.psychiatrist_id != programme.ids["psychiatrist"]]
    return int((theirs.tier == 0).sum())
