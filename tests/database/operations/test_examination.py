"""docs/connecting.md, followed to the letter over tables of a hospital's own, and every wrong turn.

The statements are those of the document. ``connected`` is where they lead; a wrong turn takes one
of them back, and is met by its own sentence.
"""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Connection, NullPool, create_engine
from typer.testing import CliRunner

from dashboard.cli.app import app
from dashboard.database import acting_as, administering, connect_to
from dashboard.database.operations.embedded import address_of, app_address_of
from dashboard.database.operations.examination import Findings, before_preparing, when_prepared
from dashboard.database.operations.schema_setup import create_reference_registry, prepare
from dashboard.database.schema.contract import CODES
from dashboard.database.schema.roles import ROLES
from dashboard.database.security.startup_checks import unsafe
from dashboard.demo.fill import fill
from dashboard.queries.case.case_file import open_case
from dashboard.queries.caseload.review_list import review_list
from tests.conftest import create_database, drop_database
from tests.support.factories import Database
from tests.support.foreign_tables import (
    A_FEW_ROWS,
    AFTER_FIRST_INIT,
    move_behind_views,
    run,
    run_block,
    statements_of,
)

pytestmark = pytest.mark.thorough

DAY = date(2026, 11, 24)


def connect(url: str) -> Iterator[Connection]:
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool
    )
    with engine.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def connected(server, prepared) -> Iterator[Database]:
    """Yield a database in which the whole document was followed."""
    create_database(server, "connected")
    database = Database(
        owner_url=address_of(server, database="connected"),
        app_url=app_address_of(server, "connected"),
    )
    with administering(database.owner_url) as connection:
        run_block(connection, "tables")
        run(connection, A_FEW_ROWS)
        run_block(connection, "views")
        prepare(connection)
        for block in AFTER_FIRST_INIT:
            run_block(connection, block)
    yield database
    database.close()
    drop_database(server, "connected")


@pytest.fixture
def hospital(connected) -> Iterator[Connection]:
    """Yield an administrator's connection to that database; its changes are rolled back."""
    yield from connect(connected.owner_url)


def found(connection: Connection) -> Findings:
    return when_prepared(connection, published_password=None)


# --- The document ---


@pytest.fixture
def bare(server, prepared) -> Iterator[Database]:
    """Yield a database with the hospital's tables alone, without the application's roles."""
    create_database(server, "hospital")
    admin = address_of(server, database="hospital")
    with administering(admin) as connection:
        for role in ROLES:
            connection.exec_driver_sql(f"ALTER ROLE {role} RENAME TO {role}_away")
        run_block(connection, "tables")
        run(connection, A_FEW_ROWS)
        run_block(connection, "owner")
    database = Database(
        owner_url=address_of(server, database="hospital", role="case_review_owner"),
        app_url=app_address_of(server, "hospital"),
    )
    yield database
    database.close()
    drop_database(server, "hospital")
    with administering(address_of(server, database="postgres")) as connection:
        for role in ROLES:
            connection.exec_driver_sql(f"DROP ROLE IF EXISTS {role}")
        connection.exec_driver_sql("DROP ROLE case_review_owner")
        for role in ROLES:
            connection.exec_driver_sql(f"ALTER ROLE {role}_away RENAME TO {role}")


def init(database: Database, *options: str):
    return CliRunner().invoke(app, ["init", *options, "--database-url", database.owner_url])


