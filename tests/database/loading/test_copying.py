"""A registry kept by copying a hospital's views: what changes there, changes here, and no more."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import Connection
from typer.testing import CliRunner

from dashboard.cli.app import app
from dashboard.database import acting_as, administering, connect_to
from dashboard.database.loading.copying import CopyRefused, copy_registry
from dashboard.database.operations.embedded import address_of, app_address_of
from dashboard.database.schema import registry, review
from dashboard.database.security.startup_checks import unsafe
from dashboard.queries.case.case_file import open_case
from dashboard.queries.caseload.review_list import review_list
from tests.conftest import create_database, drop_database
from tests.support.factories import Database, at
from tests.support.foreign_tables import A_FEW_ROWS, run, run_block, statements_of

pytestmark = pytest.mark.thorough

DAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def with_views(server, prepared) -> Iterator[str]:
    """Yield the name of a database with the hospital's tables, a copy's views, and no registry."""
    create_database(server, "with_views")
    with administering(address_of(server, database="with_views")) as connection:
        run_block(connection, "tables")
        run(connection, A_FEW_ROWS)
        run_block(connection, "views")
        run(connection, statements_of("copy"))
    yield "with_views"
    drop_database(server, "with_views")


@pytest.fixture
def hospital(server, with_views) -> Iterator[Database]:
    """Yield a database of this test's own."""
    create_database(server, "copied", template=with_views)
    database = Database(
        owner_url=address_of(server, database="copied"),
        app_url=app_address_of(server, "copied"),
    )
    yield database
    database.close()
    drop_database(server, "copied")


@pytest.fixture
def copied(hospital) -> Database:
    """Return the same after ``init --copy``."""
    assert call(hospital, "init", "--copy").exit_code == 0
    return hospital


def call(database: Database, *command: str):
    return CliRunner().invoke(app, [*command, "--database-url", database.owner_url])


def change(database: Database, *statements: str) -> None:
    with administering(database.owner_url) as connection:
        run(connection, statements)


def numbers(output: str) -> dict[str, str]:
    """Return the command's words on each relation that it read."""
    lines = [line.split(": ", 1) for line in output.splitlines() if " read, " in line]
    return dict(lines)


def test_init_copy_makes_a_registry_without_a_policy_on_the_hospitals_tables(copied):
    connect_to(copied.app_url)
    with acting_as(None) as connection:
        assert unsafe(connection) == []
    with acting_as(11) as connection:
        assert review_list(connection, DAY).family_name.tolist() == ["Lefèvre"]
    with acting_as(21) as connection:
        assert review_list(connection, DAY).empty
    with administering(copied.owner_url) as connection:
        guarded = connection.exec_driver_sql(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'dossier'::regnamespace"
            " AND relrowsecurity"
        ).scalar()
    assert guarded == 0


def test_the_application_may_read_neither_the_views_nor_the_tables_behind_them(copied):
    with administering(copied.owner_url) as connection:
        assert not connection.exec_driver_sql(
            "SELECT has_schema_privilege('case_review_app', 'registry_source', 'USAGE')"
            " OR has_schema_privilege('case_review_app', 'dossier', 'USAGE')"
        ).scalar()


def test_a_copy_writes_what_has_changed_and_nothing_else(copied):
    change(
        copied,
        "INSERT INTO dossier.questionnaire VALUES (3, 101, 'PHQ-9', '2026-11-20', 9, NULL, 12)",
        "UPDATE dossier.usager SET tel = '01 00 00 00 00' WHERE ipp = 101",
        "DELETE FROM dossier.alerte",
    )
    said = numbers(call(copied, "copy").output)
    assert said["assessment"] == "3 read, 1 added, 0 changed, 0 removed"
    assert said["patient"] == "2 read, 0 added, 1 changed, 0 removed"
    assert said["flag"] == "0 read, 0 added, 0 changed, 1 removed"
    assert {
        relation for relation, what in said.items() if "0 added, 0 changed, 0 rem" not in what
    } == {
        "assessment",
        "patient",
        "flag",
    }
    again = numbers(call(copied, "copy").output)
    assert all("0 added, 0 changed, 0 removed" in what for what in again.values())


