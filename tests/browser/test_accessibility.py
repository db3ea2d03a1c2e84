"""The weekly review for readers who cannot use a mouse or do not see well.

axe-core looks at every page in both themes; the review is then done by keyboard alone.
"""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from dashboard.calendar import today
from dashboard.database import acting_as
from dashboard.queries.meeting.preparation import caseload_to_prepare
from dashboard.queries.meeting.preparing import save_preparation
from dashboard.queries.sites.counts_age import freshness
from tests.browser.axe import violations
from tests.browser.open_tabs import at_rest
from tests.browser.programme import (
    PASSWORD,
    chart_height,
    eventually,
    list_shown,
    rows_shown,
    served,
)
from tests.browser.served_site import (
    add_line,
    button,
    choose,
    choose_answer,
    choose_drug,
    go,
    next_review,
    open_line,
    open_menu,
    preview,
    settled,
    sign_and_send,
    summary,
)

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def programme(registry, live_server, open_tabs):
    return served(registry, live_server, open_tabs)


@pytest.fixture
def tab(programme):
    """Return a function that returns the open tab of a role, into which axe can be injected."""
    return lambda role: programme.open_tab(role, bypass_csp=True)


@pytest.fixture
def own_tab(programme, visitor):
    """Return a function that opens a new tab, for what ends with names hidden."""
    return lambda role: programme.sign_in_at_once(visitor(locale="en-GB", bypass_csp=True), role)


def a_case(programme, page, place=0):
    go(page, f"{programme.url}/case?episode={programme.cases().episode_id[place]}")
    expect(summary(page)).to_be_visible()
    eventually(lambda: chart_height(page) > 300)


def test_signing_in(programme, visitor):
    page = visitor(locale="en-GB", bypass_csp=True).new_page()
    page.goto(programme.url)
    expect(page.locator("input[type=password]")).to_be_visible()
    assert violations(page) == []


def test_the_review_list(programme, tab):
    page = tab("psychiatrist")
    go(page, f"{programme.url}/review-list?tier=5")
    eventually(lambda: list_shown(page))
    assert violations(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.locator("tr.whole")).to_be_visible()
    assert violations(page) == []
    at_rest(page)
    button(page, "What the tiers mean").click()
    expect(page.get_by_text("Nothing is due today.")).to_be_visible()
    assert violations(page) == []


def test_the_case_with_its_form(programme, tab):
    page = tab("psychiatrist")
    a_case(programme, page)
    add_line(page, "Medication")
    add_line(page, "Other")
    at_rest(page)
    button(page, "Preview and sign").click()
    expect(page.get_by_text("Write a summary.")).to_be_visible()
    assert violations(page) == []


def test_presenting_with_a_field_that_is_withheld_and_the_question_before_it_ends(
    programme, own_tab
):
    page = own_tab("psychiatrist")
    a_case(programme, page)
    name = programme.case(int(programme.cases().episode_id[0])).identity.family_name
    summary(page).fill(f"{name} va mieux")
    page.wait_for_timeout(2500)
    page.keyboard.press("Alt+p")
    expect(page.get_by_text("Presenting: names are hidden")).to_be_visible()
    summary(page).blur()
    expect(summary(page)).to_have_attribute("readonly", "")
    assert violations(page) == []
    page.keyboard.press("Alt+p")
    expect(button(page, "Show names")).to_be_visible()
    assert violations(page) == []


def test_the_letter_before_it_is_signed(programme, tab):
    page = tab("psychiatrist")
    a_case(programme, page, 2)
    summary(page).fill("No response.")
    add_line(page, "Other")
    page.get_by_role("textbox", name="What is to be done").fill("Sleep diary")
    next_review(page)
    leave_unanswered(page)
    preview(page)
    button(page, "Show the letter").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Page 1 of")).to_be_visible()
    expect(dialog.get_by_role("img", name="Page 1 of")).to_be_visible()
    at_rest(page)
    dialog.get_by_text("As plain text").click()
    expect(dialog.get_by_test_id("stCode")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    sign_and_send(page)
    open_menu(page, "Letter", shows=page.get_by_test_id("stCode"))
    assert violations(page) == []


def leave_unanswered(page):
    """Leave the nurse's question unanswered, where one was asked about the patient."""
    if button(page, "Leave unanswered").count():
        at_rest(page)
        button(page, "Leave unanswered").click()
        expect(button(page, "Leave unanswered")).to_have_count(0)


def test_the_letter_and_another_answer_in_the_inbox(programme, tab):
    page = tab("nurse")
    go(page, f"{programme.url}/inbox")
    open_line(page, re.compile(r"GP · "))
    open_menu(page, "Letter", shows=page.get_by_test_id("stPopoverBody"))
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)
    open_menu(page, "Answer on their behalf", shows=page.get_by_test_id("stPopoverBody"))
    assert violations(page) == []