def test_the_document_leads_from_a_hospitals_tables_to_a_list_without_a_superuser(
    bare, server, tmp_path
):
    with administering(bare.owner_url) as connection:
        run_block(connection, "views")
    first = init(bare, "--report", str(tmp_path / "findings.html"))
    assert first.exit_code == 1
    assert "Created the role case_review_app." in first.output
    assert "GRANT USAGE ON SCHEMA dossier TO case_review_app;" in first.output
    assert "dossier.usager, behind registry.patient, has no row security" in first.output
    assert "registry.contact.patient_id has no index in dossier.rendez_vous" in first.output
    page = (tmp_path / "findings.html").read_text()
    assert "<code>GRANT USAGE ON SCHEMA dossier TO case_review_app;</code>" in page
    assert (tmp_path / "findings.html").stat().st_mode & 0o777 == 0o600
    with administering(address_of(server, database="hospital")) as connection:
        for block in AFTER_FIRST_INIT:
            run_block(connection, block)
    second = init(bare)
    assert second.exit_code == 0, second.output
    connect_to(bare.app_url)
    with acting_as(None) as connection:
        assert unsafe(connection) == []
    with acting_as(11) as connection:
        assert review_list(connection, DAY).family_name.tolist() == ["Lefèvre"]
    with acting_as(21) as connection:
        assert review_list(connection, DAY).empty
        assert connection.exec_driver_sql(
            "SELECT nom_usuel FROM dossier.usager"
        ).scalars().all() == ["Durand"]
    with acting_as(12) as connection:
        assert open_case(connection, 1001, DAY).identity.family_name == "Lefèvre"


def test_the_hospitals_own_software_reads_and_writes_as_before(hospital):
    run(
        hospital,
        (
            "CREATE ROLE logiciel",
            "GRANT USAGE ON SCHEMA dossier TO logiciel",
            "GRANT ALL ON ALL TABLES IN SCHEMA dossier TO logiciel",
            "SET LOCAL ROLE logiciel",
            "INSERT INTO dossier.usager (ipp, nom_usuel) VALUES (103, 'Blanc')",
            "UPDATE dossier.usager SET nom_usuel = 'Noir' WHERE ipp = 103",
        ),
    )
    names = hospital.exec_driver_sql("SELECT nom_usuel FROM dossier.usager ORDER BY ipp")
    assert names.scalars().all() == ["Lefèvre", "Durand", "Noir"]
    run(hospital, ["DELETE FROM dossier.usager WHERE ipp = 103"])
    assert hospital.exec_driver_sql("SELECT count(*) FROM dossier.usager").scalar() == 2


@pytest.fixture(scope="module")
def twice(server) -> Iterator[tuple[str, str]]:
    """Yield one registry twice: as the reference tables, and behind the document's views."""
    create_database(server, "as_tables")
    with administering(address_of(server, database="as_tables")) as connection:
        create_reference_registry(connection)
        prepare(connection)
        fill(connection, patients=400, seed=3, as_of=DAY)
    create_database(server, "as_views", template="as_tables")
    with administering(address_of(server, database="as_views")) as connection:
        move_behind_views(connection)
        prepare(connection)
        for block in AFTER_FIRST_INIT:
            run_block(connection, block)
    yield app_address_of(server, "as_tables"), app_address_of(server, "as_views")
    for name in ("as_views", "as_tables"):
        drop_database(server, name)


@pytest.mark.thorough
def test_every_practitioners_list_is_the_same_over_views_as_over_tables(twice):
    lists = []
    for url in twice:
        connect_to(url)
        with acting_as(None) as connection:
            people = connection.exec_driver_sql("SELECT id FROM registry.practitioner ORDER BY id")
            practitioners = people.scalars().all()
        of_each = {}
        for practitioner in practitioners:
            with acting_as(practitioner) as connection:
                of_each[practitioner] = review_list(connection, DAY).to_dict("records")
        lists.append(of_each)
    over_tables, over_views = lists
    assert sum(map(len, over_tables.values())) > 100
    assert over_views == over_tables


@pytest.mark.parametrize("relation", sorted({relation for relation, _ in CODES} | {"condition"}))
def test_every_relation_is_the_same_over_views_as_over_tables(twice, server, relation):
    rows = []
    for name in ("as_tables", "as_views"):
        with administering(address_of(server, database=name)) as connection:
            rows.append(
                connection.exec_driver_sql(f"SELECT r::text FROM registry.{relation} r ORDER BY 1")
                .scalars()
                .all()
            )
    assert rows[0] == rows[1]


# --- Wrong turns ---


def test_nothing_is_found_where_the_document_was_followed(hospital):
    assert found(hospital) == Findings()


