"""The migrations produce the models' schema, and preparing a database again changes nothing."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from dashboard.database.operations.schema_setup import create_reference_registry, migrate, prepare
from dashboard.database.schema.migration_config import migration_config
from dashboard.database.schema.roles import ROLES, create_role
from dashboard.database.security.policies import secure
from tests.support.catalogue import catalogue
from tests.support.factories import Database


def test_models_and_migrations_agree(as_owner):
    command.check(migration_config(as_owner))


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE review.draft ADD COLUMN mood text",
        "ALTER TABLE review.case_review DROP COLUMN summary",
        "ALTER TABLE review.case_review ALTER next_review_on TYPE timestamptz",
        "ALTER TABLE review.answer ALTER outcome DROP NOT NULL",
        "DROP INDEX review.sign_in_practitioner",
        "CREATE TABLE review.leftover (id int)",
    ],
)
def test_a_difference_would_be_found(as_owner, change):
    as_owner.exec_driver_sql(change)
    with pytest.raises(CommandError, match="New upgrade operations detected"):
        command.check(migration_config(as_owner))


def test_there_is_one_head(as_owner):
    assert len(ScriptDirectory.from_config(migration_config(as_owner)).get_heads()) == 1


def test_preparing_again_changes_nothing(as_owner):
    prepare(as_owner)
    before = catalogue(as_owner)
    assert prepare(as_owner) == []
    assert catalogue(as_owner) == before


def test_migrations_touch_no_schema_but_their_own(as_owner):
    as_owner.exec_driver_sql("DROP SCHEMA review CASCADE")
    before = catalogue(as_owner)
    migrate(as_owner)
    after = catalogue(as_owner)
    changed = {str(row[0]) for name in before for row in set(after[name]) ^ set(before[name])}
    assert changed
    assert {name for name in changed if not name.startswith("review")} == set()


def test_the_reference_registry_is_created_once(as_owner):
    before = catalogue(as_owner)
    create_reference_registry(as_owner)
    assert catalogue(as_owner) == before


def test_the_role_is_created_once(as_owner):
    assert not any(create_role(as_owner, role, "another password") for role in ROLES)


def test_securing_waits_for_who_holds_a_table_before_it_changes_any(database):
    """Check with a lock as ANALYZE takes it, which then changes the table's catalogue row."""
    with database.owner().begin() as analysing, ThreadPoolExecutor() as pool:
        analysing.exec_driver_sql("LOCK TABLE registry.flag IN SHARE UPDATE EXCLUSIVE MODE")
        securing = pool.submit(_secure, database)
        while not analysing.exec_driver_sql("SELECT 1 FROM pg_locks WHERE NOT granted").first():
            time.sleep(0.01)
        analysing.exec_driver_sql("GRANT SELECT ON registry.flag TO case_review_app")
        analysing.commit()
        securing.result(timeout=20)


def _secure(database: Database) -> None:
    with database.owner().begin() as connection:
        secure(connection)
