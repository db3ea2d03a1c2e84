"""A stop as processes see it: readiness, open pages, the end of the process."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from urllib.error import HTTPError

import pytest
from websockets.exceptions import ConnectionClosed

from dashboard.web.server import draining
from dashboard.web.server.draining import LONGEST, SECONDS_FOR_REQUESTS, SECONDS_FOR_WORKERS
from dashboard.web.server.load_balancing import SECONDS_TO_NOTICE
from dashboard.web.server.sockets import CLOSED_FOR_A_RESTART
from tests.browser.websocket import client, run
from tests.support.mail_server import free_port

SECONDS = 60


@pytest.fixture(autouse=True)
def nothing_asked(monkeypatch):
    monkeypatch.setattr(draining, "_asked_at", None)
    monkeypatch.setattr(draining, "_stops", [])


def test_without_a_stop_all_the_time_is_left():
    assert not draining.is_stopping()
    assert draining.seconds_left() == LONGEST


def test_the_time_left_counts_from_the_first_request_to_stop(monkeypatch):
    monkeypatch.setattr(draining, "monotonic", iter([100.0, 106.0, 200.0]).__next__)
    draining.ask_to_stop()
    draining.ask_to_stop()
    assert draining.is_stopping()
    assert draining.seconds_left() == LONGEST - 6
    assert draining.seconds_left() == 0


def test_each_worker_is_asked_to_stop_once():
    asked = []
    draining.at_the_stop(lambda: asked.append("sender"))
    draining.at_the_stop(lambda: asked.append("counter"))
    draining.ask_workers_to_stop()
    draining.ask_workers_to_stop()
    assert asked == ["sender", "counter"]


def test_the_parts_of_a_stop_fit_into_its_time():
    assert SECONDS_TO_NOTICE + SECONDS_FOR_REQUESTS + SECONDS_FOR_WORKERS < LONGEST


@contextmanager
def served(database, folder):
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard", "serve", "--port", str(port)],
        cwd=folder,
        env=os.environ
        | {
            "CASE_REVIEW_DATABASE_URL": database.app_url,
            "CASE_REVIEW_MAIL_TRANSPORT": "folder",
            "PYTHONPATH": os.getcwd(),
        },
    )
    process.url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + SECONDS
        while answer(process) != (200, "ready") and time.monotonic() < deadline:
            time.sleep(0.1)
        yield process
    finally:
        process.kill()
        process.wait(SECONDS)


def answer(process):
    """Return the status and the text of ``/readyz``; None where nobody listens."""
    try:
        with urllib.request.urlopen(f"{process.url}/readyz", timeout=5) as reply:  # noqa: S310
            return reply.status, reply.read().decode()
    except HTTPError as refusal:
        return refusal.code, refusal.read().decode()
    except OSError:
        return None


def seconds_until(reached, seconds=SECONDS):
    begun = time.monotonic()
    while not reached():
        assert time.monotonic() - begun < seconds
        time.sleep(0.01)
    return time.monotonic() - begun


@pytest.mark.thorough
def test_readiness_fails_first_and_open_pages_are_closed_for_a_restart(database, tmp_path):
    with served(database, tmp_path) as process, client(process.url) as page:
        run(page)
        process.send_signal(signal.SIGTERM)
        assert seconds_until(lambda: answer(process) == (503, "stopping")) < 1
        # The page still works while the balancer has not noticed.
        assert run(page)
        with pytest.raises(ConnectionClosed) as closed:
            _receive_until_closed(page)
        assert closed.value.rcvd.code == CLOSED_FOR_A_RESTART
        assert answer(process) is None
        assert process.wait(SECONDS) == 0


def _receive_until_closed(page):
    while True:
        page.recv(SECONDS)