OF_PATIENTS = {
    "usager": "patient",
    "suivi": "episode",
    "sequence_soins": "care_sequence",
    "questionnaire": "assessment",
    "rendez_vous": "contact",
    "traitement": "medication",
    "accompagnement": "psychosocial_care",
    "antecedent": "condition",
    "alerte": "flag",
}
REFERENCE = {
    "structure": "site",
    "professionnel": "practitioner",
    "affectation": "practitioner_site",
}


@pytest.mark.parametrize(("table", "relation"), sorted((OF_PATIENTS | REFERENCE).items()))
def test_a_table_that_the_application_may_not_read(hospital, table, relation):
    run(hospital, [f"REVOKE ALL ON dossier.{table} FROM case_review_app"])
    (sentence,) = found(hospital).serving
    before, _, mend = sentence.partition(": ")
    assert before == (
        f"The role case_review_app may not read dossier.{table}, behind registry.{relation}"
    )
    run(hospital, [mend])
    assert not found(hospital)


def test_a_column_that_the_application_may_not_read(hospital):
    run(
        hospital,
        (
            "REVOKE ALL ON dossier.alerte FROM case_review_app",
            "GRANT SELECT (num_alerte, ipp, type_alerte, posee_par, posee_le, levee_par, levee_le)"
            " ON dossier.alerte TO case_review_app",
        ),
    )
    assert found(hospital).serving == (
        "The role case_review_app may not read dossier.alerte, behind registry.flag:"
        " GRANT SELECT (texte) ON dossier.alerte TO case_review_app;",
    )


def test_a_schema_that_the_application_may_not_use(hospital):
    run(hospital, ["REVOKE ALL ON SCHEMA dossier FROM case_review_app"])
    assert found(hospital).serving == (
        "The role case_review_app may not use schema dossier, where tables behind the views are:"
        " GRANT USAGE ON SCHEMA dossier TO case_review_app;",
    )


@pytest.mark.parametrize(("table", "relation"), sorted(OF_PATIENTS.items()))
def test_a_table_without_row_security(hospital, table, relation):
    run(hospital, [f"ALTER TABLE dossier.{table} DISABLE ROW LEVEL SECURITY"])
    (sentence,) = found(hospital).serving
    assert sentence.startswith(
        f"dossier.{table}, behind registry.{relation}, has no row security:"
        f" ALTER TABLE dossier.{table} ENABLE ROW LEVEL SECURITY;"
    )


@pytest.mark.parametrize(("table", "relation"), sorted(OF_PATIENTS.items()))
def test_a_table_whose_policy_is_missing(hospital, table, relation):
    run(hospital, [f"DROP POLICY case_review_reads ON dossier.{table}"])
    (sentence,) = found(hospital).serving
    assert sentence.startswith(
        f"dossier.{table}, behind registry.{relation}, has no policy that hides other people's"
        " rows from the role case_review_app: CREATE POLICY case_review_reads"
    )


@pytest.mark.parametrize("condition", ["num_alerte > 0", "review.acting_practitioner() IS NULL"])
def test_a_policy_that_shows_rows_to_anybody(hospital, condition):
    run(hospital, [f"ALTER POLICY case_review_reads ON dossier.alerte USING ({condition})"])
    assert found(hospital).serving == ("Anybody is shown rows of dossier.alerte, registry.flag.",)


def test_row_security_with_no_policy_that_admits_the_application(hospital):
    run(hospital, ["DROP POLICY case_review_leaves_others ON dossier.usager"])
    (sentence,) = found(hospital).serving
    assert sentence == (
        "No policy on dossier.usager, behind registry.patient, admits the role case_review_app,"
        " so nobody would see a row:"
        " CREATE POLICY case_review_admits ON dossier.usager TO case_review_app USING (true);"
    )
    run(hospital, [sentence.rpartition(": ")[2]])
    assert not found(hospital).serving


INDEXES = [one for one in statements_of("indexes") if one.startswith("CREATE INDEX")]


