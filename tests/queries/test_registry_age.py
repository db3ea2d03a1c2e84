"""The last load of the registry, as the pages and the server read it."""

from datetime import UTC, date, datetime

import pytest

from dashboard.clinical.registry_age import RegistryLoad
from dashboard.database import acting_as, administering
from dashboard.database.security.policies import secure
from dashboard.queries.registry_age import registry_load


def loaded(database, *statements):
    with administering(database.owner_url) as owner:
        for statement in statements:
            owner.exec_driver_sql(statement)


TABLE = "CREATE TABLE registry.loaded (as_of date, loaded_at timestamptz, source text)"
TWO_LOADS = (
    "INSERT INTO registry.loaded VALUES ('2026-11-23', '2026-11-24 01:00+00', 'files'),"
    " ('2026-11-22', '2026-11-23 01:00+00', 'files')"
)
LAST = RegistryLoad(date(2026, 11, 23), datetime(2026, 11, 24, 1, tzinfo=UTC), "files")


def test_a_registry_without_the_relation_has_no_age(database):
    with acting_as(database.team().nurse) as connection:
        assert registry_load(connection) is None


def test_a_registry_that_was_never_loaded_has_no_age(database):
    loaded(database, TABLE)
    with administering(database.owner_url) as owner:
        secure(owner)
    with acting_as(None) as connection:
        assert registry_load(connection) is None


@pytest.mark.parametrize("role", ["case_review_app", "case_review_service"])
def test_both_roles_read_the_last_load(database, role):
    loaded(database, TABLE, TWO_LOADS)
    with administering(database.owner_url) as owner:
        secure(owner)
        owner.exec_driver_sql(f"SET LOCAL ROLE {role}")
        assert registry_load(owner) == LAST


def test_a_view_of_the_hospital_s_own_loads_is_read(database):
    loaded(
        database,
        "CREATE SCHEMA IF NOT EXISTS dossier",
        "CREATE TABLE dossier.chargement (jour date, fini_le timestamptz)",
        "INSERT INTO dossier.chargement VALUES ('2026-11-23', '2026-11-24 01:00+00')",
        "CREATE VIEW registry.loaded AS SELECT jour AS as_of, fini_le AS loaded_at,"
        " 'files'::text AS source FROM dossier.chargement",
    )
    with administering(database.owner_url) as owner:
        secure(owner)
    with acting_as(None) as connection:
        assert registry_load(connection) == LAST


@pytest.mark.parametrize(
    "broken",
    ["ALTER TABLE registry.loaded DROP COLUMN as_of", "REVOKE ALL ON registry.loaded FROM PUBLIC"],
)
def test_a_relation_that_cannot_be_read_gives_no_age(database, broken):
    loaded(database, TABLE, TWO_LOADS, broken)
    with acting_as(None) as connection:
        assert registry_load(connection) is None
