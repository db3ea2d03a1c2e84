"""The nurse prepares a meeting: nothing she types is lost, and the order is as she left it.

On a registry in which a nurse and a psychiatrist share dozens of patients. Pictures stand in
``var/screenshots`` afterwards.
"""

import io

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader
from sqlalchemy import text

from dashboard.calendar import today
from dashboard.database import acting_as
from dashboard.queries.meeting.agenda import agendas
from dashboard.queries.meeting.preparation import caseload_to_prepare
from dashboard.queries.meeting.preparing import save_preparation
from tests.browser.open_tabs import at_rest
from tests.browser.programme import eventually, picture, served, sign_out
from tests.browser.served_site import button, go, open_menu, settled

AFRESH = (
    "DELETE FROM review.preparation",
    "DELETE FROM review.agenda_item i USING review.meeting m"
    " WHERE m.id = i.meeting_id AND m.ended_at IS NULL",
    "DELETE FROM review.meeting WHERE ended_at IS NULL",
)


@pytest.fixture(scope="module")
def programme(registry, live_server, open_tabs):
    return served(registry, live_server, open_tabs, patients=1200, caseload=200)


@pytest.fixture
def page(programme):
    """Return the nurse's page as at her first look, without traces of the test before."""
    page = programme.open_tab("nurse")
    with programme.database.owner().begin() as connection:
        for statement in AFRESH:
            connection.execute(text(statement))
    go(page, f"{programme.url}/prepare")
    expect(rows(page).first).to_be_visible()
    settled(page)
    return page


def agenda(programme):
    """Return the agenda with which the page begins: the one with the most patients."""
    with acting_as(programme.ids["nurse"]) as connection:
        return agendas(connection, caseload_to_prepare(connection, today()), today())[0]


def rows(page):
    """Return the patients of the list, in order."""
    return page.locator("button.row")


def names(page, count):
    return [rows(page).nth(place).locator(".name").inner_text() for place in range(count)]


def name_of(case):
    who = case.identity
    return f"{who.family_name} {who.given_name}, {who.age_on(today())}"


def choose(page, place):
    """Click on the patient at this place, and wait until they are there."""
    at_rest(page)
    name = rows(page).nth(place).locator(".name").inner_text().split(",")[0]
    rows(page).nth(place).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    settled(page)


def question(page):
    return page.get_by_role("textbox", name="Question for the psychiatrist")


def preparation(programme, episode_id):
    with programme.database.owner().connect() as connection:
        return connection.execute(
            text(
                "SELECT question, tried, wants_discussion, ready_at IS NOT NULL AS ready"
                " FROM review.preparation WHERE episode_id = :episode AND withdrawn_at IS NULL"
            ),
            {"episode": episode_id},
        ).one_or_none()


def test_the_list_has_the_agenda_in_order_then_all_the_others(programme, page):
    expected = agenda(programme)
    cases = [item.case for item in expected.items] + list(expected.others)
    assert 5 < len(expected.items) < len(cases)
    assert rows(page).count() == len(cases)
    assert names(page, len(cases)) == [name_of(case) for case in cases]
    expect(page.get_by_text(f"{len(expected.items)} patients, about")).to_be_visible()
    picture(page, "8_prepare")


def test_a_caseload_is_prepared_without_leaving_the_page(programme, page):
    """Question, what was tried, ready, and the next patient is there: five in a row."""
    wish_for_more(programme, 5)
    page.reload()
    order = agenda(programme).order[:5]
    for episode in order:
        expect(page.get_by_role("heading", name=f"no. {episode}")).to_be_visible()
        settled(page)
        question(page).fill(f"What about {episode}?")
        page.get_by_role("textbox", name="What was tried").fill("Sertraline")
        at_rest(page)
        button(page, "Ready, next patient").click()
        eventually(lambda episode=episode: (preparation(programme, episode) or (0,))[-1])
    for episode in order:
        kept = preparation(programme, episode)
        assert (kept.question, kept.tried) == (f"What about {episode}?", "Sertraline")
    expect(page.get_by_text(f"{len(order)} ready")).to_be_visible()
    picture(page, "8_prepare_ready")


def wish_for_more(programme, patients):
    """Put this number of patients on the agenda at the nurse's wish, besides those of the rules."""
    shown = agenda(programme)
    with acting_as(programme.ids["nurse"]) as connection:
        for case in shown.others[:patients]:
            save_preparation(connection, case.episode_id, wants_discussion=True)
    assert len(agenda(programme).items) >= patients


@pytest.mark.thorough
def test_what_is_typed_is_there_after_a_reload_and_after_signing_out(programme, visitor, page):
    page = programme.sign_in_at_once(visitor(locale="en-GB"), "nurse")
    page.goto(f"{programme.url}/prepare")
    expect(rows(page).first).to_be_visible()
    episode = agenda(programme).order[1]
    choose(page, 1)
    assert page.url.endswith(f"/prepare?episode={episode}")
    question(page).fill("Increase the dose, or")
    page.reload()
    expect(question(page)).to_have_value("Increase the dose, or")
    question(page).press_sequentially(" change?")
    eventually(
        lambda: (preparation(programme, episode) or [""])[0] == "Increase the dose, or change?"
    )
    sign_out(page)
    again = programme.sign_in_at_once(page.context, "nurse")
    go(again, f"{programme.url}/prepare?episode={episode}")
    expect(question(again)).to_have_value("Increase the dose, or change?")