@pytest.mark.parametrize("number", range(len(INDEXES)))
def test_an_index_that_is_missing(hospital, number):
    table = INDEXES[number].split()[3]
    key = INDEXES[number].partition("::bigint")[0].rpartition("(")[2]
    run(
        hospital,
        hospital.exec_driver_sql(
            "SELECT 'DROP INDEX ' || indexrelid::regclass FROM pg_index"
            f" WHERE indrelid = '{table}'::regclass AND NOT indisprimary"
            f" AND pg_get_indexdef(indexrelid, 1, false) = '(({key})::bigint)'".replace("%", "%%")
        )
        .scalars()
        .all(),
    )
    (sentence,) = found(hospital).speed
    assert f"has no index in {table}, which is behind it: pages will be slow." in sentence
    assert sentence.endswith(f"CREATE INDEX ON {table} ((({key})::bigint));")


THEIR_COLUMN = {
    ("site", "department"): "structure.dept = 13",
    ("site", "kind"): "structure.type_structure = 'SPA'",
    ("practitioner", "role"): "professionnel.profession = 'SEC'",
    ("patient", "sex"): "usager.sexe = 'X'",
    ("episode", "status"): "suivi.etat = 'SU'",
    ("episode", "closed_reason"): "suivi.motif_fin = 'ZZZ'",
    ("care_sequence", "kind"): "sequence_soins.type_sequence = 'X'",
    ("care_sequence", "number"): "sequence_soins.rang = 9",
    ("contact", "kind"): "rendez_vous.mode = 'X'",
    ("medication", "adherence"): "traitement.observance = 'X'",
    ("psychosocial_care", "kind"): "accompagnement.nature = 'XXX'",
    ("flag", "kind"): "alerte.type_alerte = 'X'",
}


@pytest.mark.parametrize(("relation", "column"), sorted(CODES))
def test_a_code_outside_its_vocabulary(hospital, relation, column):
    table, _, change = THEIR_COLUMN[relation, column].partition(".")
    value = change.partition("= ")[2].strip("'")
    run(hospital, [f"UPDATE dossier.{table} SET {change}"])
    assert any(
        sentence.startswith(f"registry.{relation}.{column} has ") and f"“{value}” (" in sentence
        for sentence in found(hospital).rows
    )


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "INSERT INTO dossier.suivi SELECT 1003, ipp, code_structure, medecin, infirmier,"
            " psychiatre, adresse_le, consenti_le, inclus_le, 'AC'"
            " FROM dossier.suivi WHERE num_suivi = 1001",
            "Patients have more than one open episode at a time: patient_id 1: 101.",
        ),
        (
            "UPDATE dossier.suivi SET psychiatre = 12 WHERE num_suivi = 1001",
            "registry.episode.psychiatrist_id names practitioners whose role is not psychiatrist:"
            " they could not open these cases: practitioner 1: 12.",
        ),
        (
            "UPDATE dossier.suivi SET infirmier = 99",
            "registry.episode.nurse_id names a practitioner that registry.practitioner does not"
            " have, in 2 rows.",
        ),
        (
            "UPDATE dossier.professionnel SET profession = NULL WHERE matricule = 14",
            "registry.practitioner.role is empty in 1 row, where the contract asks for a value.",
        ),
        (
            "CREATE OR REPLACE VIEW registry.condition WITH (security_invoker = true) AS"
            " SELECT num_antecedent::bigint AS id, ipp::bigint AS patient_id,"
            " code_cim::text AS code, libelle::text AS label, debut AS onset_on, fin AS resolved_on"
            " FROM dossier.antecedent, generate_series(1, 2)",
            "registry.condition has rows of the same key (id): 1: 1.",
        ),
        (
            "UPDATE dossier.alerte SET type_alerte = NULL",
            "registry.flag.kind is empty in 1 row, where the contract asks for a value.",
        ),
        *(
            (
                "INSERT INTO review.case_review (id, patient_id, episode_id, psychiatrist_id,"
                " outcome, summary, seen, idempotency_key) VALUES (gen_random_uuid(), 101,"
                f" {episode}, 11, 'reviewed', 'Stable.', '{{}}', gen_random_uuid())",
                "Signed reviews cannot be read, because registry.episode no longer has their"
                f" episode, or has it with another patient: episode 1: {episode}.",
            )
            for episode in (1002, 1009)
        ),
        (
            "UPDATE dossier.alerte SET type_alerte = 'S', levee_le = now(), levee_par = NULL",
            "registry.flag has flags of kind safety with cleared_at but without cleared_by. They"
            " count as not cleared, because only a named practitioner clears them: id 1: 1.",
        ),
    ],
)
def test_rows_that_break_the_contract(hospital, statement, said):
    run(hospital, [statement])
    assert said in found(hospital).rows


