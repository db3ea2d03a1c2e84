"""The admission to sign in. Times and attempts are counted by the database."""

import os
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event

from dashboard.database import serving
from dashboard.web.auth import passwords, rate_limiting, sessions
from dashboard.web.auth.accounts import reset_password
from dashboard.web.auth.sign_in import admit
from tests.web.conftest import PASSWORD

HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"


def fail(times, username="moreau", address=HERE):
    for _attempt in range(times):
        assert admit(username, "wrong", address) is None


@pytest.mark.parametrize("username", ["moreau", "Moreau", " MOREAU "])
def test_the_right_password_gives_a_ticket(people, username):
    ticket = admit(username, PASSWORD, HERE)
    with serving() as connection:
        token = sessions.redeem(connection, ticket)
        assert sessions.holder(connection, token).practitioner_id == people.team.psychiatrist


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("moreau", "wrong"),
        ("moreau", ""),
        ("moreau", PASSWORD.upper()),
        ("moreau", PASSWORD + "\0"),
        ("moreau", "x" * 5000),
        ("nobody", PASSWORD),
        ("", ""),
        ("moreau\0", PASSWORD),
        ("' OR true --", PASSWORD),
        ("é" * 5000, PASSWORD),
    ],
)
def test_anything_else_gives_none(people, username, password):
    assert admit(username, password, HERE) is None


def some_time_ago(run_as_owner, seconds):
    """Make all failures so far this much older."""
    run_as_owner(
        "UPDATE review.sign_in_failure SET at = at - make_interval(secs => :seconds)",
        seconds=seconds,
    )


@pytest.mark.parametrize(("failures", "admitted"), [(4, True), (5, False)])
def test_an_account_waits_after_five_failures(people, failures, admitted):
    fail(failures)
    assert (admit("moreau", PASSWORD, ELSEWHERE) is not None) is admitted


def test_another_account_does_not_wait(people):
    fail(5)
    assert admit("roux", PASSWORD, HERE)


DELAYS = [(5, 30), (6, 60), (7, 120), (8, 240), (9, 480), (10, 900), (11, 900), (40, 900)]


@pytest.mark.parametrize(("failures", "seconds"), DELAYS)
def test_the_delay_doubles_up_to_a_quarter_of_an_hour(failures, seconds):
    assert (
        rate_limiting.delay_after(failures, rate_limiting.FREE_FOR_ACCOUNT).total_seconds()
        == seconds
    )


def test_each_further_failure_lengthens_the_wait(people, run_as_owner):
    fail(5)
    for seconds in (30, 60, 120):
        some_time_ago(run_as_owner, seconds - 3)
        assert admit("moreau", PASSWORD, HERE) is None
        some_time_ago(run_as_owner, 3)
        fail(1)
    some_time_ago(run_as_owner, 240)
    assert admit("moreau", PASSWORD, HERE)


def test_whoever_goes_on_trying_does_not_prolong_the_wait(people, run_as_owner):
    fail(5)
    fail(5, address=ELSEWHERE)
    assert run_as_owner(
        "SELECT count(*) FROM review.sign_in_failure WHERE practitioner_id IS NOT NULL"
    ) == [(5,)]


def test_nobody_elsewhere_keeps_a_colleague_out_where_they_have_signed_in(people, run_as_owner):
    assert admit("moreau", PASSWORD, HERE)
    fail(12, address=ELSEWHERE)
    assert admit("moreau", PASSWORD, "203.0.113.9") is None
    assert admit("moreau", PASSWORD, HERE)


def test_a_known_address_waits_after_its_own_failures(people, run_as_owner):
    assert admit("moreau", PASSWORD, HERE)
    fail(5)
    assert admit("moreau", PASSWORD, HERE) is None


def test_an_address_is_not_known_by_the_password_alone(people, run_as_owner):
    """Check that a person with the password but without the code stays unknown."""
    with serving() as connection:
        sessions.begin(connection, people.team.psychiatrist, ELSEWHERE, awaits="code")
    fail(5)
    assert admit("moreau", PASSWORD, ELSEWHERE) is None


