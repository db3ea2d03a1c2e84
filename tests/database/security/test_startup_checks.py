"""The server refuses to start when a patient could be shown to an unauthorized person.

Each test breaks one thing on a real server and reads the refusal.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import bcrypt
import pytest

from dashboard.database import acting_as, connect_to, serving
from dashboard.database.schema import review
from dashboard.database.security.policies import REGISTRY_VISIBILITY, REVIEW_VISIBILITY, secure
from dashboard.database.security.startup_checks import unsafe, unsafe_service
from dashboard.settings import DEMONSTRATION_PASSWORD
from tests.support.factories import Database


def run(database: Database, *statements: str) -> None:
    """Run statements as the owner and commit: the database is dropped after the test."""
    with database.owner().begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def reasons(database: Database) -> list[str]:
    connect_to(database.app_url)
    with acting_as(None) as connection:
        found = unsafe(connection)
    with serving() as connection:
        of_the_service = unsafe_service(connection, published_password=DEMONSTRATION_PASSWORD)
    return found + [one for one in of_the_service if one not in found]


@contextmanager
def undone_by(database: Database, *statements: str) -> Iterator[None]:
    """Roles belong to the whole server: a change of one must be undone."""
    try:
        yield
    finally:
        run(database, *statements)


def test_a_prepared_database_is_safe(database):
    database.team().case(date(2026, 9, 1))
    assert reasons(database) == []


def test_asking_leaves_the_transaction_as_it_was(database):
    case = database.team().case(date(2026, 9, 1))
    with acting_as(case.team.psychiatrist) as connection:
        assert unsafe(connection) == []
        assert connection.exec_driver_sql("SHOW enable_seqscan").scalar() == "on"
        assert connection.exec_driver_sql("SELECT id FROM registry.patient").scalars().all() == [
            case.patient
        ]


def test_a_registry_that_breaks_its_contract(database):
    run(
        database,
        "ALTER TABLE registry.flag DROP COLUMN note",
        "ALTER TABLE registry.condition RENAME TO diagnosis",
    )
    sentence, *_ = reasons(database)
    assert "registry.flag.note: missing (text)" in sentence
    assert "registry.condition: missing" in sentence


def test_a_view_that_shows_what_its_owner_sees(database):
    run(
        database,
        "ALTER TABLE registry.flag SET SCHEMA public",
        "CREATE VIEW registry.flag AS TABLE public.flag",
        "GRANT SELECT ON registry.flag TO case_review_app",
    )
    assert "registry.flag is a view without security_invoker" in reasons(database)[0]


def test_a_view_over_a_table_that_hides_nothing(database):
    case = database.team().case(date(2026, 9, 1))
    run(
        database,
        "ALTER TABLE registry.patient SET SCHEMA public",
        "ALTER TABLE public.patient DISABLE ROW LEVEL SECURITY",
        "CREATE VIEW registry.patient WITH (security_invoker) AS TABLE public.patient",
        "GRANT SELECT ON registry.patient, public.patient TO case_review_app",
    )
    assert case.patient
    assert reasons(database) == [
        "public.patient, behind registry.patient, has no row security:"
        " ALTER TABLE public.patient ENABLE ROW LEVEL SECURITY; and its policies"
        " (docs/connecting.md)."
    ]


def test_a_view_over_a_table_that_hides_what_it_must(database):
    case = database.team().case(date(2026, 9, 1))
    run(
        database,
        "ALTER TABLE registry.patient SET SCHEMA public",
        "CREATE VIEW registry.patient WITH (security_invoker) AS TABLE public.patient",
        "GRANT SELECT ON registry.patient, public.patient TO case_review_app",
    )
    assert reasons(database) == []
    with acting_as(case.team.nurse) as connection:
        assert connection.exec_driver_sql("SELECT id FROM registry.patient").scalar()


def test_a_view_over_a_table_that_it_may_not_read(database):
    run(
        database,
        "ALTER TABLE registry.patient SET SCHEMA public",
        "REVOKE ALL ON public.patient FROM case_review_app",
        "CREATE VIEW registry.patient WITH (security_invoker) AS TABLE public.patient",
        "GRANT SELECT ON registry.patient TO case_review_app",
    )
    assert reasons(database) == [
        "The role case_review_app may not read public.patient, behind registry.patient:"
        " GRANT SELECT (birth_date, family_name, given_name, id, ins, phone, sex)"
        " ON public.patient TO case_review_app;"
    ]


def test_the_owner_in_place_of_the_application(database):
    connect_to(database.owner_url)
    with acting_as(None) as connection:
        assert unsafe(connection) == [
            "The server connects as postgres: it must connect as case_review_app."
        ]


def test_the_owner_who_only_takes_the_applications_role(database):
    connect_to(database.owner_url)
    with acting_as(None) as connection:
        connection.exec_driver_sql("SET LOCAL ROLE case_review_app")
        assert unsafe(connection) == [
            "The server connects as postgres: it must connect as case_review_app."
        ]


@pytest.mark.parametrize(
    ("attribute", "said"),
    [
        ("SUPERUSER", "superuser"),
        ("BYPASSRLS", "BYPASSRLS"),
        ("CREATEROLE", "CREATEROLE"),
        ("REPLICATION", "REPLICATION"),
    ],
)
def test_a_role_from_which_nothing_is_hidden(database, attribute, said):
    with undone_by(database, f"ALTER ROLE case_review_app NO{attribute}"):
        run(database, f"ALTER ROLE case_review_app {attribute}")
        assert said in reasons(database)[0]


@pytest.mark.parametrize("attribute", ["SUPERUSER", "BYPASSRLS"])
def test_a_role_that_may_become_one_from_which_nothing_is_hidden(database, attribute):
    with undone_by(database, "DROP ROLE chief"):
        run(database, f"CREATE ROLE chief {attribute}", "GRANT chief TO case_review_app")
        (sentence,) = reasons(database)
    assert sentence.startswith("The role case_review_app is, or may become,")


def test_a_role_that_may_read_the_servers_files(database):
    grant = "pg_read_server_files TO case_review_app"
    with undone_by(database, f"REVOKE {grant.replace(' TO ', ' FROM ')}"):
        run(database, f"GRANT {grant}")
        assert "files of the server" in reasons(database)[0]


@pytest.mark.parametrize(
    "table", ["registry.patient", "registry.site", "review.draft", "review.account"]
)
def test_a_role_that_owns_a_table(database, table):
    run(database, f"ALTER TABLE {table} OWNER TO case_review_app")
    assert (
        f"The role case_review_app owns, or may become the owner of, {table}:"
        " it could lift the row security."
    ) in reasons(database)


def test_a_role_that_owns_a_schema(database):
    run(database, "ALTER SCHEMA review OWNER TO case_review_app")
    assert "schema review" in reasons(database)[0]


def test_a_role_that_may_become_the_owner_of_a_table(database):
    with undone_by(database, "DROP OWNED BY registrar CASCADE", "DROP ROLE registrar"):
        run(
            database,
            "CREATE ROLE registrar",
            "ALTER TABLE registry.patient OWNER TO registrar",
            "GRANT registrar TO case_review_app",
        )
        assert "may become the owner of, registry.patient:" in reasons(database)[0]


PATIENT_TABLES = [
    *(f"registry.{name}" for name in REGISTRY_VISIBILITY),
    *(f"review.{name}" for name in REVIEW_VISIBILITY),
]


@pytest.mark.parametrize("lifted", ["DISABLE", "NO FORCE"])
def test_row_security_lifted_from_any_table(database, lifted):
    run(database, *(f"ALTER TABLE {table} {lifted} ROW LEVEL SECURITY" for table in PATIENT_TABLES))
    named = ", ".join(sorted(PATIENT_TABLES))
    assert f"Row security is not enabled and forced on {named}: run init." in reasons(database)


def test_a_policy_dropped_from_any_table(database):
    run(database, *(f"DROP POLICY case_review_reads ON {table}" for table in PATIENT_TABLES))
    named = ", ".join(sorted(PATIENT_TABLES))
    assert f"No policy hides other people's rows of {named}: run init." in reasons(database)


def test_a_policy_that_no_longer_limits(database):
    run(
        database,
        "DROP POLICY case_review_reads ON registry.flag",
        "CREATE POLICY case_review_reads ON registry.flag TO case_review_app USING (true)",
    )
    assert "registry.flag" in reasons(database)[0]


def test_a_policy_that_limits_nothing_shows_rows_to_anybody(database):
    case = database.team().case(date(2026, 9, 1))
    database.assessment(case.patient, "phq9", date(2026, 9, 1), 12)
    run(database, "ALTER POLICY case_review_reads ON registry.assessment USING (true)")
    assert reasons(database) == ["Anybody is shown rows of registry.assessment."]


@pytest.mark.parametrize(
    ("grant", "right"),
    [
        ("INSERT ON registry.patient", "INSERT on registry.patient"),
        ("UPDATE (note) ON registry.flag", "UPDATE (note) on registry.flag"),
        ("UPDATE ON review.draft", "UPDATE on review.draft"),
        ("UPDATE (summary) ON review.case_review", "UPDATE (summary) on review.case_review"),
        ("DELETE ON review.answer", "DELETE on review.answer"),
        ("TRUNCATE ON review.access_log", "TRUNCATE on review.access_log"),
        ("TRIGGER ON review.recommendation", "TRIGGER on review.recommendation"),
        ("UPDATE ON review.schema_version", "UPDATE on review.schema_version"),
    ],
)
@pytest.mark.parametrize("grantee", ["case_review_app", "case_review_service", "PUBLIC"])
def test_a_right_that_it_must_not_have(database, grant, right, grantee):
    run(database, f"GRANT {grant} TO {grantee}")
    roles = [grantee] if grantee != "PUBLIC" else ["case_review_app", "case_review_service"]
    assert reasons(database) == [
        f"The role {role} has rights that it must not have: {right}." for role in roles
    ]


@pytest.mark.parametrize(
    ("role", "grant", "right"),
    [
        (
            "case_review_app",
            "SELECT (token_hash) ON review.sign_in",
            "SELECT (token_hash) on review.sign_in",
        ),
        (
            "case_review_app",
            "SELECT (password_hash) ON review.account",
            "SELECT (password_hash) on review.account",
        ),
        ("case_review_service", "SELECT ON review.letter", "SELECT on review.letter"),
        (
            "case_review_service",
            "SELECT (family_name) ON registry.patient",
            "SELECT (family_name) on registry.patient",
        ),
        ("case_review_service", "INSERT ON review.answer", "INSERT on review.answer"),
    ],
)
def test_a_role_that_reads_what_is_the_other_ones(database, role, grant, right):
    run(database, f"GRANT {grant} TO {role}")
    assert f"The role {role} has rights that it must not have: {right}." in reasons(database)


def test_a_right_that_it_may_take_from_another_role(database):
    with undone_by(database, "DROP OWNED BY clerk", "DROP ROLE clerk"):
        run(
            database,
            "CREATE ROLE clerk",
            "GRANT DELETE ON review.answer TO clerk",
            "GRANT clerk TO case_review_app",
        )
        assert "DELETE on review.answer" in reasons(database)[0]


@pytest.mark.parametrize(
    "revoked",
    ["SELECT ON registry.contact", "SELECT ON review.case_review"],
)
def test_a_relation_that_it_may_not_read(database, revoked):
    run(database, f"REVOKE {revoked} FROM case_review_app")
    relation = revoked.rpartition(" ")[2]
    assert reasons(database) == [f"The role case_review_app may not read {relation}: run init."]


@pytest.mark.parametrize("schema", ["registry", "review"])
def test_a_schema_that_it_may_not_use(database, schema):
    run(database, f"REVOKE USAGE ON SCHEMA {schema} FROM case_review_app")
    assert any(f"may not read {schema}." in reason for reason in reasons(database))


@pytest.mark.parametrize(
    ("broken", "found"),
    [
        ("UPDATE review.schema_version SET version_num = '0000'", "0000"),
        ("DELETE FROM review.schema_version", "none"),
        ("DROP SCHEMA review CASCADE", "none"),
    ],
)
def test_a_schema_that_is_not_up_to_date(database, broken, found):
    run(database, broken)
    assert reasons(database)[0].startswith(f"Schema review is at version {found}, this program")


def account(database: Database, username: str, password: str) -> None:
    database.add(
        review.account,
        practitioner_id=database.practitioner("nurse"),
        username=username,
        password_hash=bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode(),
    )


def test_the_demonstrations_password_outside_the_demonstration(database):
    account(database, "roux", DEMONSTRATION_PASSWORD)
    account(database, "petit", "another password of her own")
    account(database, "moreau", DEMONSTRATION_PASSWORD)
    assert reasons(database) == [
        "The demonstration's password, which is published, opens roux, moreau:"
        " give each another with account reset."
    ]
    with acting_as(None) as connection:
        assert unsafe(connection) == []


def test_a_demonstration_whose_passwords_were_changed_is_safe(database):
    account(database, "roux", "another password of her own")
    database.add(
        review.account,
        practitioner_id=database.practitioner("gp"),
        username="petit",
        password_hash="not a hash",  # noqa: S106
    )
    assert reasons(database) == []


def test_the_demonstrations_accounts_are_found_among_hundreds_made_later(database):
    account(database, "roux", DEMONSTRATION_PASSWORD)
    for number in range(20):
        account(database, f"nurse{number}", f"a password of their own {number}")
    assert "opens roux:" in reasons(database)[0]


def test_several_reasons_are_said_at_once(database):
    run(
        database,
        "ALTER TABLE registry.flag DROP COLUMN note",
        "ALTER TABLE registry.patient NO FORCE ROW LEVEL SECURITY",
        "GRANT DELETE ON review.answer TO case_review_app",
    )
    assert len(reasons(database)) == 3


def test_init_mends_what_belongs_to_the_application(database):
    run(
        database,
        "GRANT ALL ON registry.patient, review.answer TO case_review_app",
        "REVOKE SELECT ON registry.contact FROM case_review_app",
        "DROP POLICY case_review_reads ON registry.flag",
        "ALTER TABLE review.draft DISABLE ROW LEVEL SECURITY",
    )
    assert reasons(database) != []
    with database.owner().begin() as connection:
        secure(connection)
    assert reasons(database) == []