def test_a_long_value_in_place_of_a_code_is_not_repeated(hospital):
    run(
        hospital,
        (
            "CREATE OR REPLACE VIEW registry.flag WITH (security_invoker = true) AS"
            " SELECT num_alerte::bigint AS id, ipp::bigint AS patient_id,"
            " 'Camille Lefèvre se sent seule'::text AS kind, posee_par::bigint AS raised_by,"
            " posee_le AT TIME ZONE 'Europe/Paris' AS raised_at, texte AS note,"
            " levee_par::bigint AS cleared_by, levee_le AT TIME ZONE 'Europe/Paris' AS cleared_at"
            " FROM dossier.alerte",
        ),
    )
    (sentence,) = found(hospital).rows
    assert "a text of 29 characters (1)" in sentence
    assert "Camille" not in sentence


BEHIND_A_VIEW = (
    "ALTER TABLE dossier.alerte RENAME TO alerte_brute",
    "CREATE VIEW dossier.alerte AS TABLE dossier.alerte_brute",
    "CREATE OR REPLACE VIEW registry.flag WITH (security_invoker = true) AS"
    " SELECT num_alerte::bigint AS id, ipp::bigint AS patient_id,"
    " CASE type_alerte WHEN 'S' THEN 'safety' WHEN 'D' THEN 'discussion' ELSE type_alerte::text END"
    " AS kind, posee_par::bigint AS raised_by, posee_le AT TIME ZONE 'Europe/Paris' AS raised_at,"
    " texte AS note, levee_par::bigint AS cleared_by,"
    " levee_le AT TIME ZONE 'Europe/Paris' AS cleared_at FROM dossier.alerte",
    "GRANT SELECT ON dossier.alerte TO case_review_app",
)


def test_a_view_of_the_hospitals_own_in_between_that_shows_every_row(hospital):
    run(hospital, BEHIND_A_VIEW)
    (sentence,) = found(hospital).serving
    assert sentence.startswith(
        "dossier.alerte, behind registry.flag, is a view without security_inv"
    )
    run(hospital, [sentence.partition("every row. ")[2]])
    assert not found(hospital).serving


def test_a_table_two_views_deep_is_reached(hospital):
    run(
        hospital,
        (
            *BEHIND_A_VIEW,
            "ALTER VIEW dossier.alerte SET (security_invoker = true)",
            "ALTER TABLE dossier.alerte_brute DISABLE ROW LEVEL SECURITY",
        ),
    )
    (sentence,) = found(hospital).serving
    assert sentence.startswith("dossier.alerte_brute, behind registry.flag, has no row security:")


def test_a_materialised_view_in_between(hospital):
    run(
        hospital,
        (
            BEHIND_A_VIEW[0],
            "CREATE MATERIALIZED VIEW dossier.alerte AS TABLE dossier.alerte_brute",
            *BEHIND_A_VIEW[2:],
        ),
    )
    (sentence, *_) = found(hospital).serving
    assert sentence.startswith(
        "dossier.alerte, behind registry.flag, is a materialised view: no row"
    )


