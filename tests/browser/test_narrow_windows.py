"""The pages in a narrow window: targets for a finger, and charts whose texts have room."""

import pytest
from playwright.sync_api import expect

from dashboard.calendar import today
from dashboard.charts.drawing import NARROWEST
from tests.browser.programme import chart_height, eventually
from tests.browser.served_site import go, settled

PHONE = {"width": 390, "height": 844}
FINGER = 44
"""The smallest height of a target on a telephone, in pixels."""


@pytest.fixture
def narrow(shared):
    """Return a function that goes to a page in a window of this size."""
    page = shared.open_tab()

    def come(address, size):
        go(page, f"{shared.url}/{address}")
        page.set_viewport_size(size)
        settled(page)
        return page

    yield come
    page.set_viewport_size({"width": 1280, "height": 720})


@pytest.fixture
def case(shared):
    case = shared.case()
    shared.database.assessment(case.patient, "phq9", today(), 18)
    return case


@pytest.mark.parametrize("address", ["review-list", "follow-up", "cover", "emergency", "account"])
def test_every_target_is_high_enough_for_a_finger(narrow, case, address):
    page = narrow(address, PHONE)
    expect(page.locator(".st-key-person_menu")).to_be_visible()
    page.wait_for_timeout(300)
    assert page.evaluate(_TOO_LOW, FINGER) == []


@pytest.mark.parametrize(("width", "scrolled"), [(390, True), (1024, False)])
def test_the_chart_of_a_case_keeps_the_room_of_its_texts(narrow, case, width, scrolled):
    page = narrow(f"case?episode={case.episode}", {"width": width, "height": 768})
    eventually(lambda: chart_height(page) > 200)
    page.wait_for_timeout(500)
    sheet = page.locator(".st-key-chart_sheets")
    drawn = page.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first.bounding_box()
    assert drawn["width"] >= NARROWEST
    assert sheet.evaluate("one => one.scrollWidth > one.clientWidth + 1") is scrolled


def test_the_chart_on_a_phone_begins_at_today_and_says_that_it_scrolls(narrow, case):
    page = narrow(f"case?episode={case.episode}", PHONE)
    page.reload()
    sheet = page.locator(".st-key-chart_sheets")
    eventually(lambda: sheet.evaluate("one => one.scrollLeft > 0 && one.dataset.cut") == "left")
    at_its_end = "one => one.scrollLeft >= one.scrollWidth - one.clientWidth - 1"
    assert sheet.evaluate(at_its_end)
    expect(page.get_by_text("Swipe or scroll the chart sideways")).to_be_visible()

    sheet.evaluate("one => one.scrollTo(0, 0)")
    eventually(lambda: sheet.get_attribute("data-cut") == "right")
    page.set_viewport_size({"width": 1280, "height": 720})
    expect(page.get_by_text("Swipe or scroll the chart sideways")).to_be_hidden()


def test_a_button_leads_to_the_form_only_where_it_is_below_the_reviews(narrow, case):
    page = narrow(f"case?episode={case.episode}", PHONE)
    to_form = page.get_by_role("button", name="Write a review")
    to_form.click()
    expect(page.get_by_role("textbox", name="Summary")).to_be_in_viewport()
    expect(page.get_by_role("textbox", name="Summary")).to_be_focused()
    page.set_viewport_size({"width": 1280, "height": 720})
    expect(to_form).to_be_hidden()


_TOO_LOW = """least => [...document.querySelectorAll(
  "[data-testid=stMain] :is(.react-aria-ComboBox > div, [data-testid=stDateInputField]," +
  " [data-testid=stTextInputRootElement], [data-testid^=stBaseButton], [role=tab])"
)].map(one => [one.dataset.testid ?? one.className, one.getBoundingClientRect().height])
  .filter(([_name, height]) => height > 0 && height < least - 0.5)
  .map(([name, height]) => `${name}: ${height}`)"""
"""The targets of the page that are lower than this height, in pixels, with their heights."""
