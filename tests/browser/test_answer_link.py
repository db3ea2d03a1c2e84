"""The loop for a GP without an account: signed, mailed, answered on a phone, seen."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import free_port
from tests.browser.open_tabs import at_rest
from tests.browser.programme import picture
from tests.browser.served_site import button, choose, opened, preview, settled, sign_and_send, write
from tests.support.mail_server import PostOffice

pytestmark = pytest.mark.thorough

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


@pytest.fixture(scope="module")
def post_office():
    office = PostOffice(free_port())
    office.open()
    yield office
    office.close()


@pytest.fixture(scope="module")
def served(registry, open_tabs, post_office, tmp_path_factory):
    yield from opened(
        registry,
        open_tabs,
        tmp_path_factory.mktemp("ward"),
        CASE_REVIEW_PUBLIC_URL="{url}",
        CASE_REVIEW_LINK_KEY="k" * 40,
        CASE_REVIEW_MAIL_HOST="127.0.0.1",
        CASE_REVIEW_MAIL_PORT=str(post_office.port),
        CASE_REVIEW_MAIL_TLS="none",
        CASE_REVIEW_MAIL_FROM="avis@sesame.example",
    )


@pytest.fixture
def ward(served, visitor):
    served.visitor = visitor
    served.run("DELETE FROM review.account WHERE username = 'petit'")
    for role in ("gp", "nurse"):
        served.run(
            f"UPDATE registry.practitioner SET secure_email = '{role}@mssante.example'"
            f" WHERE role = '{role}'"
        )
    return served


def mail_with(post_office, header, value):
    """Return the mail with this text in its header, once it has come."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for message in post_office.messages:
            if value in str(message[header]):
                return message
        time.sleep(0.2)
    pytest.fail(f"no mail with {header}: {value}")


def link_in(ward, mail):
    text = mail.get_body(("plain",)).get_content()
    return re.search(rf"{re.escape(ward.url)}/answer/\S+", text.replace("=\n", ""))[0]


def reminder_of(page, review_id):
    """Return the button that reminds the GP of this review."""
    return page.locator(f".st-key-follow_up-{review_id}").get_by_role("button", name="Remind Dr Gp")


def reading(visitor, link):
    """Return the findings of axe on a telephone, which here runs scripts because axe is one."""
    page = visitor(**PHONE, bypass_csp=True).new_page()
    page.goto(link)
    wrong = violations(page)
    page.get_by_text("déclinée", exact=True).tap()
    page.get_by_role("button", name="Envoyer les réponses").tap()
    expect(page.get_by_role("alert")).to_be_visible()
    wrong += violations(page)
    page.goto(f"{link}x")
    return wrong + violations(page)


def test_signed_mailed_answered_on_a_phone_and_seen_by_the_psychiatrist(ward, post_office, visitor):
    case = ward.case()
    page = ward.open(case)
    write(page, "Zwingelstein Camille: partial response.")
    choose(page, "Who does it", "GP")
    settled(page)
    preview(page)
    button(page, "Sign and send").click()
    expect(page.get_by_text("Signed and sent on")).to_be_visible()

    link = link_in(ward, mail_with(post_office, "To", "gp@mssante.example"))

    # Without scripts, as the strictest telephone.
    phone = visitor(**PHONE, java_script_enabled=False).new_page()
    phone.goto(link)
    expect(phone.get_by_role("heading", name="Sleep diary")).to_be_visible()
    assert reading(visitor, link) == []
    assert "wingelstein" not in phone.content().casefold()
    picture(phone, "answer_link_1_form")
    phone.get_by_text("faite", exact=True).tap()
    phone.get_by_role("button", name="Envoyer les réponses").tap()
    expect(phone.get_by_role("heading", name="Merci")).to_be_visible()
    picture(phone, "answer_link_2_thanks")
    phone.goto(link)
    expect(phone.get_by_text("a déjà servi")).to_be_visible()
    expect(phone.get_by_text("Sleep diary")).to_have_count(0)

    ward.open(case, page)
    expect(page.get_by_text("· done · Gp Claude")).to_be_visible()
    expect(page.get_by_text("answered on").first).to_be_visible()
    page.goto(f"{ward.url}/follow-up")
    expect(page.get_by_role("button", name="done · 1")).to_be_visible()
    at_rest(page)
    page.get_by_role("button", name="done · 1").click()
    expect(page.get_by_text("· done · Gp Claude")).to_be_visible()
    expect(page.get_by_role("button", name="Remind Dr Gp")).to_have_count(0)


@pytest.mark.thorough
def test_a_reminder_comes_in_the_thread_of_the_letter_with_its_link_and_once_a_week(
    ward, post_office
):
    case = ward.case("Quillfeather")
    page = ward.open(case)
    write(page, "No response.")
    choose(page, "Who does it", "GP")
    settled(page)
    preview(page)
    sign_and_send(page)
    [signed] = ward.ask(
        "SELECT id FROM review.case_review WHERE episode_id = :episode", episode=case.episode
    )
    ids = {
        row[0]: row[1]
        for row in ward.ask(
            "SELECT recipient_id, message_id FROM review.delivery"
            " WHERE case_review_id = :review AND channel = 'mail'",
            review=signed[0],
        )
    }
    letter = mail_with(post_office, "Message-ID", ids[ward.team.gp])

    # Two pages that both still offer it: the second one is told why not.
    pages = [page, page.context.new_page()]
    for one in pages:
        one.goto(f"{ward.url}/follow-up")
        expect(reminder_of(one, signed[0])).to_be_visible()
        at_rest(one)
    reminder_of(pages[0], signed[0]).click()
    expect(pages[0].get_by_text("The reminder is on its way.")).to_be_visible()
    reminder = mail_with(post_office, "In-Reply-To", ids[ward.team.gp])
    reminder_of(pages[1], signed[0]).click()
    expect(
        pages[1].get_by_text("Already reminded: the next reminder is possible on")
    ).to_be_visible()

    assert reminder["Message-ID"] != letter["Message-ID"]
    assert reminder["References"] == letter["Message-ID"]
    assert reminder["To"] == letter["To"]
    assert reminder["Subject"].endswith(letter["Subject"])
    assert link_in(ward, reminder) == link_in(ward, letter)
    sent = [one for one in post_office.messages if one["In-Reply-To"] == letter["Message-ID"]]
    assert len(sent) == 1
    assert "uillfeather" not in f"{reminder['Subject']}{reminder['Message-ID']}".casefold()