def test_a_function_that_reads_as_its_owner_in_between(hospital):
    run(
        hospital,
        (
            "CREATE FUNCTION dossier.alertes() RETURNS SETOF dossier.alerte LANGUAGE sql STABLE"
            " SECURITY DEFINER AS 'TABLE dossier.alerte'",
            BEHIND_A_VIEW[2].replace("FROM dossier.alerte", "FROM dossier.alertes()"),
        ),
    )
    assert found(hospital).serving[0] == (
        "registry.flag calls dossier.alertes(), which is SECURITY DEFINER: it reads with the rights"
        " of its owner, and no policy hides a row from it. Make it SECURITY INVOKER."
    )


@pytest.mark.parametrize("grantee", ["case_review_app", "PUBLIC"])
@pytest.mark.parametrize("columns", ["", " (nom)"])
def test_a_table_elsewhere_that_the_application_can_read(hospital, grantee, columns):
    run(
        hospital,
        (
            "CREATE TABLE public.rendez_vous_2019 (nom text)",
            f"GRANT SELECT{columns} ON public.rendez_vous_2019 TO {grantee}",
        ),
    )
    assert found(hospital).serving == (
        "public.rendez_vous_2019, which the role case_review_app can read, has no row security:"
        " REVOKE ALL ON public.rendez_vous_2019 FROM case_review_app, PUBLIC;",
    )


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        ("CREATE VIEW public.tous WITH (security_invoker) AS TABLE dossier.usager", "none of"),
        ("CREATE MATERIALIZED VIEW public.tous AS TABLE dossier.usager", "a materialised view"),
    ],
)
def test_a_view_elsewhere_that_the_application_can_read(hospital, made, kind):
    run(hospital, (made, "GRANT SELECT ON public.tous TO case_review_app"))
    (sentence,) = found(hospital).serving
    assert sentence.startswith(f"public.tous, which the role case_review_app can read, is {kind}")


A_LIST_OF_CODES = (
    "CREATE TABLE dossier.nomenclature (code char(1), nom text)",
    "INSERT INTO dossier.nomenclature VALUES ('D', 'discussion')",
    "GRANT SELECT ON dossier.nomenclature TO case_review_app",
    BEHIND_A_VIEW[2].replace(
        "FROM dossier.alerte",
        "FROM dossier.alerte JOIN dossier.nomenclature n ON n.code = type_alerte",
    ),
)


def test_a_list_of_codes_behind_a_view_of_patients_is_declared(hospital):
    run(hospital, A_LIST_OF_CODES)
    (sentence,) = found(hospital).serving
    assert sentence.startswith("dossier.nomenclature, behind registry.flag, has no row security:")
    run(
        hospital,
        (
            "ALTER TABLE dossier.nomenclature ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY case_review_leaves_others ON dossier.nomenclature USING (true)",
            "CREATE POLICY case_review_reference ON dossier.nomenclature FOR SELECT"
            " TO case_review_app USING (true)",
        ),
    )
    assert not found(hospital).serving


def test_staff_and_patients_in_one_table_need_its_row_security(hospital):
    run(
        hospital,
        (
            "CREATE OR REPLACE VIEW registry.practitioner_site WITH (security_invoker = true) AS"
            " SELECT ipp::bigint AS practitioner_id, 1::bigint AS site_id FROM dossier.usager",
            "ALTER TABLE dossier.usager DISABLE ROW LEVEL SECURITY",
            "REVOKE ALL ON dossier.affectation FROM case_review_app",
        ),
    )
    sentence, of_the_service = found(hospital).serving
    assert sentence.startswith(
        "dossier.usager, behind registry.patient and registry.practitioner_site, has no row sec"
    )
    assert "case_review_service may not read what is behind" in of_the_service


def test_serve_refuses_what_init_has_said(connected):
    with administering(connected.owner_url) as connection:
        run(connection, ["ALTER TABLE dossier.alerte DISABLE ROW LEVEL SECURITY"])
    try:
        with administering(connected.owner_url) as connection:
            said = found(connection).serving
        connect_to(connected.app_url)
        with acting_as(None) as connection:
            assert unsafe(connection) == list(said)
        assert said
    finally:
        with administering(connected.owner_url) as connection:
            run(connection, ["ALTER TABLE dossier.alerte ENABLE ROW LEVEL SECURITY"])


