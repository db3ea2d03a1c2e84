"""The report about a registry that is not the one the dashboard was written for."""

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from dashboard.clinical.case.missing import KNOWN_CODES
from dashboard.database import acting_as
from dashboard.database.schema.contract import (
    CODES,
    Breach,
    check_contract,
    is_breach,
    leaking_relations,
    registry_relations,
    report,
)
from dashboard.database.schema.registry import metadata


def run(connection: Connection, *statements: str) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)


def test_the_reference_registry_keeps_its_own_contract(as_owner):
    assert check_contract(as_owner) == []
    assert report([]) == ""


def test_the_application_sees_the_contract_too(database):
    with acting_as(None) as connection:
        assert check_contract(connection) == []


def test_a_server_without_a_registry_misses_every_relation(as_owner):
    run(as_owner, "DROP SCHEMA registry CASCADE")
    breaches = check_contract(as_owner)
    assert [breach.relation for breach in breaches] == list(registry_relations())
    assert len(breaches) == 12
    assert {(breach.column, breach.found) for breach in breaches} == {(None, None)}


@pytest.mark.parametrize(
    ("statement", "breach"),
    [
        ("DROP TABLE registry.flag", Breach("flag", None, "a table or a view", None)),
        (
            "ALTER TABLE registry.patient DROP COLUMN ins",
            Breach("patient", "ins", "text", None),
        ),
        (
            "ALTER TABLE registry.patient RENAME COLUMN sex TO gender",
            Breach("patient", "sex", "text", None),
        ),
        (
            "ALTER TABLE registry.assessment ALTER total TYPE numeric",
            Breach("assessment", "total", "integer", "numeric"),
        ),
        (
            "ALTER TABLE registry.assessment ALTER items TYPE int[]",
            Breach("assessment", "items", "smallint[]", "integer[]"),
        ),
        (
            "ALTER TABLE registry.contact ALTER happened_at TYPE timestamp",
            Breach(
                "contact",
                "happened_at",
                "timestamp with time zone",
                "timestamp without time zone",
            ),
        ),
        (
            "ALTER TABLE registry.site ALTER name TYPE varchar(80)",
            Breach("site", "name", "text", "character varying"),
        ),
    ],
)
def test_what_is_missing_or_of_another_type_is_named(as_owner, statement, breach):
    run(as_owner, statement)
    assert check_contract(as_owner) == [breach]


def test_every_breach_is_in_one_report(as_owner):
    run(
        as_owner,
        "DROP TABLE registry.flag",
        "ALTER TABLE registry.contact DROP COLUMN note, DROP COLUMN minutes",
        "ALTER TABLE registry.site ALTER opened_on TYPE text",
    )
    assert set(report(check_contract(as_owner)).splitlines()) == {
        "registry.flag: missing (a table or a view)",
        "registry.contact.note: missing (text)",
        "registry.contact.minutes: missing (integer)",
        "registry.site.opened_on: text where date is expected",
    }


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE registry.patient ADD COLUMN nickname text",
        "CREATE TABLE registry.appointment (id bigint)",
        "ALTER TABLE registry.medication ALTER daily_dose_mg TYPE numeric(8, 2)",
        "ALTER TABLE registry.contact ALTER happened_at TYPE timestamptz(3)",
    ],
)
def test_what_goes_beyond_the_contract_is_no_breach(as_owner, statement):
    run(as_owner, statement)
    assert check_contract(as_owner) == []


def test_views_count_like_tables(as_owner):
    run(
        as_owner,
        "ALTER TABLE registry.site SET SCHEMA public",
        "CREATE VIEW registry.site AS SELECT id, name, department, opened_on FROM public.site",
    )
    assert check_contract(as_owner) == [Breach("site", "kind", "text", None)]


def test_a_sequence_of_the_same_name_is_not_the_relation(as_owner):
    run(as_owner, "DROP TABLE registry.flag", "CREATE SEQUENCE registry.flag")
    assert check_contract(as_owner) == [Breach("flag", None, "a table or a view", None)]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("CREATE VIEW registry.flag AS TABLE public.flag", "view without security_invoker"),
        (
            "CREATE VIEW registry.flag WITH (security_invoker = false) AS TABLE public.flag",
            "view without security_invoker",
        ),
        ("CREATE MATERIALIZED VIEW registry.flag AS TABLE public.flag", "materialised view"),
        (
            "CREATE FOREIGN DATA WRAPPER anything;"
            " CREATE SERVER elsewhere FOREIGN DATA WRAPPER anything;"
            " CREATE FOREIGN TABLE registry.flag (id bigint) SERVER elsewhere",
            "foreign table",
        ),
    ],
)
def test_a_relation_that_can_hide_no_row_is_named(as_owner, statement, said):
    run(as_owner, "ALTER TABLE registry.flag SET SCHEMA public")
    run(as_owner, statement)
    (sentence,) = leaking_relations(as_owner)
    assert sentence.startswith("registry.flag is a ")
    assert said in sentence


def test_tables_and_views_that_ask_as_the_reader_can_hide_rows(as_owner):
    run(
        as_owner,
        "ALTER TABLE registry.flag SET SCHEMA public",
        "CREATE VIEW registry.flag WITH (security_invoker) AS TABLE public.flag",
        "CREATE VIEW registry.something_else AS TABLE public.flag",
    )
    assert leaking_relations(as_owner) == []


SHOWN_BY_A_CASE = {
    "status": ("episode", "status"),
    "sex": ("patient", "sex"),
    "sequence": ("care_sequence", "kind"),
    "contact": ("contact", "kind"),
    "adherence": ("medication", "adherence"),
    "care": ("psychosocial_care", "kind"),
    "flag": ("flag", "kind"),
}


@pytest.mark.parametrize("tells", KNOWN_CODES)
def test_a_case_knows_the_codes_of_the_contract(tells):
    assert set(CODES[SHOWN_BY_A_CASE[tells]]) == KNOWN_CODES[tells]


def test_coded_columns_are_columns_of_the_contract():
    for relation, column in CODES:
        assert column in metadata.tables[f"registry.{relation}"].columns


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT nothing FROM registry.flag", True),
        ("SELECT id FROM registry.flags", True),
        ("SELECT 1 / 0", False),
    ],
)
def test_a_query_that_finds_no_such_relation_or_column_is_a_breach(as_owner, query, expected):
    with pytest.raises(DBAPIError) as failed:
        as_owner.exec_driver_sql(query)
    assert is_breach(failed.value) is expected