def test_every_kind_of_row_is_the_same_in_the_copy_as_in_the_views(copied):
    with administering(copied.owner_url) as connection:
        tables = connection.exec_driver_sql(
            "SELECT relname FROM pg_class WHERE relnamespace = 'registry_source'::regnamespace"
        ).scalars()
        for name in tables.all():
            both = [
                connection.exec_driver_sql(
                    f"SELECT r::text FROM {schema}.{name} r ORDER BY 1"
                ).all()
                for schema in ("registry", "registry_source")
            ]
            assert both[0] == both[1] != []


def test_a_row_that_breaks_the_contract_is_copied_and_said(copied):
    change(
        copied,
        "UPDATE dossier.suivi SET etat = NULL, psychiatre = 99 WHERE num_suivi = 1002",
    )
    assert call(copied, "copy").exit_code == 0
    result = call(copied, "init", "--copy")
    assert result.exit_code == 1
    assert "registry.episode.status is empty in 1 row" in result.output
    assert "registry.episode.psychiatrist_id names a practitioner that" in result.output


MANY = (
    "INSERT INTO dossier.questionnaire"
    " SELECT n, 101, 'PHQ-9', '2026-09-01', 9, NULL, 12 FROM generate_series(100, 299) n"
)


def test_a_source_that_has_lost_many_rows_is_not_believed_unasked(copied):
    change(copied, MANY)
    call(copied, "copy")
    change(copied, "DELETE FROM dossier.questionnaire WHERE num_questionnaire >= 200")
    refused = call(copied, "copy")
    assert refused.exit_code == 1
    assert "registry_source.assessment has lost 100 rows since the last copy" in refused.output
    with administering(copied.owner_url) as connection:
        assert (
            connection.exec_driver_sql("SELECT count(*) FROM registry.assessment").scalar() == 202
        )
    assert call(copied, "copy", "--shrunk").exit_code == 0
    with administering(copied.owner_url) as connection:
        assert (
            connection.exec_driver_sql("SELECT count(*) FROM registry.assessment").scalar() == 102
        )


def test_many_new_rows_do_not_make_a_source_believed_that_has_lost_many(copied):
    change(copied, MANY)
    call(copied, "copy")
    change(
        copied,
        "DELETE FROM dossier.questionnaire WHERE num_questionnaire >= 200",
        MANY.replace("100, 299", "1000, 2499"),
    )
    refused = call(copied, "copy")
    assert refused.exit_code == 1
    assert "registry_source.assessment has lost 100 rows since the last copy" in refused.output


def sign(database: Database) -> None:
    """Add a signed review of episode 1001, which patient 101 has."""
    database.add(
        review.case_review,
        patient_id=101,
        episode_id=1001,
        psychiatrist_id=11,
        outcome="reviewed",
        summary="Stable.",
        seen={},
        signed_at=at(DAY),
        idempotency_key=uuid4(),
    )


def of_patient_101(database: Database) -> dict[str, list]:
    """Return the rows of the patient, by relation."""
    with administering(database.owner_url) as connection:
        return {
            table.name: connection.exec_driver_sql(
                f"SELECT * FROM registry.{table.name} WHERE patient_id = 101"
            ).all()
            for table in registry.metadata.sorted_tables
            if "patient_id" in table.columns
        }


GONE = {
    "the patient": [
        f"DELETE FROM dossier.{table} WHERE ipp = 101"
        for table in ("usager", "suivi", "questionnaire", "rendez_vous", "traitement", "alerte")
    ],
    "the episode": ["DELETE FROM dossier.suivi WHERE ipp = 101"],
    "its patient is another": [
        f"UPDATE dossier.{table} SET ipp = 102 WHERE ipp = 101"
        for table in ("suivi", "questionnaire", "traitement", "alerte")
    ],
}


@pytest.mark.parametrize("gone", GONE)
def test_the_record_behind_a_review_is_kept_by_every_copy(copied, gone):
    sign(copied)
    before = of_patient_101(copied)
    change(copied, "DELETE FROM dossier.sequence_soins", *GONE[gone])
    for _night in range(2):
        said = numbers(call(copied, "copy").output)
        assert said["episode"].endswith(", 1 kept that reviews name")
        assert of_patient_101(copied) == before
    connect_to(copied.app_url)
    with acting_as(11) as connection:
        found = open_case(connection, 1001, DAY)
    assert (len(found.reviews), len(found.sequences)) == (1, 1)


@pytest.mark.parametrize("gone", GONE)
def test_the_record_of_a_patient_without_a_review_is_not_kept(copied, gone):
    change(copied, *GONE[gone])
    assert "kept" not in call(copied, "copy").output
    assert of_patient_101(copied)["episode"] == []


