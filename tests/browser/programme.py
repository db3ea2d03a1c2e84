"""A realistic registry, served, and how the people of its programme go about the pages."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
from playwright.sync_api import BrowserContext, Locator, Page, expect

from dashboard.calendar import today
from dashboard.clinical.case.case_file import CaseFile
from dashboard.database import acting_as, administering, serving
from dashboard.demo.accounts import demonstration_accounts
from dashboard.demo.fill import fill
from dashboard.queries.case.case_file import open_case
from dashboard.queries.caseload.review_list import review_list
from dashboard.web.auth import sessions
from dashboard.web.auth.accounts import add_account
from tests.browser.conftest import Server
from tests.browser.open_tabs import OpenTabs, at_rest, choose_in_menu, settled
from tests.support.factories import Database

PASSWORD = "correct horse battery"  # noqa: S105
PATIENTS, CASELOAD, SEED = 300, 40, 1

PICTURES = Path("var/screenshots")
PICTURES_WANTED = "PICTURES" in os.environ


@dataclass(frozen=True)
class Programme:
    """Its people by role: their ids and usernames. They share patients."""

    url: str
    database: Database
    ids: dict[str, int]
    usernames: dict[str, str]
    tabs: OpenTabs

    def cases(self, role: str = "psychiatrist") -> pd.DataFrame:
        """Return the review list of this person, in order."""
        with acting_as(self.ids[role]) as connection:
            return review_list(connection, as_of=today())

    def case(self, episode_id: int) -> CaseFile:
        """Return the case of this episode as the psychiatrist sees it."""
        with acting_as(self.ids["psychiatrist"]) as connection:
            case = open_case(connection, episode_id, as_of=today())
        assert case is not None
        return case

    def sign_in_at_once(self, context: BrowserContext, role: str) -> Page:
        """Return a new tab in which this person is signed in already."""
        context.add_cookies([self._cookie(role)])
        return context.new_page()

    def open_tab(self, role: str, **options: object) -> Page:
        """Return the open tab of this person, clean and at rest."""
        return self.tabs.tab(self.url, self.ids[role], lambda: self._cookie(role), **options)

    def _cookie(self, role: str) -> dict[str, str]:
        with serving() as connection:
            ticket = sessions.begin(connection, self.ids[role], "192.0.2.1")
            token = sessions.redeem(connection, ticket)
        assert token is not None
        return {"name": sessions.PLAIN_COOKIE, "value": token, "url": self.url}


def served(
    registry: Database,
    live_server: Callable[[str], Server],
    tabs: OpenTabs,
    patients: int = PATIENTS,
    caseload: int = CASELOAD,
) -> Programme:
    """Fill the registry as of today, give accounts to a team and a lead, and serve it."""
    with administering(registry.owner_url) as connection:
        fill(connection, patients=patients, seed=SEED, as_of=today(), caseload=caseload)
        people = demonstration_accounts(connection)
        for person in people:
            add_account(connection, person.practitioner_id, person.username, PASSWORD)
    return Programme(
        url=live_server(registry.app_url).url,
        database=registry,
        ids={person.role: person.practitioner_id for person in people},
        usernames={person.role: person.username for person in people},
        tabs=tabs,
    )


# The review list.


def rows_shown(page: Page) -> Locator:
    """Return the rows of the list."""
    return page.locator("tr[data-id]")


def list_shown(page: Page) -> list[dict[str, str]]:
    """Return the texts of the rows that the list shows, by column, as a screen reader gets them."""
    return rows_shown(page).evaluate_all(
        """rows => rows.map(row => {
          const text = of => row.querySelector(of)?.textContent ?? ""
          return {
            "#": text(".rank"), "Patient": text(".name"), "Under": text(".patient .under"),
            "Tier": text(".tier"), "Why": text(".why"),
          }
        })"""
    )


def choose_row(page: Page, row: int) -> None:
    """Click a row anywhere; 0 is the first."""
    at_rest(page)
    rows_shown(page).nth(row).locator(".why").click()


def tier(page: Page, number: int) -> Locator:
    """Return the button of a tier, with its count."""
    return page.get_by_test_id("stButtonGroup").get_by_role("button").nth(number)


# The case.


def chart_height(page: Page) -> float:
    """Return the height of the drawn chart in pixels; 0 as long as there is none."""
    drawing = page.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first
    box = drawing.bounding_box() if drawing.count() else None
    return box["height"] if box else 0


def choose_day(page: Page, label: str, day: date) -> None:
    """Type a day into the last field of this name, part by part.

    The field's calendar opens at the click and would cover what stands beside it: it is closed.
    """
    at_rest(page)
    page.get_by_role("spinbutton", name=f"day, {label}").last.click()
    page.keyboard.type(f"{day:%d%m%Y}")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("grid")).to_have_count(0)
    settled(page)


# Anything.


def sign_out(page: Page) -> None:
    choose_in_menu(page, "Sign out")
    expect(page.locator("input[type=password]")).to_be_visible()


def eventually(reached: Callable[[], object], seconds: float = 45) -> None:
    """Wait until this is so."""
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, f"not so after {seconds} s"
        time.sleep(0.1)


def picture(page: Page, name: str) -> None:
    """Save pictures of the page in both themes for people to look at, with ``make pictures``."""
    if not PICTURES_WANTED:
        return
    PICTURES.mkdir(parents=True, exist_ok=True)
    for theme in themes(page):
        page.screenshot(path=PICTURES / f"{name}_{theme}.png")


def themes(page: Page) -> Iterator[str]:
    """Yield each theme, dark then light, once the page is drawn in it and at rest."""
    for theme in ("dark", "light"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        if page.get_by_test_id("stApp").count():
            page.wait_for_function(_DRAWN_IN, arg=theme)
            settled(page)
        page.wait_for_timeout(300)
        yield theme


_DRAWN_IN = """theme => getComputedStyle(
  document.querySelector("[data-testid=stApp]")).colorScheme === theme"""
