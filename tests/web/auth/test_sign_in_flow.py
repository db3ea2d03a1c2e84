"""From the password to the programme: no one is signed in before the last step."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pyotp
import pytest

from dashboard.database import serving
from dashboard.settings import settings
from dashboard.web.auth import (
    accounts,
    encryption,
    rate_limiting,
    second_factor,
    sessions,
    sign_in_flow,
)
from dashboard.web.auth.passwords import PasswordRefused
from dashboard.web.auth.sign_in import admit
from tests.web.auth.test_second_factor import KEY
from tests.web.conftest import PASSWORD

HERE = "192.0.2.1"
NEW = "quatre huîtres sous la pluie"


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setattr(encryption, "_key", KEY)


@pytest.fixture
def demanded(monkeypatch):
    monkeypatch.setattr(settings(), "second_factor_roles", frozenset({"psychiatrist"}))


def exchanged(ticket):
    """Return the token for a ticket, and the person who must still complete a step or is in."""
    with serving() as connection:
        token = sessions.redeem(connection, ticket)
        return token, sessions.waiting(connection, token) or sessions.holder(connection, token)


def password_entered(username="moreau", password=PASSWORD):
    return exchanged(admit(username, password, HERE))


def is_in(token):
    with serving() as connection:
        return sessions.holder(connection, token, seen=True) is not None


@pytest.fixture
def secret(people):
    """Return the secret of a psychiatrist who set the second factor up a while ago."""
    me = people.team.psychiatrist
    with serving() as connection:
        secret = second_factor.offered_secret(connection, me, "token")
        codes = second_factor.enrol(connection, me, secret, pyotp.TOTP(secret).now())
    with people.database.owner().begin() as owner:
        owner.exec_driver_sql("UPDATE review.second_factor SET last_step = 0")
    return secret, codes


def test_a_role_that_needs_none_is_in_after_the_password(people, demanded):
    token, person = password_entered("roux")
    assert isinstance(person, sessions.SignedIn)
    assert is_in(token)


def test_whoever_needs_one_sets_it_up_at_the_first_sign_in(people, demanded):
    token, waiting = password_entered()
    assert waiting.awaits == "enrolment"
    assert not is_in(token)
    with serving() as connection:
        secret = second_factor.offered_secret(connection, waiting.practitioner_id, token)
    enrolled = sign_in_flow.enrol(waiting, token, pyotp.TOTP(secret).now(), HERE)
    assert len(enrolled.recovery_codes) == 8
    assert not is_in(token)
    with serving() as connection:
        waiting = sessions.waiting(connection, token)
    assert waiting.awaits == "recovery_codes"
    new_token, person = exchanged(sign_in_flow.has_kept_codes(waiting, token, HERE))
    assert isinstance(person, sessions.SignedIn)
    assert not is_in(token)
    assert is_in(new_token)


def test_then_a_code_is_asked_for(people, demanded, secret):
    token, waiting = password_entered()
    assert waiting.awaits == "code"
    assert not is_in(token)
    later, person = exchanged(
        sign_in_flow.enter_code(waiting, token, pyotp.TOTP(secret[0]).now(), HERE)
    )
    assert person.username == "moreau"
    assert is_in(later)
    assert not is_in(token)


def test_the_last_sign_in_is_the_last_that_gave_access(people, demanded, secret, run_as_owner):
    def is_known():
        [[at]] = run_as_owner(
            "SELECT last_sign_in_at FROM review.account WHERE practitioner_id = :me",
            me=people.team.psychiatrist,
        )
        return at is not None

    token, waiting = password_entered()
    assert not is_known()
    sign_in_flow.enter_code(waiting, token, pyotp.TOTP(secret[0]).now(), HERE)
    assert is_known()


def test_whoever_has_set_it_up_is_asked_also_where_the_role_needs_none(people, secret):
    assert password_entered()[1].awaits == "code"


def test_a_recovery_code_stands_for_the_telephone_once(people, secret):
    for admitted in (True, False):
        token, waiting = password_entered()
        ticket = sign_in_flow.enter_code(waiting, token, secret[1][0], HERE)
        assert (ticket is not None) is admitted


def test_failed_codes_count_like_failed_passwords(people, secret, run_as_owner):
    """Check that entering the right password does not clear them and allows no more tries."""
    for _attempt in range(5):
        token, waiting = password_entered()
        assert sign_in_flow.enter_code(waiting, token, "000000", HERE) is None
    assert admit("moreau", PASSWORD, HERE) is None
    assert sign_in_flow.enter_code(waiting, token, pyotp.TOTP(secret[0]).now(), HERE) is None
    run_as_owner("UPDATE review.sign_in_failure SET at = at - interval '30 seconds'")
    token, waiting = password_entered()
    assert sign_in_flow.enter_code(waiting, token, pyotp.TOTP(secret[0]).now(), HERE)


def test_failed_codes_are_on_the_log(people, secret, run_as_owner):
    token, waiting = password_entered()
    sign_in_flow.enter_code(waiting, token, "000000", HERE)
    [(detail,)] = run_as_owner(
        "SELECT detail FROM review.access_log WHERE action = 'sign_in_refused'"
    )
    assert detail == {"reason": "code", "account": people.team.psychiatrist, "address": HERE}


@pytest.mark.parametrize("awaits", ["new_password", "enrolment", "recovery_codes"])
def test_no_other_step_stands_for_the_code(people, secret, awaits):
    token, waiting = password_entered()
    assert sign_in_flow.enrol(waiting, token, pyotp.TOTP(secret[0]).now(), HERE) is None
    assert sign_in_flow.choose_password(waiting, token, NEW, HERE) is None
    assert sign_in_flow.has_kept_codes(waiting, token, HERE) is None
    assert not is_in(token)


def test_an_enrolment_under_way_elsewhere_ends_when_the_person_has_one(people, demanded):
    """Check that a thief with the password cannot finish what its owner has begun."""
    thief, waiting = password_entered()
    mine, me = password_entered()
    with serving() as connection:
        secret = second_factor.offered_secret(connection, me.practitioner_id, mine)
        thiefs = second_factor.offered_secret(connection, me.practitioner_id, thief)
    assert sign_in_flow.enrol(me, mine, pyotp.TOTP(secret).now(), HERE)
    assert sign_in_flow.enrol(waiting, thief, pyotp.TOTP(thiefs).now(), HERE) is None
    assert sign_in_flow.has_kept_codes(waiting, thief, HERE) is None
    with serving() as connection:
        assert sessions.waiting(connection, thief) is None


def test_a_temporary_password_is_changed_before_anything_else(people, database, run_as_owner):
    with database.owner().begin() as connection:
        accounts.reset_password(connection, "roux", "une girafe au bain", temporary=True)
    token, waiting = password_entered("roux", "une girafe au bain")
    assert waiting.awaits == "new_password"
    assert not is_in(token)
    for refused in ("une girafe au bain", PASSWORD, "court"):
        with pytest.raises(PasswordRefused):
            sign_in_flow.choose_password(waiting, token, refused, HERE)
    later, _person = exchanged(sign_in_flow.choose_password(waiting, token, NEW, HERE))
    assert is_in(later)
    assert admit("roux", "une girafe au bain", HERE) is None
    assert isinstance(password_entered("roux", NEW)[1], sessions.SignedIn)


def test_the_log_names_no_code_of_a_person_without_a_second_factor(people, demanded, run_as_owner):
    with people.database.owner().begin() as connection:
        accounts.reset_password(connection, "roux", "une girafe au bain", temporary=True)
    token, waiting = password_entered("roux", "une girafe au bain")
    assert sign_in_flow.choose_password(waiting, token, NEW, HERE)
    [(detail,)] = run_as_owner("SELECT detail FROM review.access_log WHERE action = 'sign_in'")
    assert detail["steps"] == ["new_password"]


def test_a_temporary_password_chooses_one_password(people, database):
    """Check that another reader of it, signed in at the same time, cannot choose one later."""
    with database.owner().begin() as connection:
        accounts.reset_password(connection, "roux", "une girafe au bain", temporary=True)
    theirs, them = password_entered("roux", "une girafe au bain")
    mine, me = password_entered("roux", "une girafe au bain")
    assert sign_in_flow.choose_password(me, mine, NEW, HERE)
    assert sign_in_flow.choose_password(them, theirs, "trois loups dans la neige", HERE) is None
    with serving() as connection:
        assert sessions.waiting(connection, theirs) is None
    assert admit("roux", NEW, HERE)


def test_a_temporary_password_chooses_one_password_of_two_at_once(people, database):
    with database.owner().begin() as connection:
        accounts.reset_password(connection, "roux", "une girafe au bain", temporary=True)
    begun = [password_entered("roux", "une girafe au bain") for _each in range(4)]
    chosen = [f"{number} loups dans la neige blanche" for number in ("deux", "trois", "six", "dix")]
    with ThreadPoolExecutor(4) as pool:
        tickets = pool.map(
            lambda one, password: sign_in_flow.choose_password(one[1], one[0], password, HERE),
            begun,
            chosen,
        )
        taken = [ticket for ticket in tickets if ticket]
    assert len(taken) == 1


def in_processes_of_their_own(monkeypatch):
    """Remove the lock of this process, so that attempts run as in separate processes."""
    monkeypatch.setattr(rate_limiting, "_one_of_this_process", nullcontext())


def test_codes_that_arrive_at_once_do_not_outrun_the_limit(
    people, secret, run_as_owner, monkeypatch
):
    in_processes_of_their_own(monkeypatch)
    begun = [password_entered() for _each in range(14)]
    with ThreadPoolExecutor(14) as pool:
        entered = pool.map(
            lambda one: sign_in_flow.enter_code(one[1], one[0], "000000", HERE), begun
        )
        assert not any(entered)
    assert refusals(run_as_owner) == {"code": 5, "too_many_failures": 9}


def test_passwords_that_arrive_at_once_do_not_outrun_the_limit(people, run_as_owner, monkeypatch):
    in_processes_of_their_own(monkeypatch)
    with ThreadPoolExecutor(12) as pool:
        assert not any(pool.map(lambda n: admit("moreau", f"wrong {n}", HERE), range(12)))
    assert refusals(run_as_owner) == {"password": 5, "too_many_failures": 7}


def test_accounts_tried_at_once_do_not_outrun_the_limit_of_an_address(
    people, run_as_owner, monkeypatch
):
    in_processes_of_their_own(monkeypatch)
    run_as_owner(
        "INSERT INTO review.sign_in_failure (id, address)"
        " SELECT gen_random_uuid(), '192.0.2.1' FROM generate_series(1, 17)"
    )
    usernames = ["moreau", "roux", "petit", "lead"] * 3
    with ThreadPoolExecutor(12) as pool:
        assert not any(pool.map(lambda name: admit(name, "wrong", HERE), usernames))
    assert refusals(run_as_owner) == {"password": 3}


def test_a_code_waits_at_an_address_that_has_to_wait(people, secret, run_as_owner):
    token, waiting = password_entered()
    run_as_owner(
        "INSERT INTO review.sign_in_failure (id, address)"
        " SELECT gen_random_uuid(), '192.0.2.1' FROM generate_series(1, 20)"
    )
    assert sign_in_flow.enter_code(waiting, token, pyotp.TOTP(secret[0]).now(), HERE) is None


def refusals(run_as_owner):
    rows = run_as_owner(
        "SELECT detail->>'reason' FROM review.access_log WHERE action = 'sign_in_refused'"
    )
    return Counter(reason for (reason,) in rows)


def test_a_step_is_over_after_ten_minutes(people, secret, run_as_owner):
    token, _waiting = password_entered()
    run_as_owner("UPDATE review.sign_in SET created_at = now() - interval '10 minutes'")
    with serving() as connection:
        assert sessions.waiting(connection, token) is None


def test_the_password_alone_is_no_sign_in_on_the_log(people, secret, run_as_owner):
    token, waiting = password_entered()
    assert run_as_owner("SELECT 1 FROM review.access_log WHERE action = 'sign_in'") == []
    sign_in_flow.enter_code(waiting, token, secret[1][0], HERE)
    [(detail,)] = run_as_owner("SELECT detail FROM review.access_log WHERE action = 'sign_in'")
    assert detail == {"address": HERE, "steps": ["recovery_code"]}
