"""A served registry in which a psychiatrist writes reviews: what several test modules need."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Locator, Page, expect
from sqlalchemy import text

from dashboard.calendar import today
from dashboard.database import administering, connect_to, serving
from dashboard.database.operations.embedded import address_of
from dashboard.web.auth import sessions
from dashboard.web.auth.accounts import add_account
from tests.browser import server_logs
from tests.browser.conftest import SECONDS_TO_START, SECONDS_TO_STOP, free_port, usual_port
from tests.browser.open_tabs import OpenTabs, at_rest, go, settled
from tests.support.factories import Case, Database, Team

PASSWORD = "correct horse battery"  # noqa: S105


WITHOUT_GATEWAY = {"CASE_REVIEW_MAIL_TRANSPORT": "folder"}


@dataclass
class Ward:
    """A team, its registry and a server that can die and come back at the same address."""

    database: Database
    tabs: OpenTabs | None
    """The tabs that stay open between tests; None where each test opens its own."""
    folder: Path
    team: Team
    visitor: Callable[..., BrowserContext] | None = None
    """Makes a new visitor of the site; each test has its own."""
    port: int = field(default_factory=usual_port)
    process: subprocess.Popen | None = None
    settings: dict[str, str] = field(default_factory=dict)
    """The server's settings besides its database."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        server_logs.watch(self.folder / "log")
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "dashboard", "serve", "--port", str(self.port)],
                cwd=self.folder,
                env=os.environ
                | {"CASE_REVIEW_DATABASE_URL": self.database.app_url, "PYTHONPATH": os.getcwd()}
                | ({} if "CASE_REVIEW_MAIL_HOST" in self.settings else WITHOUT_GATEWAY)
                | self.settings,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            with suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=5):  # noqa: S310
                return
            time.sleep(0.2)
        raise AssertionError((self.folder / "log").read_text())

    def kill(self) -> None:
        """Kill the server without a shutdown; open tabs are closed."""
        assert self.process is not None
        self.close_tabs()
        self.process.kill()
        self.process.wait(SECONDS_TO_STOP)

    def stop(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        self.process.wait(SECONDS_TO_STOP)

    def case(self, family_name: str = "Zwingelstein") -> Case:
        """Return a new patient of the team, three months in care."""
        return self.team.case(today() - timedelta(days=90), family_name)

    def tab(self, person: int | None = None, context: BrowserContext | None = None) -> Page:
        """Return a new tab in which a person is signed in, by default the psychiatrist."""
        assert self.visitor is not None
        context = context or self.visitor(locale="en-GB")
        context.add_cookies([self.cookie(person or self.team.psychiatrist)])
        return context.new_page()

    def open_tab(self, person: int | None = None, **options: object) -> Page:
        """Return the open tab of a person, by default the psychiatrist, clean and at rest."""
        assert self.tabs is not None
        person = person or self.team.psychiatrist
        return self.tabs.tab(self.url, person, lambda: self.cookie(person), **options)

    def usernames(self) -> dict[str, int]:
        """Return the practitioner of each account."""
        team = self.team
        return {"moreau": team.psychiatrist, "roux": team.nurse, "petit": team.gp}

    def begin_anew(self, tabs: OpenTabs) -> None:
        """Give the accounts to a new team without patients, for another module."""
        connect_to(self.database.app_url)
        self.tabs, self.team = tabs, self.database.team()
        for username, person in self.usernames().items():
            self.run(
                "UPDATE review.account SET practitioner_id = :person WHERE username = :username",
                person=person,
                username=username,
            )

    def close_tabs(self) -> None:
        """Close the open tabs, before something that every page would notice."""
        if self.tabs:
            self.tabs.close()

    def cookie(self, person: int) -> dict[str, str]:
        """Return the cookie of a new sign-in of this person."""
        return {"name": sessions.PLAIN_COOKIE, "value": self.token(person), "url": self.url}

    def token(self, person: int, awaits: str | None = None) -> str:
        """Return the token of a sign-in of this person, still waiting for ``awaits`` if given."""
        with serving() as connection:
            ticket = sessions.begin(connection, person, "192.0.2.1", awaits=awaits)
            token = sessions.redeem(connection, ticket)
        assert token is not None
        return token

    def open(self, case: Case, page: Page | None = None) -> Page:
        """Return the case page of this patient, with its form, by default in the open tab."""
        page = page or self.open_tab()
        go(page, f"{self.url}/case?episode={case.episode}")
        # After signing, the form is folded until another review is begun.
        folded = page.get_by_role("button", name="Write another review")
        expect(summary(page).or_(folded).first).to_be_visible()
        return page

    def ask(self, statement: str, **values: object) -> list:
        with self.database.owner().begin() as connection:
            return [tuple(row) for row in connection.execute(text(statement), values)]

    def run(self, statement: str, **values: object) -> None:
        with self.database.owner().begin() as connection:
            connection.execute(text(statement), values)

    def draft(self, case: Case, name: str = "summary") -> str | None:
        """Return a field of the draft as the database has it."""
        rows = self.ask(
            f"SELECT content->>'{name}' FROM review.draft WHERE episode_id = :episode",
            episode=case.episode,
        )
        return rows[0][0] if rows else None

    def wait_for_draft(
        self, case: Case, value: str, seconds: float = 30, name: str = "summary"
    ) -> float:
        """Return the seconds until the draft has this text; raise after ``seconds``."""
        begun = time.monotonic()
        while time.monotonic() - begun < seconds:
            if self.draft(case, name) == value:
                return time.monotonic() - begun
            time.sleep(0.05)
        raise AssertionError(f"after {seconds} s the draft says {self.draft(case, name)!r}")

    def reviews(self, case: Case) -> list[str]:
        """Return the summaries of the signed reviews."""
        rows = self.ask(
            "SELECT summary FROM review.case_review WHERE episode_id = :episode ORDER BY signed_at",
            episode=case.episode,
        )
        return [row[0] for row in rows]

    @contextmanager
    def database_away(self) -> Iterator[None]:
        """Refuse all connections to the database within the block; open tabs are closed."""
        self.close_tabs()
        name = urlsplit(self.database.owner_url).path.strip("/")
        owner_url = address_of(self.database.owner_url, database="postgres")
        with administering(owner_url) as owner:
            owner.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            owner.exec_driver_sql(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            )
        try:
            yield
        finally:
            with administering(owner_url) as owner:
                owner.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            self.database.close()


def opened(
    registry: Database, tabs: OpenTabs | None, folder: Path, **settings: str
) -> Iterator[Ward]:
    """Yield a ward that is served until its last test.

    ``{url}`` in a setting stands for its address.
    """
    ward = Ward(registry, tabs, folder, registry.team())
    with administering(registry.owner_url) as connection:
        for username, person in ward.usernames().items():
            add_account(connection, person, username, PASSWORD)
    ward.settings = {name: value.format(url=ward.url) for name, value in settings.items()}
    ward.start()
    yield ward
    ward.stop()


def beside(ward: Ward, folder: Path) -> Iterator[Ward]:
    """Yield another server of the same database, until its last test."""
    other = Ward(ward.database, None, folder, ward.team, port=free_port())
    other.start()
    yield other
    other.stop()


def summary(page: Page) -> Locator:
    """Return the form's first field."""
    return page.get_by_role("textbox", name="Summary")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def write(page: Page, case_summary: str, weeks: int = 4) -> None:
    """Write a review with one line of advice, ready to be signed."""
    summary(page).fill(case_summary)
    add_line(page, "Other")
    page.get_by_role("textbox", name="What is to be done").fill("Sleep diary")
    next_review(page, weeks)


def next_review(page: Page, weeks: int = 4) -> None:
    """Choose the number of weeks until the next review."""
    at_rest(page)
    page.get_by_text(f"{weeks} wk", exact=True).click()
    expect(page.get_by_role("radio", name=f"{weeks} wk")).to_be_checked()
    settled(page)


def add_line(page: Page, kind: str, menu: str = "Add a recommendation") -> None:
    """Add a line of advice of this kind; the menu then closes and can be opened again.

    The menu opens empty, and moves when its content has come.
    """
    open_menu(page, menu, shows=button(page, kind))
    button(page, kind).click()
    expect(button(page, kind)).to_be_hidden()
    at_rest(page)


def open_menu(page: Page, name: str, shows: Locator, place: int = 0) -> None:
    """Open the menu of this name, and wait until what it shows is at rest."""
    at_rest(page)
    button(page, name).nth(place).click()
    expect(shows).to_be_visible()
    at_rest(page)


def choose(page: Page, label: str, option: str) -> None:
    """Choose in a list, once no other field is about to take the focus and close the list."""
    at_rest(page)
    page.get_by_role("combobox", name=label).click()
    chosen = page.get_by_role("option", name=option, exact=True)
    expect(chosen).to_be_visible()
    at_rest(page)
    chosen.click()
    settled(page)


def choose_drug(page: Page, typed: str, drug: str) -> None:
    """Type the beginning of a drug in the last line, and choose the drug in the list."""
    page.get_by_role("combobox", name="Drug").fill(typed)
    chosen = page.get_by_role("option", name=drug, exact=True)
    expect(chosen).to_be_visible()
    at_rest(page)
    chosen.click()
    settled(page)


def preview(page: Page) -> None:
    """Go to the preview of a review that can be signed, and wait until it is at rest."""
    at_rest(page)
    button(page, "Preview and sign").click()
    expect(button(page, "Sign and send")).to_be_visible()
    at_rest(page)


def sign_and_send(page: Page) -> None:
    """Sign the review of the preview, and wait until the page says so."""
    at_rest(page)
    can_be_signed(page).click()
    expect(page.get_by_text("Signed and sent on")).to_be_visible()


def confirm_cautions(page: Page) -> None:
    """Tick the box of each caution in the preview; until the last, signing is disabled.

    When the page scrolls, the height of the form follows one frame later. A click in between
    misses the box.
    """
    label = re.compile("I have checked this and keep it|J’ai vérifié et je maintiens")
    sign = page.get_by_role("button", name=re.compile("Sign and send|Signer et envoyer"))
    boxes, labels = page.get_by_role("checkbox", name=label), page.get_by_text(label)
    expect(boxes.first).to_be_visible()
    for place in range(boxes.count()):
        expect(sign).to_be_disabled()
        at_rest(page)
        labels.nth(place).scroll_into_view_if_needed()
        at_rest(page)
        labels.nth(place).click()
        expect(boxes.nth(place)).to_be_checked()
        settled(page)


def open_line(page: Page, text: str | re.Pattern[str] = "") -> None:
    """Open the first line of the inbox that has this text."""
    line = page.locator("summary").filter(has_text=text).first
    expect(line).to_be_visible()
    at_rest(page)
    line.click()
    opened = page.locator("details[open]", has=page.locator("summary").filter(has_text=text)).first
    # Its content is drawn by a run that may not have begun yet.
    case = re.compile("Open the case|Ouvrir le cas")
    expect(opened.get_by_role("button", name=case).first).to_be_visible()
    at_rest(page)


def choose_answer(page: Page, outcome: str) -> None:
    """Choose an answer that asks for a text; its field is then there."""
    at_rest(page)
    page.get_by_text(outcome, exact=True).first.click()
    expect(button(page, "Send the answer").first).to_be_visible()
    at_rest(page)


def answer_on_their_behalf(page: Page, outcome: str) -> None:
    """Answer the first line that another person owes; the outcome asks for no text."""
    answer = page.get_by_test_id("stPopoverBody").get_by_text(outcome, exact=True)
    at_rest(page)
    page.get_by_role("button", name="Answer on their behalf").first.click()
    expect(answer).to_be_visible()
    at_rest(page)
    answer.click()


def can_be_signed(page: Page) -> Locator:
    """Return the enabled button that signs; a disabled one may stand beside it for a moment."""
    return page.get_by_role("button", name="Sign and send", exact=True, disabled=False)


def press(page: Page, keys: str, shows: Locator) -> None:
    """Press a shortcut, once the page listens to keys: the lists of keys then have their titles."""
    at_rest(page)
    titles = page.locator("dialog h2")
    expect(titles.first).to_be_attached()
    expect(titles.and_(page.locator(":empty"))).to_have_count(0)
    page.keyboard.press(keys)
    expect(shows).to_be_visible()
