"""The real server in a real browser, with a fault while a person types or signs."""

import os
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from playwright.sync_api import Error as BrowserError

from dashboard.database import administering, connect_to
from dashboard.web.auth.accounts import add_account
from tests.browser import chromium
from tests.browser.served_site import PASSWORD, Ward, button, preview, settled, summary, write
from tests.faults.breaking import Outcome
from tests.faults.invariants import at_any_moment, when_letters_have_left
from tests.faults.postgres import postgres
from tests.faults.served_site import SECONDS, Clinic, clinic
from tests.faults.tcp_proxy import MOMENTS, Cable, Strike, tcp
from tests.support.factories import Case

STATEMENTS_OF_A_CLICK = 60
"""About the statements of a click on "Sign and send": sign-in, signing, the new page."""
LETTERS_A_SECOND = 20
SECONDS_TO_TELL = 60


@dataclass
class Practice(Ward):
    """A ward behind a proxy, whose server reaches its database through another proxy."""

    clinic: Clinic = field(kw_only=True)
    web: Cable = field(init=False)

    def __post_init__(self) -> None:
        self.web = Cable(tcp(self.port))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web.port}"

    def is_well(self) -> bool:
        """Return whether the server reports that it can serve."""
        with suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=5):  # noqa: S310
            return True
        return False


@contextmanager
def practice() -> Iterator[Practice]:
    """Open a practice: psychiatrist, nurse, GP, server, database, mail server and browser."""
    program = chromium.find()
    assert program is not None, chromium.HOW_TO_GET_ONE
    with (
        TemporaryDirectory(prefix="case-review-practice-") as folder,
        postgres() as server,
        clinic(server, "practice") as there,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=program, args=list(chromium.ARGUMENTS))
        opened = _opened(there, _visitor(browser), Path(folder))
        try:
            yield opened
        finally:
            opened.kill()
            opened.web.close()
            browser.close()


def things_break(practice: Practice, chance: Random, what: str, doing: str) -> Outcome:
    """Cause a fault while the psychiatrist works; return its result.

    ``what`` is the ``database``, the ``server`` or the ``websocket``; ``doing`` is ``typing`` or
    ``signing``.
    """
    connect_to(practice.database.app_url)
    case = practice.case()
    page = practice.open(case, practice.tab())
    settled(page)
    try:
        return {"typing": _typing, "signing": _signing}[doing](practice, chance, what, case, page)
    finally:
        with suppress(BrowserError):
            page.context.close()


