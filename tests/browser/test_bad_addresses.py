"""Addresses that name nothing, and names that look like something else: shown as they are."""

from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from dashboard.calendar import today
from dashboard.database.schema import registry as tables
from dashboard.database.schema import review
from tests.browser.open_tabs import at_rest
from tests.browser.programme import eventually, list_shown
from tests.browser.served_site import go, open_line, settled, summary
from tests.support.factories import at

pytestmark = pytest.mark.thorough

SENTENCE = "This case does not exist, or it is not one of yours."

NAME = "**<b>*:smile:*</b>$x$ [a](http://x)"
"""Markdown, HTML, Streamlit and KaTeX would each make something else of it."""


@pytest.fixture(scope="module")
def case(shared):
    """Return a patient whose name is in every text too."""
    database, nurse = shared.database, shared.team.nurse
    case = shared.case(family_name=NAME)
    signed = database.case_review(case, at(today(), 0, 1), summary=f"Summary {NAME}")
    database.recommendation(case, signed, detail=f"Detail {NAME}")
    database.add(
        tables.contact,
        patient_id=case.patient,
        practitioner_id=nurse,
        happened_at=at(today(), 0, 1),
        kind="phone",
        attended=True,
        note=f"Note {NAME}",
    )
    database.add(
        review.preparation,
        patient_id=case.patient,
        episode_id=case.episode,
        nurse_id=nurse,
        question=f"Question {NAME}",
        ready_at=at(today(), 0, 2),
    )
    return case


@pytest.fixture
def ward(shared, case, visitor):
    shared.visitor = visitor
    return shared


@pytest.fixture
def dialogs():
    """Return the list of the dialogs that a page has opened."""
    return []


@pytest.fixture
def page(ward, dialogs):
    def listen(dialog):
        dialogs.append(dialog.message)
        dialog.dismiss()

    page = ward.open_tab()
    page.on("dialog", listen)
    yield page
    page.remove_listener("dialog", listen)


def said(page):
    """Return the text of the page, without invisible characters."""
    expect(page.locator(".st-key-person_menu")).to_be_visible()
    settled(page)
    return page.get_by_test_id("stMain").inner_text().replace("\u2060", "")


def test_an_address_that_names_no_case_of_yours_is_always_the_same_page(ward, page, dialogs):
    foreign = ward.database.team().case(today(), family_name="Fremd")
    pages = set()
    for named in (
        *(foreign.episode, 10**9, 10**18, "9" * 400, -1, "abc", ""),
        *("1' OR '1'='1", "1; DROP TABLE registry.patient", "<script>alert(1)</script>"),
    ):
        go(page, f"{ward.url}/case?episode={quote(str(named))}")
        expect(page.get_by_text(SENTENCE)).to_be_visible()
        pages.add(said(page))
    [shown] = pages
    assert not [word for word in ("Fremd", "Traceback", "Error", "SQL") if word in shown]
    assert dialogs == []


@pytest.mark.parametrize("filters", ["tier=<script>alert(1)</script>&tier=9", "nurse=-1&site=x"])
def test_filters_that_name_nothing_are_none(ward, page, dialogs, filters):
    go(page, f"{ward.url}/review-list?{quote(filters, safe='=&')}")
    expect(page.get_by_text("1 patient", exact=True)).to_be_visible()
    eventually(lambda: list_shown(page))
    assert dialogs == []


def test_on_the_list_a_name_is_as_it_was_typed(ward, page):
    go(page, f"{ward.url}/review-list")
    eventually(lambda: list_shown(page))
    assert [row["Patient"] for row in list_shown(page)] == [f"{NAME} Camille"]


def test_in_the_case_every_text_is_as_it_was_typed(ward, page, case):
    go(page, f"{ward.url}/case?episode={case.episode}")
    expect(summary(page)).to_be_visible()
    shown = said(page)
    assert f"{NAME} Camille · 43 years" in shown
    for text in ("Question", "Summary", "Detail"):
        assert f"{text} {NAME}" in shown
    nothing_else_was_made_of_it(page)
    at_rest(page)
    page.get_by_role("tab", name="Contacts").click()
    note = page.get_by_test_id("stTable").locator("td", has_text="Note")
    expect(note).to_have_count(1)
    assert note.inner_text().replace("\u2060", "") == f"Note {NAME}"


def test_in_the_inbox_every_text_is_as_it_was_typed(ward):
    page = ward.open_tab(ward.team.nurse)
    go(page, f"{ward.url}/inbox")
    open_line(page)
    expect(page.get_by_role("button", name="Open the case")).to_be_visible()
    shown = said(page)
    assert f"{NAME} Camille · 43 years" in shown
    for text in ("Summary", "Detail"):
        assert f"{text} {NAME}" in shown
    nothing_else_was_made_of_it(page)


def nothing_else_was_made_of_it(page):
    made = page.get_by_test_id("stMain").locator("a[href*='//x'], b, .katex, em")
    expect(made).to_have_count(0)
