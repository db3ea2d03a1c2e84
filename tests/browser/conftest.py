"""A real browser, a real server, a real database.

A test module gets a registry of its own (``registry``), serves it (``live_server``) and
opens it as often as it likes, each time as a new visitor (``visitor``).
"""

import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    expect,
    sync_playwright,
)

from dashboard.database import connect_to
from dashboard.database.operations.embedded import address_of, app_address_of
from tests.browser import chromium as browsers
from tests.browser import server_logs
from tests.browser.open_tabs import OpenTabs, at_rest
from tests.conftest import create_database, drop_database
from tests.support.factories import Database

SECONDS_TO_START = 120
SECONDS_TO_STOP = 60
RUN_WATCH = Path(__file__).with_name("run_watch.js")
"""A script of every page that says whether the page waits for a run; ``settled`` heeds it."""


@dataclass(frozen=True)
class Server:
    """A running server: its address, its process, what it has written so far."""

    url: str
    process: subprocess.Popen
    log: Path


@pytest.fixture(autouse=True)
def _no_incident(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test during which a server met an error that no code expects."""
    server_logs.new_incidents()
    yield
    if not request.node.get_closest_marker("incident"):
        assert server_logs.new_incidents() == []


# Ends with this folder: while it is open, its event loop runs in this thread.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Yield the browser of this machine; without one the tests fail and are not skipped."""
    program = browsers.find()
    if program is None:
        pytest.fail(browsers.HOW_TO_GET_ONE, pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=[*browsers.ARGUMENTS, *browsers.QUICK_TO_START]
        )
        # Under load a page takes longer than the five seconds of Playwright.
        expect.set_options(timeout=45_000)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def left(chromium: Browser) -> dict[str, list[BrowserContext]]:
    """Return, by their options, the contexts whose visitor has left.

    They keep only what the server lets every browser cache, its scripts and fonts, which then need
    not be fetched again.
    """
    return defaultdict(list)


@pytest.fixture
def visitor(
    chromium: Browser, left: dict[str, list[BrowserContext]]
) -> Iterator[Callable[..., BrowserContext]]:
    """Yield a function that makes a new visitor without cookies, French by default.

    After the test no page may have attempted anything that its policy forbids.
    """
    arrived: list[tuple[str, BrowserContext]] = []
    forbidden: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        forbidden.extend(violations_in(message.text))

    def arrive(**options: object) -> BrowserContext:
        context = _take(chromium, left, options)
        context.on("console", listen)
        arrived.append((_kind(options), context))
        return context

    yield arrive
    for kind, context in arrived:
        context.remove_listener("console", listen)
        if _forget_visitor(context):
            left[kind].append(context)
    assert forbidden == []


@pytest.fixture(scope="module")
def open_tabs(chromium: Browser, left: dict[str, list[BrowserContext]]) -> Iterator[OpenTabs]:
    """Yield the tabs that stay open from test to test of a module."""

    def take(options: Mapping[str, Any]) -> BrowserContext:
        return _take(chromium, left, options)

    def give_back(context: BrowserContext, options: Mapping[str, Any]) -> None:
        if _forget_visitor(context):
            left[_kind(options)].append(context)

    tabs = OpenTabs(take, give_back)
    yield tabs
    tabs.close()


_failed = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport]:
    """Remember that a test has failed."""
    report = yield
    item.stash[_failed] = report.failed or item.stash.get(_failed, False)
    return report