def test_the_quiet_menus_of_a_case_while_they_are_open(programme, tab):
    page = tab("psychiatrist")
    a_case(programme, page, 3)
    add_line(page, "Other")
    for name in ("1 · Other", "Discard the draft"):
        open_menu(page, name, shows=page.get_by_test_id("stPopoverBody"))
        assert violations(page) == [], name
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)


def a_letter_fails(programme):
    """Make a letter of the psychiatrist's first reviewed case fail."""
    patients = list(map(int, programme.cases().patient_id))
    with programme.database.owner().begin() as connection:
        connection.execute(
            text("""
                UPDATE review.delivery
                SET state = 'failed', transport = NULL, sent_at = NULL,
                    error = 'The registry has no secure address for this recipient.'
                WHERE id = (SELECT d.id FROM review.delivery d
                            JOIN review.case_review r ON r.id = d.case_review_id
                            WHERE d.patient_id = ANY (:patients) AND d.channel = 'mail'
                            ORDER BY r.signed_at DESC LIMIT 1)
            """),
            {"patients": patients},
        )


def test_letters_that_were_not_delivered_and_how_their_readers_were_told(programme, tab):
    a_letter_fails(programme)
    page = tab("psychiatrist")
    go(page, f"{programme.url}/follow-up")
    expect(page.get_by_text("not delivered", exact=False).first).to_be_visible()
    open_menu(page, "Told by other means", shows=page.get_by_test_id("stPopoverBody"))
    assert violations(page) == []


def test_the_figures_of_the_own_caseload(programme, tab):
    page = tab("nurse")
    go(page, f"{programme.url}/figures?months=12")
    expect(page.get_by_text("Only your own patients", exact=False)).to_be_visible()
    settled(page)
    assert violations(page) == []


def test_the_parts_of_a_case(programme, tab):
    page = tab("nurse")
    go(page, f"{programme.url}/case?episode={programme.cases('nurse').episode_id[0]}")
    for part in ("Items", "Treatments", "Contacts", "Conditions and care", "All facts"):
        tab = page.get_by_role("tab", name=part)
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")
        at_rest(page)
        assert violations(page) == [], part


def test_the_preview_with_a_confirmation(programme, tab):
    page = tab("psychiatrist")
    a_case(programme, page, 1)
    summary(page).fill("No response.")
    add_line(page, "Medication")
    choose(page, "What to do", "continue")
    choose_drug(page, "sertral", "sertraline")
    page.get_by_role("textbox", name="mg a day").fill("400")
    next_review(page)
    leave_unanswered(page)
    preview(page)
    # The pointer rests where the button was, and something there may have a tooltip.
    page.mouse.move(1, 1)
    expect(page.get_by_role("tooltip")).to_have_count(0)
    assert violations(page) == []


def test_the_inbox_with_a_reason_to_give(programme, tab):
    page = tab("gp")
    go(page, f"{programme.url}/inbox")
    open_line(page, re.compile(r"GP · "))
    choose_answer(page, "declined")
    button(page, "Send the answer").click()
    expect(page.get_by_text("Say why.")).to_be_visible()
    assert violations(page) == []


def test_cover_with_something_to_warn_of(programme, tab):
    page = tab("psychiatrist")
    go(page, f"{programme.url}/cover")
    at_rest(page)
    page.get_by_role("combobox", name="To").click()
    expect(page.get_by_role("option").first).to_be_visible()
    at_rest(page)
    page.get_by_role("option").first.click()
    expect(page.get_by_text("no account yet, and cannot see")).to_be_visible()
    assert violations(page) == []


