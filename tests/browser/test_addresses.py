"""Addresses: whatever is clicked on whichever page, nothing of a patient enters one.

Every page is opened by the role that finds most on it, and everything is clicked: tabs, menus,
buttons, headings and their anchors. An address stays in the browser's history and in the logs of
proxies.
"""

from datetime import date
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Page

from dashboard.calendar import today
from dashboard.database.schema import registry as tables
from dashboard.database.schema import review as own_tables
from dashboard.web.shell.navigation import TABLE
from tests.browser.identities import Patient, found_in
from tests.browser.served_site import go, opened, settled
from tests.support.factories import at

pytestmark = pytest.mark.thorough

WHO = Patient("Zwingelstein", "Ottilie", date(1983, 5, 2), "0612345678", "283057801234567")

NOT_CLICKED = ("Sign out", "Alt + P")
"""They end the visit, or hide the names that are looked for."""

MOST_CLICKS = 90
"""More than any page has to be clicked; a page that grows without end fails."""

_CLICK_NEXT = """([known, left_out]) => {
  const name = (one) => [one.tagName, one.id, one.getAttribute("href") || "",
    (one.ariaLabel || one.textContent || "").trim().slice(0, 80)].join(" ")
  const kinds = "button, summary, [role=tab], a[href^='#'], h1, h2, h3, h4, h5, h6"
  for (const one of document.querySelectorAll(kinds)) {
    if (known.includes(name(one)) || left_out.some((text) => name(one).includes(text))) continue
    const told = name(one)
    one.click()
    return told
  }
  return null
}"""

_LINKS = "() => [...document.querySelectorAll('a[href]')].map((one) => one.href)"


@pytest.fixture(scope="module")
def served(registry, open_tabs, tmp_path_factory):
    away = {"CASE_REVIEW_BACKGROUND_DELIVERY": "false"}
    yield from opened(registry, open_tabs, tmp_path_factory.mktemp("ward"), **away)


@pytest.fixture(scope="module")
def case(served):
    """Return a patient with a review, its advice, a question and a score."""
    database, team = served.database, served.team
    served.lead = database.practitioner("lead")
    served.run(
        "INSERT INTO review.account (practitioner_id, username, password_hash)"
        " VALUES (:lead, 'lead', 'none')",
        lead=served.lead,
    )
    case = served.case(WHO.family_name)
    served.run(
        "UPDATE registry.patient SET given_name = :given, birth_date = :born, phone = :phone,"
        " ins = :ins WHERE id = :patient",
        given=WHO.given_name,
        born=WHO.birth_date,
        phone=WHO.phone,
        ins=WHO.ins,
        patient=case.patient,
    )
    database.assessment(case.patient, "phq9", today(), 18)
    signed = database.case_review(case, at(today(), 0, 1), summary="Partial response")
    for position, owner in enumerate(("nurse", "gp"), start=1):
        database.recommendation(
            case, signed, position=position, detail="Sleep diary", owner_role=owner
        )
    database.add(
        own_tables.preparation,
        patient_id=case.patient,
        episode_id=case.episode,
        nurse_id=team.nurse,
        question="Increase?",
        asked_at=at(today(), 0, 2),
        ready_at=at(today(), 0, 2),
    )
    database.add(
        tables.contact,
        patient_id=case.patient,
        practitioner_id=team.nurse,
        happened_at=at(today(), 0, 1),
        kind="phone",
        attended=True,
    )
    return case


@pytest.fixture
def ward(served, case, visitor):
    served.visitor = visitor
    return served


def pages_of(role: str) -> list[str]:
    """Return the addresses that this role is to open.

    Those of the nurse are the ones that differ from the psychiatrist's; the GP has no other.
    """
    pages = [entry.address for entry in TABLE if role in entry.roles]
    elsewhere = {
        "psychiatrist": (),
        "nurse": ("review-list", "follow-up", "cover", "emergency", "account", "help"),
        "lead": ("account", "help"),
    }[role]
    return [address for address in pages if address not in elsewhere]


def test_every_page_is_opened():
    opened = {address for role in ("psychiatrist", "nurse", "lead") for address in pages_of(role)}
    assert opened == {entry.address for entry in TABLE}


@pytest.mark.parametrize("role", ["psychiatrist", "nurse", "lead"])
def test_nothing_that_is_clicked_puts_a_patient_into_the_address(ward, case, role):
    page = ward.tab(ward.lead if role == "lead" else getattr(ward.team, role))
    been: list[str] = []
    page.on("framenavigated", lambda frame: been.append(unquote(frame.url)))
    for address in pages_of(role):
        named = f"?episode={case.episode}" if address in ("case", "prepare") else ""
        been += click_everything(page, f"{ward.url}/{address}{named}")
    assert found_in("\n".join(been), (WHO,)) == set()
    # The anchor of a heading would be its text; the one left leads past the menu.
    assert {urlsplit(one).fragment for one in been} == {"", "stMain"}


def click_everything(page: Page, url: str) -> list[str]:
    """Click everything on the page at this address; return the addresses of all its links."""
    go(page, url)
    clicked: list[str] = []
    links: list[str] = []
    while (told := page.evaluate(_CLICK_NEXT, [clicked, NOT_CLICKED])) is not None:
        clicked.append(told)
        assert len(clicked) <= MOST_CLICKS, clicked
        settled(page)
        page.wait_for_load_state()
        links += map(unquote, page.evaluate(_LINKS))
        if page.url.partition("?")[0].partition("#")[0] != url.partition("?")[0]:
            go(page, url)
    return links
