import pytest

from dashboard.database import serving
from dashboard.web.auth import accounts, sessions
from tests.web.auth.test_sign_in import statements

LIMITS = [
    ("used a minute ago", "last_seen_at = now() - interval '1 minute'", True),
    ("idle for 14 minutes", "last_seen_at = now() - interval '14 minutes 55 seconds'", True),
    ("idle for 15 minutes", "last_seen_at = now() - interval '15 minutes'", False),
    ("begun almost 4 hours ago", "created_at = now() - interval '3:59:55'", True),
    ("begun 4 hours ago, in use", "created_at = now() - interval '4 hours'", False),
    ("ended", "ended_at = now()", False),
]


def held_by(token, **options):
    with serving() as connection:
        return sessions.holder(connection, token, **options)


@pytest.mark.parametrize(("title", "change", "live"), LIMITS, ids=[row[0] for row in LIMITS])
def test_how_long_a_sign_in_lives(people, run_as_owner, title, change, live):
    token = people.token()
    run_as_owner(f"UPDATE review.sign_in SET {change}")
    assert (held_by(token) is not None) is live


def test_a_token_says_who_holds_it(people):
    assert held_by(people.token("roux")) == sessions.SignedIn(
        practitioner_id=people.team.nurse,
        role="nurse",
        family_name="Nurse",
        given_name="Claude",
        username="roux",
    )


def test_a_made_up_token_is_nobodys(people):
    people.token()
    assert held_by("made up") is None
    assert held_by("") is None


def test_a_ticket_is_no_token(people):
    with serving() as connection:
        ticket = sessions.begin(connection, people.team.nurse, "192.0.2.1")
        assert sessions.holder(connection, ticket) is None


def test_a_ticket_is_good_once(people):
    with serving() as connection:
        ticket = sessions.begin(connection, people.team.nurse, "192.0.2.1")
        assert sessions.redeem(connection, ticket) is not None
        assert sessions.redeem(connection, ticket) is None


@pytest.mark.parametrize(("seconds", "good"), [(59, True), (60, False)])
def test_a_ticket_is_good_for_a_minute(people, run_as_owner, seconds, good):
    with serving() as connection:
        ticket = sessions.begin(connection, people.team.nurse, "192.0.2.1")
    run_as_owner(f"UPDATE review.sign_in SET created_at = now() - interval '{seconds} seconds'")
    with serving() as connection:
        assert (sessions.redeem(connection, ticket) is not None) is good


def test_the_table_keeps_neither_ticket_nor_token(people, run_as_owner):
    with serving() as connection:
        ticket = sessions.begin(connection, people.team.nurse, "192.0.2.1")
    token = people.token()
    kept = str(run_as_owner("SELECT s::text FROM review.sign_in s"))
    assert ticket not in kept
    assert token not in kept


def test_signing_out_ends_this_browser_and_no_other(people):
    here, elsewhere = people.token(), people.token()
    sessions.sign_out(here)
    assert held_by(here) is None
    assert held_by(elsewhere) is not None


def test_signing_out_is_logged_once(people, run_as_owner):
    token = people.token()
    sessions.sign_out(token)
    sessions.sign_out(token)
    assert run_as_owner("SELECT practitioner_id, action FROM review.access_log") == [
        (people.team.psychiatrist, "sign_out")
    ]


def test_a_locked_account_is_signed_out_everywhere(people, database):
    token = people.token()
    with database.owner().begin() as connection:
        accounts.lock_account(connection, "moreau")
    assert held_by(token) is None
    with database.owner().begin() as connection:
        accounts.unlock_account(connection, "moreau")
    assert held_by(token) is None


def test_somebody_who_left_is_signed_out(people, run_as_owner):
    token = people.token()
    run_as_owner("UPDATE registry.practitioner SET active = false")
    assert held_by(token) is None


def test_a_changed_role_counts_at_once(people, run_as_owner):
    token = people.token("roux")
    run_as_owner("UPDATE registry.practitioner SET role = 'gp' WHERE role = 'nurse'")
    assert held_by(token).role == "gp"


SEEN = [
    ("by a person, after a minute", "61 seconds", {"seen": True}, True),
    ("by a person, within a minute", "30 seconds", {"seen": True}, False),
    ("by a page on its own", "5 minutes", {"seen": False}, False),
    ("by the guard of a download", "5 minutes", {}, False),
]


@pytest.mark.parametrize(("title", "ago", "how", "written"), SEEN, ids=[row[0] for row in SEEN])
def test_when_being_seen_is_written(people, run_as_owner, title, ago, how, written):
    token = people.token()
    run_as_owner(f"UPDATE review.sign_in SET last_seen_at = now() - interval '{ago}'")
    held_by(token, **how)
    [(fresh,)] = run_as_owner(
        "SELECT last_seen_at > now() - interval '10 seconds' FROM review.sign_in"
    )
    assert fresh is written


def test_asking_who_is_there_is_one_query(people, database):
    token = people.token()
    with statements() as said:
        held_by(token, seen=True)
    assert len(said) == 1


def test_a_token_is_found_by_its_index(people, database):
    with database.owner().begin() as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = connection.exec_driver_sql(
            "EXPLAIN SELECT FROM review.sign_in WHERE token_hash = 'x'"
        ).all()
    assert "sign_in_token_hash_key" in str(plan)


def test_a_new_token_ends_those_that_the_browser_had(people):
    before, elsewhere = people.token(), people.token()
    with serving() as connection:
        ticket = sessions.begin(connection, people.team.psychiatrist, "192.0.2.1")
        token = sessions.redeem(connection, ticket, [before])
        assert sessions.redeem(connection, "made up", [elsewhere]) is None
    assert [held_by(one) is not None for one in (before, elsewhere, token)] == [False, True, True]