@pytest.fixture(autouse=True)
def _tabs_of_a_failed_test_are_closed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Keep the failure of one test from being the failure of the next."""
    tabs = request.getfixturevalue("open_tabs") if "open_tabs" in request.fixturenames else None
    yield
    if not tabs:
        return
    if request.node.stash.get(_failed, False):
        tabs.close()
    tabs.hear_errors()
    assert tabs.errors == []


def _take(
    chromium: Browser, left: dict[str, list[BrowserContext]], options: Mapping[str, Any]
) -> BrowserContext:
    """Return a context without cookies, one that a visitor has left where there is one."""
    kind = _kind(options)
    context = left[kind].pop() if left[kind] else _new_browser(chromium, DEFAULTS | dict(options))
    context.set_default_timeout(60_000)
    return context


DEFAULTS = {"viewport": {"width": 1280, "height": 720}, "locale": "fr-FR"}


def _kind(options: Mapping[str, Any]) -> str:
    return repr(sorted((DEFAULTS | dict(options)).items()))


def _new_browser(chromium: Browser, options: Mapping[str, Any]) -> BrowserContext:
    """Return a context with an empty page of the server's site, which stays open.

    Meanwhile the site's other pages need no process of their own, and share the compiled scripts.
    """
    context = chromium.new_context(**options)
    context.add_init_script(path=RUN_WATCH)
    page = context.new_page()
    page.route("**", lambda route: route.fulfill(content_type="text/html", body=""))
    page.goto("http://127.0.0.1/")
    return context


def _forget_visitor(context: BrowserContext) -> bool:
    """Close the pages and delete their data, unless the browser was closed."""
    if not context.pages:
        return False
    empty, *pages = context.pages
    try:
        for page in pages:
            page.close()
        context.set_offline(False)
        context.clear_cookies()
        context.clear_permissions()
        kept = {"origin": "*", "storageTypes": "local_storage,indexeddb,cache_storage"}
        session = context.new_cdp_session(empty)
        session.send("Storage.clearDataForOrigin", kept)
        session.detach()
    except Error:
        context.close()
        return False
    return True


def violations_in(text: str) -> list[str]:
    """Return the console message if it reports a violation of the content security policy."""
    return [text] if "Content Security Policy" in text else []


@pytest.fixture
def page(visitor: Callable[..., BrowserContext]) -> Page:
    """Return one tab of a new visitor."""
    return visitor().new_page()


@pytest.fixture(scope="module")
def registry(server: str, prepared: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    """Yield a database with an empty registry for this module, which fills it."""
    with _new_registry(
        server, prepared, f"browser_{abs(hash(request.node.nodeid)) % 10**8}"
    ) as database:
        yield database


@contextmanager
def _new_registry(server: str, prepared: str, name: str) -> Iterator[Database]:
    create_database(server, name, template=prepared)
    database = Database(
        owner_url=address_of(server, database=name), app_url=app_address_of(server, name)
    )
    connect_to(database.app_url)
    yield database
    database.close()
    drop_database(server, name)


@pytest.fixture(scope="package")
def shared_ward(server: str, prepared: str, tmp_path_factory: pytest.TempPathFactory):
    """Yield a ward for all modules that need no settings of their own: a server starts slowly."""
    # It takes constants from this module.
    from tests.browser.served_site import opened

    with _new_registry(server, prepared, "browser_shared") as database:
        yield from opened(database, None, tmp_path_factory.mktemp("ward"))


@pytest.fixture(scope="module")
def shared(shared_ward, open_tabs: OpenTabs):
    """Return the shared ward with a team of this module's own."""
    shared_ward.begin_anew(open_tabs)
    return shared_ward


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
    expect(page.locator(".st-key-person_menu")).to_be_visible()


def submit_sign_in(page: Page, username: str, password: str) -> None:
    """Fill in the form and send it."""
    at_rest(page)
    page.locator("form input[type=text], [data-testid=stForm] input[type=text]").first.fill(
        username
    )
    page.locator("input[type=password]").fill(password)
    page.locator("input[type=password]").press("Enter")


def free_port() -> int:
    """Return a port on which no process listens.

    It is below the ports that Linux gives to outgoing connections, one of which could take it
    before the server does.
    """
    for port in random.SystemRandom().sample(range(20_000, 32_000), 200):
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port
    raise AssertionError("none of 200 ports is free")


_USUAL_PORTS = (free_port(), free_port())


def usual_port() -> int:
    """Return one of two ports for each server in turn, so that browsers can reuse their cache.

    One may be the port of the shared ward.
    """
    for port in _USUAL_PORTS:
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                listener.bind(("127.0.0.1", port))
                return port
    return free_port()


def _start(app_url: str, elsewhere: Path) -> Server:
    port = usual_port()
    log = elsewhere / "log"
    server_logs.watch(log)
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "dashboard", "serve", "--port", str(port)],
            # Not in the repository's folder: its settings must be found from anywhere.
            cwd=elsewhere,
            env=os.environ
            | {
                "CASE_REVIEW_DATABASE_URL": app_url,
                "CASE_REVIEW_MAIL_TRANSPORT": "folder",
                "PYTHONPATH": str(Path.cwd()),
            },
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