@dataclass
class Typed:
    """The text typed into the summary, and the time of each letter."""

    page: Page
    chance: Random
    text: str = ""
    at: list[float] = field(default_factory=list)

    def go_on(self, seconds: float) -> None:
        """Type without a pause, and end with a letter."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._strike(self.chance.choice("abcdefghijklmnopqrstuvwxyz "))
            time.sleep(max(0, self.at[-1] + 1 / LETTERS_A_SECOND - time.monotonic()))
        self._strike("x")

    def _strike(self, letter: str) -> None:
        self.page.keyboard.type(letter)
        self.text += letter
        self.at.append(time.monotonic())

    def lost(self, kept: str, until: float) -> float:
        """Return how many seconds of typing before ``until`` are missing from ``kept``."""
        return 0.0 if kept == self.text else until - self.at[len(kept)]


def _typing(practice: Practice, chance: Random, what: str, case: Case, page: Page) -> Outcome:
    summary(page).click()
    typed, then = Typed(page, chance), chance.choice(["goes on", "reloads", "browser dies"])
    typed.go_on(chance.uniform(1.5, 4))
    broken_at = time.monotonic()
    _break(practice, what)
    if then == "browser dies":
        page.context.close()
    else:
        typed.go_on(chance.uniform(0.5, 3))
    back = _restore(practice, what)
    if then == "reloads":
        page.reload()
    if then == "browser dies":
        again = practice.open(case, practice.tab())
        kept = summary(again).input_value()
        again.context.close()
    else:
        kept = _kept(practice, case, typed.text)
        expect(summary(page)).to_have_value(typed.text)
    saved = time.monotonic()
    wrong = at_any_moment(practice.clinic)
    if not typed.text.startswith(kept):
        return Outcome(then, [*wrong, f"typed {typed.text!r}, and there is {kept!r}"])
    # A page that waits for its database goes on with it; one whose server has died comes later.
    waits = what == "database" and then == "goes on"
    seconds = (saved if waits else back.well_at) - back.at
    until = broken_at if then == "browser dies" else typed.at[-1]
    return Outcome(
        f"typed {len(typed.text)} letters, {then}, saved after {saved - back.at:.1f} s",
        wrong,
        seconds,
        typed.lost(kept, until),
    )


def _kept(practice: Practice, case: Case, text: str) -> str:
    """Return the text that the database has in the end, after waiting for it."""
    deadline = time.monotonic() + SECONDS
    while (kept := practice.draft(case) or "") != text and time.monotonic() < deadline:
        time.sleep(0.05)
    return kept


def _signing(practice: Practice, chance: Random, what: str, case: Case, page: Page) -> Outcome:
    text = f"Réponse partielle {chance.randint(1000, 9999)}"
    write(page, text)
    practice.wait_for_draft(case, text)
    preview(page)
    settled(page)
    place = _click_and_break(practice, chance, what, page)
    back = _restore(practice, what)
    told = _until_told(page, text)
    told_at = time.monotonic()
    wrong = [] if told else ["the psychiatrist is never told that it is signed"]
    there = practice.reviews(case)
    if there != [text]:
        wrong.append(f"to be signed once: {text}, and there is {there}")
    _letters_leave(practice)
    wrong += at_any_moment(practice.clinic) + when_letters_have_left(practice.clinic)
    seconds = back.well_at - back.at if told is None else told_at - back.at
    return Outcome(f"{place}; told by {told}", wrong, seconds, 0.0)


def _click_and_break(practice: Practice, chance: Random, what: str, page: Page) -> str:
    if what != "database":
        seconds = chance.uniform(0, 0.8)
        button(page, "Sign and send").click()
        time.sleep(seconds)
        _break(practice, what)
        return f"{seconds:.2f} s after the click"
    nth, moment = chance.randint(1, STATEMENTS_OF_A_CLICK), chance.choice(MOMENTS)
    heard = practice.clinic.cable.listen(Strike(nth, moment, practice.clinic.postgres.kill))
    button(page, "Sign and send").click()
    if heard.struck.wait(3):
        return f"{moment} statement {nth} ({heard.statements[nth - 1][:40]})"
    practice.clinic.cable.listen()
    practice.clinic.postgres.kill()
    return "3 s after the click"


def _until_told(page: Page, text: str) -> str | None:
    """Do what the page requires until it shows that the review is signed; return how."""
    deadline = time.monotonic() + SECONDS_TO_TELL
    while time.monotonic() < deadline:
        with suppress(BrowserError):
            if page.get_by_text("Signed and sent on").is_visible():
                return "the notice"
            if page.get_by_text("Reviews · 1").is_visible() and not _writes(page):
                return "the list of reviews"
            if button(page, "Sign and send").is_enabled(timeout=200):
                button(page, "Sign and send").click(timeout=2000)
            elif summary(page).input_value(timeout=200) == text:
                button(page, "Preview and sign").click(timeout=2000)
        with suppress(BrowserError):
            if summary(page).is_visible() and summary(page).input_value(timeout=200) == text:
                button(page, "Preview and sign").click(timeout=2000)
        time.sleep(0.2)
    return None


def _writes(page: Page) -> bool:
    """Return whether there is a draft in the form, or a preview of it."""
    if button(page, "Sign and send").is_visible():
        return True
    return summary(page).input_value(timeout=500) != ""


def _letters_leave(practice: Practice) -> None:
    """Wait until the server has sent all letters, including those of a dead sender."""
    deadline = time.monotonic() + SECONDS
    waiting = "SELECT 1 FROM review.delivery WHERE state <> 'sent' LIMIT 1"
    while practice.ask(waiting) and time.monotonic() < deadline:
        time.sleep(0.2)


@dataclass(frozen=True)
class Back:
    """The time at which the broken part was back, and that of the first good health check."""

    at: float
    well_at: float


def _break(practice: Practice, what: str) -> None:
    if what == "database":
        practice.clinic.postgres.kill()
    elif what == "server":
        practice.kill()
    else:
        practice.web.cut()


def _restore(practice: Practice, what: str) -> Back:
    at = time.monotonic()
    if what == "database":
        practice.clinic.postgres.start()
        at = practice.clinic.postgres.ready_at
    elif what == "server":
        practice.start()
        at = time.monotonic()
    while not practice.is_well():
        assert time.monotonic() - at < SECONDS, "the server does not come back"
        time.sleep(0.05)
    practice.database.close()
    return Back(at, time.monotonic())


def _visitor(browser: Browser) -> Callable[..., BrowserContext]:
    def arrive(**options: object) -> BrowserContext:
        context = browser.new_context(viewport={"width": 1280, "height": 720}, **options)
        context.set_default_timeout(20_000)
        return context

    return arrive


def _opened(there: Clinic, visitor: Callable[..., BrowserContext], folder: Path) -> Practice:
    expect.set_options(timeout=30_000)
    team = there.database.team()
    ward = Practice(there.database, None, folder, team, visitor=visitor, clinic=there)
    with administering(there.database.owner_url) as connection:
        connection.exec_driver_sql(
            "UPDATE registry.practitioner SET secure_email = role || '@mssante.example'"
        )
        people = {"moreau": ward.team.psychiatrist, "roux": ward.team.nurse, "petit": ward.team.gp}
        for username, person in people.items():
            add_account(connection, person, username, PASSWORD)
    ward.settings = {
        "CASE_REVIEW_MAIL_HOST": "127.0.0.1",
        "CASE_REVIEW_MAIL_PORT": str(there.office.port),
        "CASE_REVIEW_MAIL_TLS": "none",
        "CASE_REVIEW_MAIL_FROM": "avis@sesame.example",
        # The letters of a dead server are due again after eight times this timeout.
        "CASE_REVIEW_MAIL_TIMEOUT_SECONDS": "1",
        "CASE_REVIEW_DATA_DIRECTORY": os.fspath(folder),
    }
    ward.start()
    return ward
