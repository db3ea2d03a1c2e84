"""The letter in a real browser: seen before signing, downloaded and copied afterwards."""

import io

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.browser.open_tabs import at_rest, choose_in_menu
from tests.browser.programme import eventually
from tests.browser.served_site import (
    button,
    go,
    open_line,
    open_menu,
    preview,
    settled,
    sign_and_send,
    write,
)

pytestmark = pytest.mark.thorough

SUMMARY = "Partial response; #let x = 1 *not bold* <b>"


@pytest.fixture
def ward(shared, visitor):
    shared.visitor = visitor
    shared.run("UPDATE registry.episode SET status = 'closed', closed_on = enrolled_on")
    return shared


@pytest.fixture
def case(ward):
    return ward.case()


def letters(ward, case):
    return ward.ask(
        "SELECT recipient_id, language, pdf, plain_text FROM review.letter"
        " WHERE patient_id = :patient ORDER BY recipient_id",
        patient=case.patient,
    )


def sign_review(ward, case):
    page = ward.open(case)
    write(page, SUMMARY)
    preview(page)
    sign_and_send(page)
    return page


def test_the_letter_is_seen_in_both_languages_before_it_is_signed(ward, case):
    page = ward.open(case)
    write(page, SUMMARY)
    preview(page)
    button(page, "Show the letter").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Page 1 of")).to_be_visible()
    eventually(lambda: width(dialog.get_by_role("img", name="Page 1 of")) > 600)
    at_rest(page)
    dialog.get_by_text("As plain text").click()
    expect(dialog.get_by_text("Prochaine revue", exact=False)).to_be_visible()
    at_rest(page)
    dialog.get_by_text("English", exact=True).click()
    expect(dialog.get_by_text("which is another", exact=False)).to_be_visible()
    at_rest(page)
    dialog.get_by_text("As plain text").click()
    expect(dialog.get_by_text("Next review on", exact=False)).to_be_visible()
    assert letters(ward, case) == []


def width(picture):
    """Return the width of a picture in pixels; 0 as long as it is not drawn."""
    box = picture.bounding_box()
    return box["width"] if box else 0


def test_it_can_be_signed_after_the_letter_was_looked_at(ward, case):
    page = ward.open(case)
    write(page, SUMMARY)
    preview(page)
    button(page, "Show the letter").click()
    expect(page.get_by_role("dialog").get_by_text("Page 1 of")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    sign_and_send(page)
    assert len(letters(ward, case)) == 2


def test_what_is_downloaded_is_what_is_stored(ward, case):
    sign_review(ward, case)
    page = ward.open_tab(ward.team.gp)
    go(page, f"{ward.url}/inbox")
    open_line(page)
    letter = page.get_by_test_id("stPopoverBody")
    open_menu(page, "Letter", shows=letter.get_by_text("ZWINGELSTEIN Camille"))
    with page.expect_download() as download:
        button(page, "Download the PDF").click()
    stored = {row[0]: bytes(row[2]) for row in letters(ward, case)}
    content = download.value.path().read_bytes()
    assert content == stored[ward.team.gp]
    assert SUMMARY in PdfReader(io.BytesIO(content)).pages[0].extract_text()
    name = download.value.suggested_filename
    assert name.startswith(f"avis-{case.episode}-")
    assert "wingelstein" not in name.lower()


def test_the_plain_text_is_copied_with_one_click(ward, case):
    sign_review(ward, case)
    context = ward.visitor(locale="en-GB")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = ward.tab(ward.team.nurse, context)
    page.goto(f"{ward.url}/inbox")
    open_line(page)
    text = page.get_by_test_id("stCode")
    open_menu(page, "Letter", shows=text)
    text.hover()
    page.get_by_role("button", name="Copy").click()
    stored = {row[0]: row[3] for row in letters(ward, case)}[ward.team.nurse].strip()
    eventually(lambda: page.evaluate("navigator.clipboard.readText()") == stored)


def test_who_chooses_english_gets_letters_in_english(ward, case):
    page = ward.tab(ward.team.gp, ward.visitor(locale="fr-FR"))
    page.goto(f"{ward.url}/inbox")
    choose_in_menu(page, "English")
    expect(page).to_have_title("Inbox")
    settled(page)
    sign_review(ward, case)
    languages = {row[0]: row[1] for row in letters(ward, case)}
    assert languages == {ward.team.gp: "en", ward.team.nurse: "fr"}