def test_preparing_with_somebody_taken_off_and_a_reason_to_give(programme, tab):
    wish_to_discuss_all(programme)
    page = tab("nurse")
    go(page, f"{programme.url}/prepare")
    stable = button(page, "Stable, nothing to decide")
    open_menu(page, "Take off the agenda", shows=stable)
    stable.click()
    expect(page.get_by_role("heading", name="Taken off")).to_be_visible()
    open_menu(page, "Take off the agenda", shows=button(page, "Take off"))
    button(page, "Take off").click()
    expect(page.get_by_text("Say why.")).to_be_visible()
    assert violations(page) == []


def wish_to_discuss_all(programme):
    """Put every patient of the nurse on the agenda, due or not."""
    with acting_as(programme.ids["nurse"]) as connection:
        for case in caseload_to_prepare(connection, today()):
            save_preparation(connection, case.episode_id, wants_discussion=True)


def test_a_meeting_from_its_agenda_to_the_to_do_list(programme, own_tab):
    wish_to_discuss_all(programme)
    nurse = own_tab("nurse")
    go(nurse, f"{programme.url}/meeting")
    expect(button(nurse, "Start the meeting")).to_be_visible()
    assert violations(nurse) == [], "agenda"
    at_rest(nurse)
    button(nurse, "Start the meeting").click()
    expect(nurse.get_by_text(re.compile(r"^1 / \d+$"))).to_be_visible()
    eventually(lambda: chart_height(nurse) > 300)
    assert violations(nurse) == [], "case"
    open_menu(nurse, "Defer", shows=button(nurse, "Defer it"))
    button(nurse, "Defer it").click()
    expect(nurse.get_by_text("Say why.")).to_be_visible()
    assert violations(nurse) == [], "deferral"
    nurse.get_by_role("textbox", name="Why it is put off").fill("Blood test awaited")
    at_rest(nurse)
    button(nurse, "Defer it").click()
    expect(button(nurse, "Take it up again")).to_be_visible()
    assert violations(nurse) == [], "decided"
    open_menu(nurse, "End the meeting", shows=button(nurse, "End it"))
    assert violations(nurse) == [], "end"
    at_rest(nurse)
    button(nurse, "End it").click()
    expect(nurse.get_by_role("heading", name="To do")).to_be_visible()
    settled(nurse)
    assert violations(nurse) == [], "summary"
    go(nurse, f"{programme.url}/inbox")
    # Those of the weeks before may have left something to do as well.
    expect(nurse.get_by_role("button", name="Meeting with").first).to_be_visible()
    assert violations(nurse) == [], "to-do list"


def test_how_the_sites_perform_from_the_overview_to_what_is_taken_away(programme, tab, visitor):
    """Follow the overview to a site, the forecast, a filter and the report; axe checks each.

    The server counts on its own. A colleague opens the address of the filter.
    """
    wait_until_counted(programme)
    page = tab("lead")
    go(page, f"{programme.url}/programme")
    expect(page.get_by_role("heading", name="Improved at 70 days")).to_be_visible()
    eventually(lambda: charts_drawn(page) == 2)
    assert violations(page) == [], "overview"
    choose_view(page, "Sites")
    expect(page.get_by_text("they are not ranked")).to_be_visible()
    eventually(lambda: charts_drawn(page) == 1)
    assert violations(page) == [], "sites"
    choose_view(page, "One site")
    expect(page.get_by_text("Caseload by tier")).to_be_visible()
    expect(page.get_by_text("By the rules of the review list")).to_be_visible()
    eventually(lambda: charts_drawn(page) == 1)
    assert violations(page) == [], "one site"
    choose_view(page, "Forecast and tariff")
    expect(page.get_by_text("Remains of")).to_be_visible()
    eventually(lambda: charts_drawn(page) == 2)
    assert violations(page) == [], "forecast"
    choose_view(page, "Overview")
    expect(page.get_by_role("heading", name="Improved at 70 days")).to_be_visible()
    choose(page, "Light and classic", "classic")
    page.wait_for_url("**kind=classique*")
    panel = page.get_by_test_id("stPopoverBody")
    open_menu(page, "Export", shows=panel.get_by_text("Each download is logged"))
    assert violations(page) == [], "taking away"
    with page.expect_download() as report:
        button(page, "Report (PDF)").click()
    assert Path(report.value.path()).read_bytes().startswith(b"%PDF")
    colleague = programme.sign_in_at_once(visitor(locale="en-GB"), "lead")
    colleague.goto(page.url)
    expect(colleague.get_by_role("combobox", name="Light and classic")).to_have_value("classic")


