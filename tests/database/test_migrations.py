"""The migrations make what the models say, and preparing a database again changes nothing."""

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from dashboard.database.policies import create_app_role
from dashboard.database.preparation import (
    create_reference_registry,
    migrate,
    migration_config,
    prepare,
)
from tests.catalogue import catalogue


@pytest.fixture
def connection(database):
    """As the owner, in a transaction that is rolled back."""
    with database.owner().connect() as connection:
        yield connection


def test_models_and_migrations_agree(connection):
    command.check(migration_config(connection))


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
def test_a_difference_would_be_found(connection, change):
    connection.exec_driver_sql(change)
    with pytest.raises(CommandError, match="New upgrade operations detected"):
        command.check(migration_config(connection))


def test_there_is_one_head(connection):
    assert len(ScriptDirectory.from_config(migration_config(connection)).get_heads()) == 1


def test_preparing_again_changes_nothing(connection):
    prepare(connection)
    before = catalogue(connection)
    assert prepare(connection) is False
    assert catalogue(connection) == before


def test_migrations_touch_no_schema_but_their_own(connection):
    connection.exec_driver_sql("DROP SCHEMA review CASCADE")
    before = catalogue(connection)
    migrate(connection)
    after = catalogue(connection)
    changed = {str(row[0]) for name in before for row in set(after[name]) ^ set(before[name])}
    assert changed
    assert {name for name in changed if not name.startswith("review")} == set()


def test_the_reference_registry_is_created_once(connection):
    before = catalogue(connection)
    create_reference_registry(connection)
    assert catalogue(connection) == before


def test_the_role_is_created_once(connection):
    assert create_app_role(connection, "another password") is False
