import pytest

from dashboard.database import serving
from dashboard.queries.account.managing_accounts import change_account_as_owner
from dashboard.vocabulary import AccountAction
from dashboard.web.auth import accounts, sessions
from dashboard.web.auth.accounts import AccountRefused
from dashboard.web.auth.invitations import open_invitation
from dashboard.web.auth.passwords import PasswordRefused
from dashboard.web.auth.sign_in import admit
from tests.web.conftest import PASSWORD

NEW = "another long password"


def run(database, change, *values):
    with database.owner().begin() as connection:
        change(connection, *values)


def live_sign_ins(run_as_owner):
    return run_as_owner("SELECT count(*) FROM review.sign_in WHERE ended_at IS NULL")[0][0]


@pytest.mark.parametrize("username", ["Marie.Moreau", "  marie.moreau ", "MARIE.MOREAU"])
def test_case_and_spaces_around_a_username_do_not_count(database, username):
    run(database, accounts.add_account, database.practitioner("gp"), username, PASSWORD)
    assert admit("marie.moreau", PASSWORD, "192.0.2.1")


@pytest.mark.parametrize("username", ["", "ab", "x" * 65, "marie moreau", "rené", "-marie", "a\0b"])
def test_a_username_has_plain_letters(database, username):
    gp = database.practitioner("gp")
    with pytest.raises(AccountRefused, match="3 to 64 letters"):
        run(database, accounts.add_account, gp, username, PASSWORD)


def test_a_username_is_one_persons(people, database):
    with pytest.raises(AccountRefused, match="taken"):
        run(database, accounts.add_account, database.practitioner("gp"), "MOREAU", PASSWORD)


def test_a_practitioner_has_one_account(people, database):
    with pytest.raises(AccountRefused, match="already has an account"):
        run(database, accounts.add_account, people.lead, "second", PASSWORD)


def test_an_account_needs_a_practitioner(database):
    with pytest.raises(AccountRefused, match="no practitioner 404"):
        run(database, accounts.add_account, 404, "nobody", PASSWORD)


def test_somebody_who_left_gets_no_account(database):
    gone = database.practitioner("gp", active=False)
    with pytest.raises(AccountRefused, match="no longer active"):
        run(database, accounts.add_account, gone, "gone", PASSWORD)


@pytest.mark.parametrize(
    "change", [accounts.add_account, accounts.reset_password], ids=["add", "reset"]
)
def test_a_bad_password_changes_nothing(people, database, change):
    who = (database.practitioner("gp"), "new.one") if change is accounts.add_account else ("roux",)
    with pytest.raises(PasswordRefused):
        run(database, change, *who, "short")
    assert admit("roux", PASSWORD, "192.0.2.1")
    assert not admit("new.one", "short", "192.0.2.1")


def test_a_new_password_ends_the_old_one_and_its_sign_ins(people, database, run_as_owner):
    people.token("roux")
    run(database, accounts.reset_password, "Roux", NEW)
    assert live_sign_ins(run_as_owner) == 0
    assert not admit("roux", PASSWORD, "192.0.2.1")
    assert admit("roux", NEW, "192.0.2.1")


def test_a_new_password_ends_the_wait_after_failures(people, database):
    for _attempt in range(5):
        admit("roux", "wrong", "192.0.2.1")
    run(database, accounts.reset_password, "roux", NEW)
    assert admit("roux", NEW, "192.0.2.1")


def test_locking_ends_the_sign_ins_of_that_account_alone(people, database, run_as_owner):
    people.token("roux")
    others = people.token("moreau")
    run(database, accounts.lock_account, "roux")
    assert live_sign_ins(run_as_owner) == 1
    with serving() as connection:
        assert sessions.holder(connection, others)


def test_a_locked_account_opens_again_with_its_password(people, database):
    run(database, accounts.lock_account, "roux")
    assert not admit("roux", PASSWORD, "192.0.2.1")
    run(database, accounts.unlock_account, "roux")
    assert admit("roux", PASSWORD, "192.0.2.1")


@pytest.mark.parametrize("change", [accounts.lock_account, accounts.unlock_account])
def test_an_unknown_username_is_said(database, change):
    with pytest.raises(AccountRefused, match="no account"):
        run(database, change, "nobody")


def locked_and_unlocked(connection, username):
    accounts.lock_account(connection, username)
    accounts.unlock_account(connection, username)


def reset(connection, username):
    accounts.reset_password(connection, username, NEW, temporary=True)


@pytest.mark.parametrize("change", [locked_and_unlocked, reset])
def test_an_invitation_is_void_after_a_lock_or_a_reset(database, run_as_owner, change):
    nurse = database.practitioner("nurse", "Lopez", given_name="Anne")
    run(database, change_account_as_owner, nurse, AccountAction.INVITE)
    [(number, username)] = run_as_owner(
        "SELECT n.id, a.username FROM review.account_notice n"
        " JOIN review.account a USING (practitioner_id)"
    )
    with serving() as connection:
        assert open_invitation(connection, number)
    run(database, change, username)
    with serving() as connection:
        assert open_invitation(connection, number) is None
