"""The columns that pages look rows up by are found by an index, behind views too."""

from datetime import date

import pytest
from sqlalchemy import Connection

from dashboard.database import acting_as
from dashboard.database.operations.lookups import LOOKED_UP, missing_indexes


def run(connection: Connection, *statements: str) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)


def test_the_reference_registry_has_the_indexes_that_pages_need(as_owner):
    assert missing_indexes(as_owner) == []


@pytest.mark.parametrize(
    ("index", "column"),
    [
        ("episode_nurse", "episode.nurse_id"),
        ("episode_gp", "episode.gp_id"),
        ("episode_psychiatrist", "episode.psychiatrist_id"),
        ("episode_patient", "episode.patient_id"),
        ("contact_patient", "contact.patient_id"),
        ("care_sequence_episode", "care_sequence.episode_id"),
    ],
)
def test_a_column_looked_up_on_every_page_without_an_index_is_named(as_owner, index, column):
    run(as_owner, f"DROP INDEX registry.{index}")
    (warning,) = missing_indexes(as_owner)
    assert warning.startswith(f"registry.{column} has no index")


def test_the_application_is_told_the_same_though_its_policies_are_in_the_plan(database):
    with database.owner().begin() as connection:
        connection.exec_driver_sql("DROP INDEX registry.flag_patient")
    with acting_as(None) as connection:
        assert missing_indexes(connection) == [
            "registry.flag.patient_id has no index: pages will be slow."
            " CREATE INDEX ON registry.flag (patient_id);"
        ]


def test_an_index_in_which_the_column_comes_second_or_is_partial_does_not_count(as_owner):
    run(
        as_owner,
        "DROP INDEX registry.flag_patient",
        "CREATE INDEX ON registry.flag (kind, patient_id)",
        "CREATE INDEX ON registry.flag (patient_id) WHERE kind = 'safety'",
    )
    assert len(missing_indexes(as_owner)) == 1


def test_several_indexes_that_hold_the_column_are_not_taken_for_none(database):
    """Check a table of one page, of which the planner may as well read any index whole."""
    database.team().case(date(2026, 1, 5))
    with database.owner().begin() as connection:
        run(
            connection,
            "CREATE INDEX ON registry.episode (psychiatrist_id)"
            " INCLUDE (nurse_id, gp_id, patient_id, id)",
            "CREATE INDEX ON registry.episode (nurse_id)"
            " INCLUDE (psychiatrist_id, gp_id, patient_id, id)",
            "CREATE INDEX ON registry.episode (gp_id)"
            " INCLUDE (psychiatrist_id, nurse_id, patient_id, id)",
            "ANALYZE registry.episode",
        )
        assert missing_indexes(connection) == []


HOSPITAL = (
    "CREATE SCHEMA dossier",
    "CREATE TABLE dossier.alerte (num integer PRIMARY KEY, ipp integer)",
    "ALTER TABLE registry.flag RENAME TO old_flag",
    "CREATE VIEW registry.flag WITH (security_invoker) AS"
    " SELECT num::bigint AS id, ipp::bigint AS patient_id FROM dossier.alerte",
)


def test_an_index_behind_a_view_counts_where_it_holds_the_views_expression(as_owner):
    run(as_owner, *HOSPITAL, "CREATE INDEX ON dossier.alerte ((ipp::bigint))")
    assert missing_indexes(as_owner) == []


@pytest.mark.parametrize(
    "index",
    [
        "CREATE INDEX ON dossier.alerte (num)",
        "CREATE INDEX ON dossier.alerte (ipp)",
        "CREATE INDEX ON dossier.alerte (num, (ipp::bigint))",
        "CREATE INDEX ON dossier.alerte ((ipp::bigint)) WHERE num > 10",
    ],
)
def test_another_index_behind_a_view_does_not_and_the_right_one_is_given(as_owner, index):
    run(as_owner, *HOSPITAL, index)
    (sentence,) = missing_indexes(as_owner)
    assert sentence == (
        "registry.flag.patient_id has no index in dossier.alerte, which is behind it:"
        " pages will be slow. CREATE INDEX ON dossier.alerte (((ipp)::bigint));"
    )
    run(as_owner, sentence.partition("slow. ")[2])
    assert missing_indexes(as_owner) == []


def test_a_code_table_that_is_joined_needs_no_index(as_owner):
    run(
        as_owner,
        *HOSPITAL,
        "CREATE INDEX ON dossier.alerte ((ipp::bigint))",
        "CREATE TABLE dossier.code (code integer, name text)",
        "DROP VIEW registry.flag",
        "CREATE VIEW registry.flag WITH (security_invoker) AS"
        " SELECT num::bigint AS id, ipp::bigint AS patient_id, name AS kind"
        " FROM dossier.alerte LEFT JOIN dossier.code ON code = abs(num)",
    )
    assert missing_indexes(as_owner) == []


def test_every_column_of_a_patient_or_an_episode_is_looked_up():
    assert ("assessment", "patient_id") in LOOKED_UP
    assert ("care_sequence", "episode_id") in LOOKED_UP
    assert {column for relation, column in LOOKED_UP if relation == "episode"} == {
        "id",
        "patient_id",
        "psychiatrist_id",
        "nurse_id",
        "gp_id",
    }
