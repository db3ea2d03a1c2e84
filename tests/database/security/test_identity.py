"""A session with only a role of the server sees nothing until it presents a secret.

Everything here is raw SQL, as from someone who has got hold of a connection.
"""

import uuid
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.exc import ProgrammingError

from dashboard.database import acting_as, serving
from dashboard.database.schema import review
from dashboard.database.schema.roles import APP_ROLE, SERVICE_ROLE
from dashboard.database.security.identity import NotSignedIn, Proof
from dashboard.database.security.policies import secure
from dashboard.web.auth import accounts, sessions

DAY = date(2026, 9, 1)
PATIENTS = "SELECT id FROM registry.patient"


@pytest.fixture
def case(database):
    return database.team().case(DAY)


@pytest.fixture
def signed_in(database, case):
    """Return a function that makes a sign-in of the psychiatrist and returns its token."""

    def make(**values):
        token = uuid.uuid4().hex
        database.add(
            review.sign_in,
            practitioner_id=case.team.psychiatrist,
            token_hash=sessions.hash_of(token),
            **values,
        )
        return token

    return make


def ask(statement, *parameters):
    """Return the first column, read as the pages' role without a token."""
    with acting_as(None) as connection:
        return connection.exec_driver_sql(statement, parameters).scalars().all()


def patients_of(**settings):
    """Return the patients that the pages' role is shown after it has set these settings."""
    with acting_as(None) as connection:
        for name, value in settings.items():
            connection.exec_driver_sql(
                "SELECT set_config(%s, %s, true)", (f"case_review.{name}", str(value))
            )
        return connection.exec_driver_sql(PATIENTS).scalars().all()


@contextmanager
def refused():
    with pytest.raises(ProgrammingError, match="permission denied"):
        yield


def test_the_token_of_a_sign_in_shows_its_persons_patients(case, signed_in):
    assert patients_of(session=signed_in()) == [case.patient]


def test_a_number_is_no_proof_of_who_acts(case):
    team = case.team
    for person in (team.psychiatrist, team.nurse, team.gp):
        assert patients_of(practitioner=person) == []
        assert patients_of(practitioner=person, about=case.episode) == []


def test_what_is_made_up_or_kept_in_the_database_is_no_proof(case, signed_in):
    token = signed_in()
    for presented in ("", "made up", sessions.hash_of(token), token.upper(), "' OR true --"):
        assert patients_of(session=presented) == []
    assert patients_of(link=uuid.uuid4()) == []


NOW, HOUR = datetime.now(UTC), timedelta(hours=1)
NOT_GOOD = {
    "ended": {"ended_at": NOW},
    "used by nobody for fifteen minutes": {"last_seen_at": NOW - timedelta(minutes=16)},
    "begun four hours ago": {"created_at": NOW - 4 * HOUR - timedelta(minutes=1)},
    "waiting for a code": {"awaits": "code"},
}


@pytest.mark.parametrize("values", NOT_GOOD.values(), ids=NOT_GOOD.keys())
def test_a_sign_in_that_is_not_good_shows_nothing(case, signed_in, values):
    assert patients_of(session=signed_in(**values)) == []


def test_nor_does_that_of_somebody_who_has_left(database, case, signed_in):
    token = signed_in()
    with database.owner().begin() as owner:
        owner.exec_driver_sql("UPDATE registry.practitioner SET active = false")
    assert patients_of(session=token) == []


def test_nor_does_that_of_somebody_who_is_locked_out(database, case, signed_in):
    token = signed_in()
    with database.owner().begin() as owner:
        accounts.add_account(owner, case.team.psychiatrist, "moreau", None)
        accounts.lock_account(owner, "moreau")
    assert patients_of(session=token) == []


def test_a_right_that_ends_within_a_transaction_has_ended(database, case, signed_in):
    token = signed_in()
    with acting_as(case.team.psychiatrist, by=Proof(token=token)) as connection:
        assert connection.exec_driver_sql(PATIENTS).scalars().all() == [case.patient]
        with database.owner().begin() as owner:
            owner.exec_driver_sql("UPDATE review.sign_in SET ended_at = now()")
        assert connection.exec_driver_sql(PATIENTS).scalars().all() == []


def test_nobody_acts_as_another_with_their_own_sign_in(case, signed_in):
    token = signed_in()
    for other in (case.team.nurse, case.team.gp, 0):
        with pytest.raises(NotSignedIn), acting_as(other, by=Proof(token=token)):
            pass


def test_a_proof_tells_nothing_where_it_is_printed(signed_in):
    token = signed_in()
    assert token not in f"{Proof(token=token)!r} {Proof(token=token)}"


