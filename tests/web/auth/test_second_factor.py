"""Codes from the telephone: each valid once, for a minute, and for its owner only."""

from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest

from dashboard.database import serving
from dashboard.web.auth import encryption, second_factor
from dashboard.web.auth.second_factor import STEP_SECONDS

KEY = "a key of the tests, long enough to seal with"


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setattr(encryption, "_key", KEY)


@pytest.fixture
def me(people):
    return people.team.psychiatrist


@pytest.fixture
def secret(me):
    with serving() as connection:
        return second_factor.offered_secret(connection, me, "token")


@pytest.fixture
def now(run_as_owner):
    """Return the database's clock, in seconds."""
    return lambda: float(run_as_owner("SELECT extract(epoch FROM now())")[0][0])


@pytest.fixture
def code(secret, now):
    """Return the code of ``steps`` steps from now."""
    return lambda steps=0: pyotp.TOTP(secret).at(now() + steps * STEP_SECONDS)


@pytest.fixture
def recovery(me, secret, code):
    """Enrolled with the code of the step before, so that the present one is unused."""
    with serving() as connection:
        return second_factor.enrol(connection, me, secret, code(-1))


def accepts(me, typed):
    with serving() as connection:
        return second_factor.accepts(connection, me, typed)


def test_a_code_from_the_app_sets_it_up(me, recovery):
    assert len(set(recovery)) == second_factor.RECOVERY_CODES
    with serving() as connection:
        assert second_factor.enrolment(connection, me) == second_factor.Enrolment(True, 8)


@pytest.mark.parametrize("typed", ["", "000000", "abcdef", "٣٤٥٦٧٨", "1234567", "12345\0"])
def test_anything_else_does_not(me, secret, typed):
    with serving() as connection:
        assert second_factor.enrol(connection, me, secret, typed) is None
        assert not second_factor.enrolment(connection, me).enrolled


def test_the_present_code_is_accepted_however_it_is_spaced(me, recovery, code):
    present = code()
    assert accepts(me, f" {present[:3]} {present[3:]} ") == "code"


@pytest.mark.parametrize(("steps", "accepted"), [(-2, None), (0, "code"), (1, "code"), (2, None)])
def test_a_clock_may_be_half_a_minute_off(me, run_as_owner, recovery, code, steps, accepted):
    run_as_owner("UPDATE review.second_factor SET last_step = 0")
    assert accepts(me, code(steps)) == accepted


def test_half_a_minute_late_is_accepted_too(me, run_as_owner, recovery, code):
    run_as_owner("UPDATE review.second_factor SET last_step = 0")
    assert accepts(me, code(-1)) == "code"


def test_a_code_works_once_and_then_none_before_it(me, recovery, code):
    present, earlier = code(), code(-1)
    assert accepts(me, present) == "code"
    assert accepts(me, present) is None
    assert accepts(me, earlier) is None


def test_the_code_that_set_it_up_does_not_sign_in(me, secret, code):
    typed = code()
    with serving() as connection:
        assert second_factor.enrol(connection, me, secret, typed)
    assert accepts(me, typed) is None


def test_of_two_at_once_with_one_code_one_gets_in(me, recovery, code):
    present = code()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: accepts(me, present), range(8)))
    assert answers.count("code") == 1


def test_a_recovery_code_works_once(me, recovery):
    first, second = recovery[:2]
    assert accepts(me, f" {first.upper()} ") == "recovery_code"
    assert accepts(me, first) is None
    assert accepts(me, second) == "recovery_code"
    with serving() as connection:
        assert second_factor.enrolment(connection, me).recovery_codes == 6


def test_new_recovery_codes_make_the_old_ones_void(me, recovery):
    with serving() as connection:
        renewed = second_factor.renew_recovery_codes(connection, me)
    assert accepts(me, recovery[0]) is None
    assert accepts(me, renewed[0]) == "recovery_code"


def test_anothers_code_is_worth_nothing(people, me, recovery, code):
    for typed in (code(), recovery[0]):
        assert accepts(people.team.nurse, typed) is None


def test_it_is_not_set_up_over_one_that_is_there(me, recovery, code, run_as_owner):
    before = run_as_owner("SELECT secret FROM review.second_factor")
    with serving() as connection:
        other = second_factor.offered_secret(connection, me, "another token")
        typed = pyotp.TOTP(other).now()
        assert second_factor.enrol(connection, me, other, typed) is None
        assert second_factor.enrol(connection, me, other, typed, anew=True)
    assert run_as_owner("SELECT secret FROM review.second_factor") != before


def test_the_database_holds_neither_secret_nor_codes(me, secret, recovery, run_as_owner):
    row = run_as_owner("SELECT secret, recovery_hashes FROM review.second_factor")[0]
    assert secret.encode() not in bytes(row.secret)
    assert not set(recovery) & set(row.recovery_hashes)


def test_moved_to_anothers_row_a_secret_opens_nothing(people, me, recovery, code, run_as_owner):
    """Check that write access to the database does not make anyone a colleague."""
    nurse = people.team.nurse
    run_as_owner("UPDATE review.second_factor SET practitioner_id = :nurse", nurse=nurse)
    assert accepts(nurse, code()) is None


def test_with_another_key_no_code_works_and_a_recovery_code_does(me, recovery, code, monkeypatch):
    monkeypatch.setattr(encryption, "_key", KEY[::-1])
    assert accepts(me, code()) is None
    assert accepts(me, recovery[0]) == "recovery_code"


def test_what_is_offered_stays_the_same_after_a_reload_and_is_each_sign_ins_own(me):
    with serving() as connection:
        one, again, other = (
            second_factor.offered_secret(connection, me, token) for token in ("a", "a", "b")
        )
    assert one == again != other
    assert len(one) == 32


def test_the_picture_is_one_that_any_browser_draws_and_no_script(secret):
    drawn = second_factor.qr_code(secret, 'moreau"><script>')
    assert drawn.startswith("<svg")
    assert "script" not in drawn