def test_a_single_score_of_a_patient_with_a_review_can_still_be_removed(copied):
    sign(copied)
    change(copied, "DELETE FROM dossier.questionnaire WHERE ipp = 101")
    call(copied, "copy")
    assert of_patient_101(copied)["assessment"] == []


@pytest.mark.parametrize("gone", GONE)
def test_a_review_that_is_signed_meanwhile_stops_the_copy(copied, gone):
    """Sign while the copy waits for a lock on its last relation."""
    before = of_patient_101(copied)
    change(copied, *GONE[gone])
    with ThreadPoolExecutor(1) as other:
        with administering(copied.owner_url) as blocking:
            blocking.exec_driver_sql("LOCK TABLE registry.care_sequence IN ACCESS EXCLUSIVE MODE")
            copying = other.submit(_copy_as_well, copied)
            while not (copying.done() or waits_for_a_lock(copied)):
                time.sleep(0.02)
            sign(copied)
        with pytest.raises(CopyRefused, match="Somebody has just written about a patient or an"):
            copying.result()
    assert of_patient_101(copied) == before


def waits_for_a_lock(database: Database) -> bool:
    with database.owner().connect() as connection:
        query = (
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted"
            " AND relation = 'registry.care_sequence'::regclass)"
        )
        return bool(connection.exec_driver_sql(query).scalar())


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            "VALUES (1::bigint, 1::bigint), (1, 1)",
            "of the same key (practitioner_id, site_id): 1, 1.",
        ),
        ("VALUES (1::bigint, NULL::bigint)", "without a key (practitioner_id, site_id)."),
    ],
)
def test_rows_that_cannot_be_told_apart_are_refused_and_the_copy_stays(copied, rows, said):
    change(
        copied,
        "CREATE OR REPLACE VIEW registry_source.practitioner_site (practitioner_id, site_id)"
        f" AS {rows}",
    )
    result = call(copied, "copy")
    assert result.exit_code == 1
    assert f"registry_source.practitioner_site has rows {said}" in result.output
    assert "The earlier copy is unchanged" in result.output


def test_a_view_that_is_missing_is_named_and_nothing_is_made(hospital):
    change(hospital, "DROP VIEW registry_source.flag")
    result = call(hospital, "init", "--copy")
    assert result.exit_code == 1
    assert "registry_source.flag: missing (a table or a view)" in result.output
    with administering(hospital.owner_url) as connection:
        assert connection.exec_driver_sql("SELECT to_regnamespace('registry')").scalar() is None


def test_a_view_that_has_lost_a_column_since_the_last_copy_stops_the_next(copied):
    change(
        copied,
        "DROP VIEW registry_source.flag",
        "CREATE VIEW registry_source.flag AS SELECT num_alerte::bigint AS id FROM dossier.alerte",
    )
    result = call(copied, "copy")
    assert result.exit_code == 1
    assert "registry_source.flag.patient_id: missing (bigint)" in result.output
    with administering(copied.owner_url) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM registry.flag").scalar() == 1


def test_views_in_the_place_of_the_tables_are_refused(hospital):
    change(hospital, "ALTER SCHEMA registry_source RENAME TO registry")
    result = call(hospital, "init", "--copy")
    assert result.exit_code == 1
    assert "ALTER SCHEMA registry RENAME TO registry_source;" in result.output


def test_a_copy_before_init_copy_is_a_sentence(hospital):
    result = call(hospital, "copy")
    assert result.exit_code == 1
    assert "There is no copy yet: run init --copy." in result.output


def test_two_copies_at_once_do_not_meet(copied):
    with administering(copied.owner_url) as first:
        copy_registry(first)
        with pytest.raises(CopyRefused, match="under way"):
            _copy_as_well(copied)


def _copy_as_well(database: Database) -> None:
    with administering(database.owner_url) as second:
        copy_registry(second)


def loaded_at(connection: Connection):
    return connection.exec_driver_sql("SELECT review.registry_loaded_at()").scalar()


def test_the_pages_can_tell_when_it_was_copied_last(copied):
    connect_to(copied.app_url)
    with acting_as(11) as connection:
        first = loaded_at(connection)
    call(copied, "copy")
    with acting_as(11) as connection:
        assert first < loaded_at(connection)


def test_a_registry_that_does_not_say_when_it_was_loaded_is_none_the_worse(database):
    with acting_as(None) as connection:
        assert loaded_at(connection) is None
