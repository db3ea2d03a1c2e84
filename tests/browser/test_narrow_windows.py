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


_TOO_LOW = """least => [...document.querySelectorAll(
  "[data-testid=stMain] :is(.react-aria-ComboBox > div, [data-testid=stDateInputField]," +
  " [data-testid=stTextInputRootElement], [data-testid^=stBaseButton], [role=tab])"
)].map(one => [one.dataset.testid ?? one.className, one.getBoundingClientRect().height])
  .filter(([_name, height]) => height > 0 && height < least - 0.5)
  .map(([name, height]) => `${name}: ${height}`)"""
"""The targets of the page that are lower than this height, in pixels, with their heights."""
