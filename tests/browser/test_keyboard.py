"""The keys of a case, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.served_site import add_line, button, press, settled, summary

pytestmark = pytest.mark.thorough


@pytest.fixture
def ward(shared, visitor):
    shared.visitor = visitor
    return shared


@pytest.fixture
def page(ward):
    return ward.open(ward.case(), ward.tab())


def open_tab(page):
    return page.locator("[role=tab][aria-selected=true]")


def hold(page, key):
    """Press a key and keep it down while the keyboard repeats it."""
    for _repeat in range(5):
        page.keyboard.down(key)
    page.keyboard.up(key)


def test_keys_change_the_tab_and_are_listed_on_the_question_mark(page):
    press(page, "]", page.locator("[role=tab][aria-selected=true]", has_text="Items"))
    settled(page)
    press(page, "[", page.locator("[role=tab][aria-selected=true]", has_text="Reviews"))
    settled(page)

    page.keyboard.press("?")
    listed = page.get_by_role("dialog", name="Keys")
    expect(listed).to_contain_text("add a recommendation")
    page.keyboard.press("]")
    page.keyboard.press("Escape")
    expect(listed).to_be_hidden()
    expect(open_tab(page)).to_contain_text("Reviews")


def test_a_held_key_acts_once_and_escape_leaves_a_field(page):
    press(page, "r", button(page, "Psychotherapy"))
    page.keyboard.press("Escape")
    expect(button(page, "Psychotherapy")).to_be_hidden()
    settled(page)

    hold(page, "]")
    settled(page)
    expect(open_tab(page)).to_contain_text("Items")

    summary(page).click()
    page.keyboard.press("Escape")
    page.keyboard.press("[")
    expect(open_tab(page)).to_contain_text("Reviews")


def test_keys_that_are_typed_into_fields_are_text(page):
    add_line(page, "Psychotherapy")
    for name in ("Summary", "What is to be done"):
        field = page.get_by_role("textbox", name=name)
        field.click()
        page.keyboard.type("jkrn?[]")
        expect(field).to_have_value("jkrn?[]")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    expect(open_tab(page)).to_contain_text("Reviews")


def test_keys_can_be_switched_off_in_this_browser(page):
    press(page, "?", page.get_by_role("dialog", name="Keys"))
    page.get_by_role("checkbox", name="The keys act on this computer").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("]")
    page.get_by_role("button", name="Keys").click()
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(open_tab(page)).to_contain_text("Reviews")
