"""A server that is asked to stop while people work, beside another one that goes on.

Both serve one database behind a small balancer, which asks ``/readyz`` before each connection.
"""

import signal
import socket
import time
import urllib.request
from contextlib import suppress

import pytest
from playwright.sync_api import expect

from dashboard.web.server.draining import LONGEST
from dashboard.web.server.load_balancing import SECONDS_TO_NOTICE
from tests.browser.served_site import beside, can_be_signed, opened, preview, summary, write
from tests.faults.tcp_proxy import Cable

pytestmark = pytest.mark.thorough


class Balancer:
    """Two servers at one address; a connection goes to the first one that is ready."""

    def __init__(self, servers):
        self.servers = servers
        self.cable = Cable(self._reach)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.cable.port}"

    def _reach(self):
        for server in self.servers:
            if answer(server) == (200, "ready"):
                return socket.create_connection(("127.0.0.1", server.port))
        raise OSError("no server is ready")


def answer(server):
    try:
        with urllib.request.urlopen(f"{server.url}/readyz", timeout=5) as reply:  # noqa: S310
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()
    except OSError:
        return None, ""


@pytest.fixture(scope="module")
def first(registry, chromium, tmp_path_factory):
    yield from opened(registry, None, tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="module")
def second(first, tmp_path_factory):
    yield from beside(first, tmp_path_factory.mktemp("second"))


@pytest.fixture
def site(first, second, visitor):
    """Return the balancer before both servers; whoever drained is started again afterwards."""
    first.visitor = visitor
    balancer = Balancer([first, second])
    yield balancer
    balancer.cable.close()
    for server in balancer.servers:
        if server.process.poll() is not None:
            server.start()


@pytest.fixture
def case(first):
    return first.case()


def open_case(site, case):
    """Return the page of this case, as the first server shows it."""
    page = site.servers[0].tab()
    page.goto(f"{site.url}/case?episode={case.episode}")
    expect(summary(page)).to_be_visible()
    return page


def connected(page):
    return page.get_by_test_id("stApp").get_attribute("data-test-connection-state") == "CONNECTED"


def test_text_typed_through_a_stop_arrives_elsewhere_without_a_reload_or_sign_in(site, first, case):
    page = open_case(site, case)
    summary(page).fill("Before")
    first.wait_for_draft(case, "Before")
    page.evaluate("window.neverReloaded = true")
    first.process.send_signal(signal.SIGTERM)
    typed = "Before"
    begun, was_cut_off, is_back = time.monotonic(), False, False
    summary(page).click()
    page.keyboard.press("End")
    while not is_back and time.monotonic() - begun < 60:
        page.keyboard.type(" word")
        typed += " word"
        page.wait_for_timeout(100)
        was_cut_off = was_cut_off or not connected(page)
        is_back = was_cut_off and connected(page)
    assert was_cut_off
    assert is_back
    page.keyboard.type(" and after")
    typed += " and after"
    first.wait_for_draft(case, typed)
    assert summary(page).input_value() == typed
    assert page.evaluate("window.neverReloaded")
    assert f"episode={case.episode}" in page.url
    assert first.process.wait(LONGEST) == 0


def test_readiness_fails_at_once_while_open_pages_still_work(site, first, case):
    page = open_case(site, case)
    first.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + SECONDS_TO_NOTICE
    while answer(first) != (503, "stopping") and time.monotonic() < deadline:
        time.sleep(0.02)
    assert answer(first) == (503, "stopping")
    assert connected(page)
    summary(page).fill("Written meanwhile")
    # The server ends within this time.
    first.wait_for_draft(case, "Written meanwhile", seconds=LONGEST)
    first.process.wait(LONGEST)


def test_a_review_signed_while_its_server_stops_is_signed_once(site, first, case):
    page = open_case(site, case)
    write(page, "Signed meanwhile")
    preview(page)
    can_be_signed(page).click()
    first.process.send_signal(signal.SIGTERM)
    assert first.process.wait(LONGEST) == 0
    with suppress(AssertionError):
        expect(can_be_signed(page)).to_be_visible(timeout=2000)
        can_be_signed(page).click()
    deadline = time.monotonic() + 20
    while not first.reviews(case) and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert first.reviews(case) == ["Signed meanwhile"]
    assert first.draft(case) is None