def test_an_address_is_known_for_a_month(people, run_as_owner):
    assert admit("moreau", PASSWORD, HERE)
    run_as_owner("UPDATE review.sign_in SET created_at = now() - interval '31 days'")
    fail(5, address=ELSEWHERE)
    assert admit("moreau", PASSWORD, HERE) is None


def test_signing_in_wipes_the_slate(people):
    fail(4)
    assert admit("moreau", PASSWORD, HERE)
    fail(4)
    assert admit("moreau", PASSWORD, HERE)


@pytest.mark.parametrize(("failures", "admitted"), [(19, True), (20, False)])
def test_an_address_waits_after_twenty_failures(people, failures, admitted):
    fail(failures, username="nobody")
    assert (admit("moreau", PASSWORD, HERE) is not None) is admitted
    assert admit("moreau", PASSWORD, ELSEWHERE)


@pytest.mark.parametrize(
    ("title", "change", "reason"),
    [
        ("a wrong password", "SELECT 1", "password"),
        ("a locked account", "UPDATE review.account SET locked_at = now()", "closed"),
        ("somebody who left", "UPDATE registry.practitioner SET active = false", "closed"),
    ],
)
def test_a_refusal_is_logged_with_its_reason(people, run_as_owner, title, change, reason):
    run_as_owner(change)
    assert admit("moreau", "wrong" if reason == "password" else PASSWORD, HERE) is None
    [(who, action, detail)] = run_as_owner(
        "SELECT practitioner_id, action, detail FROM review.access_log"
    )
    assert (who, action) == (None, "sign_in_refused")
    assert detail == {"reason": reason, "account": people.team.psychiatrist, "address": HERE}


def test_what_was_typed_is_never_logged(people, run_as_owner):
    """Check that a password typed into the field of the username is not logged."""
    admit("typed by mistake", "secret typed", HERE)
    admit("moreau", "secret typed", HERE)
    admit("moreau", PASSWORD, HERE)
    log = str(run_as_owner("SELECT l::text FROM review.access_log l"))
    for typed in ("mistake", "secret", "moreau", PASSWORD):
        assert typed not in log


def test_signing_in_is_logged_as_the_persons_own_act(people, run_as_owner):
    admit("moreau", PASSWORD, HERE)
    assert run_as_owner("SELECT practitioner_id, action, detail FROM review.access_log") == [
        (people.team.psychiatrist, "sign_in", {"address": HERE, "steps": []})
    ]


REFUSALS = [("moreau", "wrong password"), ("nobody", PASSWORD), ("not a name\0", "é" * 90)]


def test_every_refusal_asks_the_database_the_same(people, database):
    asked = {}
    for username, password in REFUSALS:
        with statements() as said:
            assert admit(username, password, HERE) is None
        asked[username] = said
    assert len({tuple(each) for each in asked.values()}) == 1
    assert len(asked["nobody"]) >= 5


@contextmanager
def statements():
    """Yield the statements of the block, without the pings of a connection."""
    said = []

    def hear(_connection, _cursor, statement, *_rest):
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


def test_an_unknown_username_takes_as_long_as_a_wrong_password(people, database, monkeypatch):
    """Measure processor seconds, with slow hashes, so that other work does not count.

    Meanwhile other processes take all the processors.
    """
    monkeypatch.setattr(passwords, "ROUNDS", 9)
    with database.owner().begin() as connection:
        reset_password(connection, "moreau", PASSWORD + " once more")
    passwords.is_right("warm", None)

    def seconds(username, address):
        start = time.thread_time()
        admit(username, "wrong password", address)
        return time.thread_time() - start

    with busy_processors():
        pairs = [(seconds("moreau", f"a {n}"), seconds("nobody", f"b {n}")) for n in range(9)]
    known, unknown = zip(*pairs, strict=True)
    assert min(*known, *unknown) > 0.01
    assert statistics.median(unknown) == pytest.approx(statistics.median(known), rel=0.2)


@contextmanager
def busy_processors():
    """Processes that compute as long as the block lasts, one for each processor."""
    burning = [sys.executable, "-c", "while True: pass"]
    others = [subprocess.Popen(burning) for _ in range(os.cpu_count() or 2)]
    try:
        yield
    finally:
        for one in others:
            one.kill()
            one.wait()
