"""A real browser, a real server, a real database.

A test module gets a registry of its own (``registry``), serves it (``live_server``) and
opens it as often as it likes, each time as a new visitor (``visitor``).
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from dashboard.database import connect_to
from dashboard.database.embedded import address_of, app_address_of
from tests.browser import chromium as browsers
from tests.building import Database
from tests.conftest import create_database, drop_database

SECONDS_TO_START = 120
SECONDS_TO_STOP = 60


@dataclass(frozen=True)
class Server:
    """A running server: its address, its process, what it has written so far."""

    url: str
    process: subprocess.Popen
    log: Path


# Ends with this folder: while it is open, its event loop runs in this thread.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser of this machine; without one the tests fail, they do not skip."""
    program = browsers.find()
    if program is None:
        pytest.fail(browsers.HOW_TO_GET_ONE, pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(browsers.ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """A new visitor: a browser that knows nothing, French unless told otherwise.

    Whatever it does, no page may ask for something that its policy forbids.
    """
    contexts: list[BrowserContext] = []
    forbidden: list[str] = []

    def arrive(**options: object) -> BrowserContext:
        defaults = {"viewport": {"width": 1280, "height": 720}, "locale": "fr-FR"}
        contexts.append(chromium.new_context(**defaults | options))
        contexts[-1].set_default_timeout(60_000)
        contexts[-1].on("console", lambda message: forbidden.extend(violations_in(message.text)))
        return contexts[-1]

    yield arrive
    for context in contexts:
        context.close()
    assert forbidden == []


def violations_in(text: str) -> list[str]:
    """What a browser writes to its console where a page does what its policy forbids."""
    return [text] if "Content Security Policy" in text else []


@pytest.fixture
def page(visitor: Callable[..., BrowserContext]) -> Page:
    """One tab of a new visitor."""
    return visitor().new_page()


@pytest.fixture(scope="module")
def registry(server: str, prepared: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database for this module, with an empty registry, to be filled by the module."""
    name = f"browser_{abs(hash(request.node.nodeid)) % 10**8}"
    create_database(server, name, template=prepared)
    database = Database(
        owner_url=address_of(server, database=name), app_url=app_address_of(server, name)
    )
    connect_to(database.app_url)
    yield database
    database.close()
    drop_database(server, name)


@pytest.fixture(scope="module")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Server]]:
    """Start the server on the database at this address, as its operator would."""
    running: list[Server] = []

    def start(app_url: str) -> Server:
        elsewhere = tmp_path_factory.mktemp("server")
        running.append(_start(app_url, elsewhere))
        _wait(running[-1])
        return running[-1]

    yield start
    for server in running:
        assert stop(server) == 0, server.log.read_text()


def stop(server: Server) -> int:
    """Stop a server as Ctrl-C does; its exit status."""
    if server.process.poll() is None:
        server.process.send_signal(signal.SIGINT)
    return server.process.wait(SECONDS_TO_STOP)


def sign_in(page: Page, url: str, username: str, password: str) -> None:
    """Sign in at this address, in whichever language, and wait for the page."""
    page.goto(url)
    submit_sign_in(page, username, password)
    expect(page.get_by_test_id("stMenuButton")).to_be_visible()


def submit_sign_in(page: Page, username: str, password: str) -> None:
    """Fill in the form and send it."""
    page.locator("form input[type=text], [data-testid=stForm] input[type=text]").first.fill(
        username
    )
    page.locator("input[type=password]").fill(password)
    page.locator("input[type=password]").press("Enter")


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _start(app_url: str, elsewhere: Path) -> Server:
    port = free_port()
    log = elsewhere / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "dashboard", "serve", "--port", str(port)],
            # Not in the repository's folder: its settings must be found from anywhere.
            cwd=elsewhere,
            env=os.environ | {"CASE_REVIEW_DATABASE_URL": app_url, "PYTHONPATH": str(Path.cwd())},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return Server(f"http://127.0.0.1:{port}", process, log)


def _wait(server: Server) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{server.url}/healthz", timeout=5) as answer:  # noqa: S310
                if answer.read() == b"ok":
                    return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"The server did not start:\n{server.log.read_text()}")