def wait_until_counted(programme):
    """Wait until the lead of the programme can see every site's counts, and its tiers."""

    def counted():
        with acting_as(programme.ids["lead"]) as connection:
            nurses = connection.exec_driver_sql(
                "SELECT count(counted_at) FROM review.nurse_counted"
            ).scalar_one()
            return nurses and freshness(connection).waiting == 0

    eventually(counted, seconds=60)


def choose_view(page, name):
    views = page.get_by_test_id("stButtonGroup").first
    at_rest(page)
    views.get_by_text(name, exact=True).click()
    expect(views.get_by_role("radio", name=name, exact=True)).to_be_checked()
    settled(page)


def charts_drawn(page):
    return page.get_by_test_id("stVegaLiteChart").locator("canvas, svg").count()


def test_a_case_that_is_not_yours(programme, tab):
    page = tab("psychiatrist")
    go(page, f"{programme.url}/case?episode=1")
    expect(page.get_by_text("it is not one of yours")).to_be_visible()
    assert violations(page) == []


def test_the_review_is_done_by_keyboard_alone(programme, visitor):
    """Sign in, choose the sixth row, which has no draft yet, write and sign, without a mouse."""
    page = visitor(locale="en-GB").new_page()
    page.goto(programme.url)
    expect(page.locator("input[type=password]")).to_be_visible()
    reach(page, "Username")
    page.keyboard.type(programme.usernames["psychiatrist"])
    reach(page, "Password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")

    expect(rows_shown(page).first).to_be_visible()
    for _row in range(6):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    episode = programme.cases().episode_id[5]
    page.wait_for_url(f"**/case?episode={episode}")
    expect(summary(page)).to_be_visible()
    at_rest(page)

    reach(page, "Summary")
    page.keyboard.type("Partial response.")
    reach(page, "Add a recommendation")
    page.keyboard.press("Enter")
    expect(button(page, "Other")).to_be_visible()
    at_rest(page)
    reach(page, "Other")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="What is to be done")).to_be_focused()
    at_rest(page)
    page.keyboard.type("Sleep diary")
    reach(page, "by the need")
    for _week in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.get_by_role("radio", name="4 wk")).to_be_checked()
    at_rest(page)
    reach(page, "Preview and sign")
    page.keyboard.press("Enter")
    expect(button(page, "Sign and send")).to_be_enabled()
    at_rest(page)
    reach(page, "Sign and send")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Signed and sent on")).to_be_visible()
    signed = programme.case(episode).reviews[-1]
    assert signed.summary == "Partial response."
    # On the weekday of the pair's meetings, and within the four weeks.
    assert timedelta(weeks=3) < signed.next_review_on - today() <= timedelta(weeks=4)


def reach(page, name, most=80):
    """Press Tab until the element of this name or kind has the focus."""
    for _press in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED).startswith((name, f"{name} ")):
            return
    raise AssertionError(f"Tab does not reach {name!r}")


FOCUSED = """() => {
  let one = document.activeElement
  while (one.shadowRoot && one.shadowRoot.activeElement) one = one.shadowRoot.activeElement
  if (one.tagName === 'CANVAS') return 'canvas'
  const label = one.labels && one.labels[0] && one.labels[0].innerText
  const icons = [...one.querySelectorAll('[data-testid=stIconMaterial]')]
  const text = icons.reduce((left, icon) => left.replace(icon.innerText, ''), one.innerText || '')
  return (one.getAttribute('aria-label') || label || text).trim()
}"""
