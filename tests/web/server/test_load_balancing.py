"""``/readyz``: the answers that a load balancer gets, and how soon."""

import asyncio
import math
import threading
import time

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from dashboard.database.availability import Unfit
from dashboard.settings import settings
from dashboard.web.server import draining, load_balancing
from dashboard.web.server.middleware import Gate


class Checked:
    """A check with this result, after a release if it is to wait for one."""

    def __init__(self, result=None):
        self.result = result
        self.asked = 0
        self.may_end = threading.Event()
        self.may_end.set()

    def unfit(self):
        self.asked += 1
        self.may_end.wait(10)
        return self.result


@pytest.fixture
def check(monkeypatch):
    check = Checked()
    monkeypatch.setattr(load_balancing, "_check", check)
    monkeypatch.setattr(load_balancing, "_checking", None)
    monkeypatch.setattr(load_balancing, "_asked_at", -math.inf)
    monkeypatch.setattr(draining, "_asked_at", None)
    return check


@pytest.fixture
def balancer():
    """Return a client behind the middleware, as a balancer is: without cookie or origin."""
    app = Starlette(routes=[load_balancing.route], middleware=[Middleware(Gate)])
    with TestClient(app, base_url="http://10.2.0.7:8501") as client:
        yield client


def answer(balancer):
    reply = balancer.get("/readyz")
    return reply.status_code, reply.text


def test_a_fit_database_makes_the_server_ready(check, balancer):
    assert answer(balancer) == (200, "ready")


@pytest.mark.parametrize("reason", Unfit)
def test_an_unfit_database_is_told_in_one_word(check, balancer, reason):
    check.result = reason
    assert answer(balancer) == (503, reason.value)


def test_a_request_gets_the_result_of_its_own_check_while_the_next_check_runs(check):
    async def asked():
        check.may_end.clear()
        first = asyncio.create_task(load_balancing.ready(None))
        await asyncio.sleep(0)
        its_own = load_balancing._checking
        later = load_balancing.ready(None)
        # At the end of the check, and before the first request is awake.
        its_own.add_done_callback(lambda _check: later.send(None))
        check.may_end.set()
        status = (await first).status_code
        later.close()
        return status, load_balancing._checking is its_own

    assert asyncio.run(asked()) == (200, False)


def test_a_stop_that_was_asked_for_comes_before_the_database(check, balancer):
    draining.ask_to_stop()
    assert answer(balancer) == (503, "stopping")
    assert check.asked == 0


def test_the_answer_is_not_kept_and_sets_no_cookie(check, balancer):
    reply = balancer.get("/readyz")
    assert reply.headers["Cache-Control"] == "no-store"
    assert "set-cookie" not in reply.headers


def test_a_check_without_an_end_is_told_in_time_and_not_started_twice(check, balancer, monkeypatch):
    monkeypatch.setattr(load_balancing, "LONGEST", 0.1)
    check.may_end.clear()
    begun = time.monotonic()
    assert [answer(balancer), answer(balancer)] == [(503, "database")] * 2
    assert time.monotonic() - begun < 5
    assert check.asked == 1
    check.may_end.set()
    deadline = time.monotonic() + 10
    while answer(balancer)[0] != 200 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert answer(balancer) == (200, "ready")


def test_a_balancer_needs_neither_the_public_host_nor_its_origin(check, balancer, monkeypatch):
    monkeypatch.setattr(settings(), "public_url", "https://revue.example.fr")
    assert answer(balancer) == (200, "ready")


@pytest.mark.anyio
async def test_a_stop_waits_only_for_a_balancer_that_has_asked_lately(check, monkeypatch):
    monkeypatch.setattr(load_balancing, "SECONDS_TO_NOTICE", 0.2)
    begun = time.monotonic()
    await load_balancing.wait_until_noticed()
    assert time.monotonic() - begun < 0.1
    monkeypatch.setattr(load_balancing, "_asked_at", time.monotonic())
    await load_balancing.wait_until_noticed()
    assert time.monotonic() - begun >= 0.2