WRITES = [
    "INSERT INTO review.sign_in (id, practitioner_id) VALUES (gen_random_uuid(), 1)",
    "UPDATE review.sign_in SET token_hash = 'x'",
    "UPDATE review.account SET password_hash = 'x'",
    "UPDATE review.account SET locked_at = NULL",
    "INSERT INTO review.account (practitioner_id, username) VALUES (1, 'x')",
    "UPDATE review.second_factor SET last_step = 0",
    "DELETE FROM review.sign_in_failure",
    "INSERT INTO review.sign_in_failure (id) VALUES (gen_random_uuid())",
]
READS = [
    "SELECT token_hash FROM review.sign_in",
    "SELECT count(*) FROM review.sign_in",
    "SELECT password_hash FROM review.account",
    "SELECT old_password_hashes FROM review.account",
    "SELECT username FROM review.account",
    "SELECT secret FROM review.second_factor",
    "SELECT address FROM review.sign_in_failure",
]
CALLS = [
    "SELECT review.claim_mail('1 minute')",
    "SELECT review.claimed_letter(1, gen_random_uuid(), 1)",
    "SELECT review.count_sites('2026-09-01', 1, '1 hour')",
    "SELECT review.claim_nurse('1 hour', '1 hour')",
    "SELECT review.store_tiers_in_steps('2026-09-01', '{}', '{}', '{}')",
]


@pytest.mark.parametrize("statement", [*WRITES, *READS, *CALLS])
def test_the_pages_role_neither_reads_nor_writes_accounts_and_sign_ins_nor_does_the_servers_work(
    database, case, signed_in, statement
):
    signed_in()
    with refused():
        ask(statement)


@pytest.mark.parametrize(
    ("door", "other"),
    [
        (lambda: acting_as(None), SERVICE_ROLE),
        (lambda: acting_as(None), "postgres"),
        (serving, APP_ROLE),
        (serving, "postgres"),
    ],
)
def test_no_role_of_the_server_becomes_another(database, door, other):
    with refused(), door() as connection:
        connection.exec_driver_sql(f"SET LOCAL ROLE {other}")


OF_RECORDS = [
    "SELECT birth_date FROM registry.patient",
    "SELECT total FROM registry.assessment",
    "SELECT status FROM registry.episode",
    "SELECT family_name FROM registry.patient",
    "SELECT problem FROM registry.episode",
    "SELECT note FROM registry.contact",
    "SELECT summary FROM review.case_review",
    "SELECT detail FROM review.recommendation",
    "SELECT reason FROM review.answer",
    "SELECT content FROM review.draft",
    "SELECT plain_text FROM review.letter",
    "SELECT explanation FROM review.emergency_access",
    "SELECT action FROM review.access_log",
    "UPDATE review.case_review SET summary = ''",
    "INSERT INTO review.answer (patient_id) VALUES (1)",
    "DELETE FROM review.delivery",
]


@pytest.mark.parametrize("statement", OF_RECORDS)
def test_the_servers_own_role_reads_nobodys_record_whoever_it_names(case, statement):
    for person in (None, case.team.psychiatrist):
        with refused(), serving(person) as connection:
            connection.exec_driver_sql(statement)


def test_who_counts_reads_as_the_nurse_for_as_long_as_the_claim_is_theirs(database, case):
    with serving() as connection:
        claimed = connection.exec_driver_sql("SELECT * FROM review.claim_nurse('0', '10 minutes')")
        nurse, claim = claimed.one()
    assert nurse == case.team.nurse
    assert patients_of(claim=claim) == [case.patient]
    assert patients_of(claim=claim[::-1]) == []
    with database.owner().begin() as owner:
        owner.exec_driver_sql(
            "UPDATE review.nurse_counted SET claimed_at = now() - interval '11 minutes'"
        )
    assert patients_of(claim=claim) == []


def test_a_claim_is_over_when_the_counts_are_stored(case):
    with serving() as connection:
        claimed = connection.exec_driver_sql("SELECT * FROM review.claim_nurse('0', '10 minutes')")
        nurse, claim = claimed.one()
    with serving(nurse) as connection:
        connection.exec_driver_sql(
            "SELECT review.store_tiers_in_steps('2026-09-01', '{}', '{}', '{}')"
        )
    assert patients_of(claim=claim) == []


def test_what_runs_with_its_owners_rights_belongs_to_who_owns_the_tables(as_owner):
    as_owner.exec_driver_sql("CREATE ROLE passer_by SUPERUSER")
    as_owner.exec_driver_sql("ALTER FUNCTION review.acting_practitioner() OWNER TO passer_by")
    secure(as_owner)
    owners = as_owner.exec_driver_sql(
        "SELECT DISTINCT proowner::regrole::text FROM pg_proc"
        " WHERE pronamespace = 'review'::regnamespace AND prosecdef"
        " UNION SELECT relowner::regrole::text FROM pg_class WHERE oid = 'review.sign_in'::regclass"
    )
    assert len(owners.all()) == 1


def test_the_two_roles_are_the_servers_and_own_nothing(as_owner):
    rows = as_owner.exec_driver_sql(
        "SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole OR rolinherit FROM pg_roles"
        " WHERE rolname LIKE 'case_review_%%'"
    ).all()
    assert {tuple(row) for row in rows} == {(APP_ROLE, False), (SERVICE_ROLE, False)}
