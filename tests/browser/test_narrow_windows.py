"""The pages in a narrow window: targets for a finger, and charts whose texts have room."""

import pytest
from playwright.sync_api import expect

from dashboard.calendar import today
from dashboard.charts.drawing import NARROWEST
from tests.browser.open_tabs import at_rest
from tests.browser.programme import chart_height, eventually
from tests.browser.served_site import go

pytestmark = pytest.mark.thorough

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
        at_rest(page)
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
    assert page.evaluate(_TOO_LOW, FINGER) == []


@pytest.mark.parametrize(("width", "scrolled"), [(390, True), (1024, False)])
def test_the_chart_of_a_case_keeps_the_room_of_its_texts(narrow, case, width, scrolled):
    page = narrow(f"case?episode={case.episode}", {"width": width, "height": 768})
    eventually(lambda: chart_height(page) > 200)
    sheet = page.locator(".st-key-chart_sheets")
    drawn = page.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first

    def has_room() -> bool:
        box = drawn.bounding_box()
        wider = sheet.evaluate("one => one.scrollWidth > one.clientWidth + 1")
        return box is not None and box["width"] >= NARROWEST and wider is scrolled

    eventually(has_room)


def test_the_chart_on_a_phone_begins_at_today_and_says_that_it_scrolls(narrow, case):
    page = narrow(f"case?episode={case.episode}", PHONE)
    page.reload()
    sheet = page.locator(".st-key-chart_sheets")
    eventually(lambda: sheet.evaluate("one => one.scrollLeft > 0 && one.dataset.cut") == "left")
    at_its_end = "one => one.scrollLeft >= one.scrollWidth - one.clientWidth - 1"
    assert sheet.evaluate(at_its_end)
    expect(page.get_by_text("Swipe or scroll the chart sideways")).to_be_visible()

    # The table below the charts does not scroll with them.
    assert page.get_by_text("Safety facts as a table").bounding_box()["x"] >= 0
    sheet.evaluate("one => one.scrollTo(0, 0)")
    eventually(lambda: sheet.get_attribute("data-cut") == "right")
    page.set_viewport_size({"width": 1280, "height": 720})
    expect(page.get_by_text("Swipe or scroll the chart sideways")).to_be_hidden()


def test_a_button_leads_to_the_form_only_where_it_is_below_the_reviews(narrow, case):
    page = narrow(f"case?episode={case.episode}", PHONE)
    to_form = page.get_by_role("button", name="Write a review")
    to_form.click()
    expect(page.get_by_role("textbox", name="Summary")).to_be_in_viewport()
    expect(page.locator(".st-key-case_form")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("textbox", name="Summary")).to_be_focused()
    page.set_viewport_size({"width": 1280, "height": 720})
    expect(to_form).to_be_hidden()


@pytest.mark.parametrize("size", [PHONE, {"width": 1024, "height": 768}])
def test_the_day_of_the_header_is_whole_on_one_line_or_hidden(narrow, size):
    page = narrow("inbox", size)
    expect(page.locator(".st-key-person_menu")).to_be_visible()
    for room in (400, 60):
        box, day = page.locator(".st-key-page_day").evaluate(_DAY_IN, room)
        assert day["top"] >= box["bottom"] - 1 or (
            day["bottom"] <= box["bottom"] + 1 and day["right"] <= box["right"] + 1
        )


def test_the_header_takes_one_line_below_the_menu_on_a_phone(narrow):
    page = narrow("inbox", PHONE)
    menu = page.locator(".st-key-page_menu").bounding_box()
    header = page.locator(".st-key-page_header").bounding_box()
    below = header["y"] + header["height"] - menu["y"] - menu["height"]
    assert below < 1.5 * FINGER
    expect(page.locator(".st-key-start_presenting kbd").first).to_be_hidden()


@pytest.mark.parametrize(
    ("address", "shown"), [("help", True), ("account", True), ("inbox", False)]
)
def test_a_page_without_a_link_in_the_menu_shows_its_title_below_it(narrow, address, shown):
    page = narrow(address, {"width": 1024, "height": 768})
    title = page.get_by_role("heading", level=1).bounding_box()
    menu = page.locator(".st-key-page_menu").bounding_box()
    assert (title["y"] >= menu["y"] + menu["height"]) is shown


@pytest.mark.parametrize("width", [390, 1024])
def test_the_own_figures_are_whole(narrow, case, width):
    page = narrow("figures", {"width": width, "height": 768})
    table = page.get_by_test_id("stTable")
    expect(table).to_contain_text("Consent recorded")
    inside = table.locator("table").evaluate(
        "one => [one.offsetWidth, one.parentElement.clientWidth]"
    )
    assert inside[0] <= inside[1]


_DAY_IN = """(box, room) => {
  box.parentElement.style.maxWidth = `${room}px`
  const edges = [box, box.querySelector("p")].map(one => one.getBoundingClientRect().toJSON())
  box.parentElement.style.maxWidth = ""
  return edges
}"""
"""The edges of the box of the day and of the day, if the box has this room, in pixels."""

_TOO_LOW = """least => [...document.querySelectorAll(
  "[data-testid=stMain] :is(.react-aria-ComboBox > div, [data-testid=stDateInputField]," +
  " [data-testid=stTextInputRootElement], [data-testid^=stBaseButton], [role=tab])"
)].map(one => [one.dataset.testid ?? one.className, one.getBoundingClientRect().height])
  .filter(([_name, height]) => height > 0 && height < least - 0.5)
  .map(([name, height]) => `${name}: ${height}`)"""
"""The targets of the page that are lower than this height, in pixels, with their heights."""