def test_the_servers_own_role_reads_the_tables_of_sites_and_professionals(hospital):
    run(hospital, ["REVOKE ALL ON dossier.professionnel FROM case_review_service"])
    assert found(hospital).serving == (
        "The role case_review_service may not read what is behind registry.practitioner:"
        " GRANT SELECT on it to case_review_service.",
    )


# --- Who runs init ---


@pytest.fixture
def by_another(hospital) -> Connection:
    """Return the connected database, as a role that has all the rights of the document's owner."""
    run(
        hospital,
        (
            "CREATE ROLE soignant CREATEROLE",
            "GRANT case_review_app, case_review_service TO soignant WITH INHERIT FALSE",
            "GRANT USAGE ON SCHEMA dossier TO soignant",
            "GRANT SELECT ON ALL TABLES IN SCHEMA dossier TO soignant",
            "ALTER SCHEMA registry OWNER TO soignant",
            "ALTER SCHEMA review OWNER TO soignant",
            *(
                f"ALTER VIEW registry.{relation} OWNER TO soignant"
                for relation in (OF_PATIENTS | REFERENCE).values()
            ),
        ),
    )
    return hospital


def wrong_as_another(connection: Connection, *statements: str) -> tuple[str, ...]:
    run(connection, (*statements, "SET LOCAL ROLE soignant"))
    return before_preparing(connection).preparing


def test_an_owner_with_the_rights_of_the_document_lacks_none(by_another):
    assert wrong_as_another(by_another) == ()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "ALTER SCHEMA review OWNER TO postgres",
            "Schema review belongs to postgres: run init as postgres,"
            " or GRANT postgres TO soignant;",
        ),
        (
            "ALTER VIEW registry.flag OWNER TO postgres; GRANT SELECT ON registry.flag TO soignant",
            "Not soignant but postgres owns registry.flag: run init as postgres,"
            " or GRANT postgres TO soignant;",
        ),
        (
            "ALTER SCHEMA registry OWNER TO postgres; GRANT USAGE ON SCHEMA registry TO soignant",
            "Not soignant but postgres owns schema registry: run init as postgres,"
            " or GRANT postgres TO soignant;",
        ),
        (
            "REVOKE SELECT ON dossier.alerte FROM soignant, case_review_app",
            "The role soignant may not read registry.flag (permission denied for table alerte):"
            " GRANT SELECT to it.",
        ),
        (
            "GRANT case_review_app TO soignant WITH INHERIT TRUE",
            "The role soignant inherits case_review_app, whose policies hide every patient from it:"
            " GRANT case_review_app TO soignant WITH INHERIT FALSE;",
        ),
        (
            "REVOKE case_review_app FROM soignant",
            "The role soignant may not check what case_review_app sees:"
            " GRANT case_review_app TO soignant;",
        ),
        (
            "ALTER ROLE soignant NOCREATEROLE; ALTER ROLE case_review_app RENAME TO away",
            "The role soignant may not make the role case_review_app:"
            " ALTER ROLE soignant CREATEROLE; or, as an administrator,"
            " CREATE ROLE case_review_app LOGIN NOINHERIT;"
            " GRANT case_review_app TO soignant;",
        ),
        (
            "DROP SCHEMA review CASCADE",
            "The role soignant may not make the schema review:"
            " GRANT CREATE ON DATABASE connected TO soignant;",
        ),
    ],
)
def test_a_right_that_the_owner_lacks(by_another, statement, said):
    assert wrong_as_another(by_another, *statement.split("; ")) == (said,)


def test_policies_of_the_hospital_that_hide_every_row_from_the_owner(by_another):
    run(
        by_another,
        (
            "DROP POLICY case_review_leaves_others ON dossier.alerte",
            "CREATE POLICY case_review_admits ON dossier.alerte TO case_review_app USING (true)",
            "SET LOCAL ROLE soignant",
        ),
    )
    assert found(by_another) == Findings(
        rows=(
            "The policies on dossier.alerte hide every row of registry.flag from the role that"
            " runs init, as which the counts for medical leads are made.",
        )
    )
