"""Who is let in. Times and attempts are counted by the database."""

import statistics
import time

import pytest

from dashboard.database import acting_as
from dashboard.web import passwords, sessions
from dashboard.web.accounts import reset_password
from dashboard.web.sign_in import admit
from tests.web.conftest import PASSWORD

HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"


def fail(times, username="moreau", address=HERE):
    for _attempt in range(times):
        assert admit(username, "wrong", address) is None


@pytest.mark.parametrize("username", ["moreau", "Moreau", " MOREAU "])
def test_the_right_password_gives_a_ticket(people, username):
    ticket = admit(username, PASSWORD, HERE)
    with acting_as(None) as connection:
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


@pytest.mark.parametrize(("failures", "admitted"), [(4, True), (5, False)])
def test_an_account_waits_after_five_failures(people, failures, admitted):
    fail(failures)
    assert (admit("moreau", PASSWORD, ELSEWHERE) is not None) is admitted


def test_another_account_does_not_wait(people):
    fail(5)
    assert admit("roux", PASSWORD, HERE)


@pytest.mark.parametrize(("minutes", "admitted"), [(14, False), (15, True)])
def test_the_wait_is_over_after_15_minutes(people, run_as_owner, minutes, admitted):
    fail(5)
    run_as_owner(f"UPDATE review.sign_in_failure SET at = now() - interval '{minutes} minutes'")
    run_as_owner("UPDATE review.account SET created_at = now() - interval '1 day'")
    assert (admit("moreau", PASSWORD, HERE) is not None) is admitted


def test_whoever_goes_on_trying_cannot_keep_the_owner_out(people, run_as_owner):
    fail(5)
    fail(5, address=ELSEWHERE)
    assert run_as_owner(
        "SELECT count(*) FROM review.sign_in_failure WHERE practitioner_id IS NOT NULL"
    ) == [(5,)]


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
    """A password typed into the field of the username must not reach the log."""
    admit("typed by mistake", "secret typed", HERE)
    admit("moreau", "secret typed", HERE)
    admit("moreau", PASSWORD, HERE)
    log = str(run_as_owner("SELECT l::text FROM review.access_log l"))
    for typed in ("mistake", "secret", "moreau", PASSWORD):
        assert typed not in log


def test_signing_in_is_logged_as_the_persons_own_act(people, run_as_owner):
    admit("moreau", PASSWORD, HERE)
    assert run_as_owner("SELECT practitioner_id, action, detail FROM review.access_log") == [
        (people.team.psychiatrist, "sign_in", {"address": HERE})
    ]


def test_an_unknown_username_takes_as_long_as_a_wrong_password(people, database, monkeypatch):
    """With hashes of the real cost: the difference is within the noise of one check."""
    monkeypatch.setattr(passwords, "ROUNDS", 10)
    with database.owner().begin() as connection:
        reset_password(connection, "moreau", PASSWORD)
    passwords.is_right("warm", None)

    def seconds(username, address):
        start = time.perf_counter()
        admit(username, "wrong password", address)
        return time.perf_counter() - start

    # In turns, so that whatever else this machine does slows both.
    pairs = [(seconds("moreau", f"a {n}"), seconds("nobody", f"b {n}")) for n in range(15)]
    known, unknown = zip(*pairs, strict=True)
    assert min(*known, *unknown) > 0.02
    assert statistics.median(unknown) == pytest.approx(statistics.median(known), rel=0.35)