@pytest.mark.thorough
@pytest.mark.parametrize("wait", [0, 500])
@pytest.mark.parametrize("to", ["another patient", "the case", "another page"])
def test_whoever_leaves_just_after_typing_has_left_what_was_typed(programme, page, to, wait):
    episode, text = agenda(programme).order[0], f"Sertraline 100 mg, {to} after {wait}"
    choose(page, 0)
    settled(page)
    tried = page.get_by_role("textbox", name="What was tried")
    tried.fill("")
    tried.press_sequentially(text, delay=2)
    page.wait_for_timeout(wait)
    at = page.url
    if to == "another patient":
        rows(page).nth(1).click()
    elif to == "the case":
        page.get_by_role("button", name="Open the case").click()
    else:
        page.get_by_role("link", name="Inbox").click()
    expect(page).not_to_have_url(at)
    settled(page)
    assert (preparation(programme, episode) or ["", ""])[1] == text


@pytest.mark.thorough
def test_typing_does_not_draw_the_list_again(programme, page):
    rows(page).first.evaluate("row => { row.dataset.drawn = 'once' }")
    tried = page.get_by_role("textbox", name="What was tried")
    tried.fill("Sertraline 100 mg")
    episode = agenda(programme).order[0]
    eventually(lambda: (preparation(programme, episode) or ["", ""])[1] == "Sertraline 100 mg")
    settled(page)
    assert rows(page).first.get_attribute("data-drawn") == "once"


@pytest.mark.thorough
def test_the_order_is_changed_by_arrow_by_key_and_by_dragging(programme, page):
    one, two, three, four, *_rest = agenda(programme).order
    choose(page, 2)
    page.get_by_role("button", name="Move").first.click()
    eventually(lambda: agenda(programme).order[:4] == [one, three, two, four])
    at_rest(page)

    rows(page).nth(1).focus()
    page.keyboard.press("Alt+ArrowUp")
    eventually(lambda: agenda(programme).order[:4] == [three, one, two, four])
    at_rest(page)

    rows(page).nth(3).drag_to(rows(page).nth(0), target_position={"x": 40, "y": 4})
    eventually(lambda: agenda(programme).order[:4] == [four, three, one, two])
    settled(page)
    page.reload()
    expect(rows(page).first).to_be_visible()
    assert names(page, 4) == [name_of(item.case) for item in agenda(programme).items[:4]]


@pytest.mark.thorough
def test_quick_moves_are_all_kept(programme, page):
    first, *rest = agenda(programme).order[:6]
    rows(page).first.focus()
    for _place in rest:
        page.keyboard.press("Alt+ArrowDown")
    eventually(lambda: agenda(programme).order[:6] == [*rest, first])


def test_a_patient_is_found_by_name_and_reached_by_keyboard(programme, page):
    other = agenda(programme).others[-1]
    search = page.get_by_role("searchbox", name="Find a patient")
    search.fill(other.identity.family_name.upper())
    found = rows(page).filter(has_text=name_of(other))
    expect(found).to_have_count(1)
    assert other.identity.family_name not in page.url
    found.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"no. {other.episode_id}")).to_be_visible()
    at_rest(page)
    page.get_by_text("I wish to discuss this patient").click()
    eventually(lambda: other.episode_id in agenda(programme).order)
    search.fill("nobody at all")
    expect(page.get_by_text("Nobody of this name.")).to_be_visible()


def test_arrows_go_from_one_patient_to_the_next(programme, page):
    rows(page).first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/prepare?episode={agenda(programme).order[2]}")
    expect(rows(page).nth(2)).to_have_attribute("aria-current", "true")
    expect(rows(page).nth(2)).to_be_focused()


@pytest.mark.thorough
def test_taken_off_with_a_typed_reason_and_put_back(programme, page):
    first = agenda(programme).order[0]
    open_menu(page, "Take off the agenda", shows=button(page, "Take off"))
    button(page, "Take off").click()
    expect(page.get_by_text("Say why.")).to_be_visible()
    page.get_by_role("textbox", name="Another reason").fill("In hospital")
    at_rest(page)
    button(page, "Take off").click()
    eventually(lambda: [one.removed_reason for one in agenda(programme).off] == ["In hospital"])
    assert first not in agenda(programme).order
    expect(page.get_by_role("heading", name="Taken off · 1")).to_be_visible()
    go(page, f"{programme.url}/prepare?episode={first}")
    at_rest(page)
    button(page, "Put back").click()
    eventually(lambda: agenda(programme).order[-1] == first)


@pytest.mark.thorough
def test_a_double_click_on_ready_makes_one_patient_ready(programme, page):
    first, second = agenda(programme).order[:2]
    at_rest(page)
    button(page, "Ready, next patient").dblclick()
    page.wait_for_url(f"**/prepare?episode={second}")
    settled(page)
    at_rest(page)
    assert preparation(programme, first).ready
    assert not (preparation(programme, second) or [False])[-1]


def test_one_click_sends_and_the_page_is_printed_without_a_name(programme, page):
    button(page, "Send the agenda").click()
    expect(page.get_by_text("sent on")).to_be_visible()
    assert agenda(programme).sent_at is not None
    picture(page, "8_prepare_sent")
    with page.expect_download() as download:
        button(page, "Print").click()
    printed = PdfReader(io.BytesIO(download.value.path().read_bytes()))
    assert len(printed.pages) == 1
    words = printed.pages[0].extract_text()
    shown = agenda(programme)
    assert download.value.suggested_filename == f"agenda_{shown.held_on.isoformat()}.pdf"
    for item in shown.items:
        assert f"no. {item.episode_id}" in words
        assert item.case.identity.family_name not in words


@pytest.mark.thorough
def test_the_page_fits_the_shared_screen(page):
    """1280 × 720: nothing to scroll sideways, the list and the buttons in sight."""
    at_rest(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    box = button(page, "Ready, next patient").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 720
    groups = page.locator(".groups").bounding_box()
    assert groups is not None
    assert groups["y"] + groups["height"] <= 720
