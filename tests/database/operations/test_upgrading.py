"""Every released version is brought up to date with data in it, while people use it."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from dashboard.cli.app import app
from dashboard.database import administering
from dashboard.database.audit.verification import Verification
from dashboard.database.operations import upgrading
from dashboard.database.operations.embedded import address_of, app_address_of
from dashboard.database.operations.initialisation import RegistryUnfit
from dashboard.database.operations.schema_setup import create_reference_registry
from dashboard.database.operations.upgrading import bring_up_to_date
from dashboard.database.schema.migration_config import migration_config
from tests.conftest import create_database, drop_database
from tests.support.catalogue import catalogue
from tests.support.factories import Database
from tests.support.filled_rows import everything, fill, register
from tests.support.migrating import broken, statements

pytestmark = pytest.mark.thorough


@pytest.fixture
def unmigrated(server):
    """Yield a database with a registry and without schema review."""
    create_database(server, "unmigrated")
    database = Database(
        address_of(server, database="unmigrated"), app_address_of(server, "unmigrated")
    )
    with database.owner().begin() as connection:
        create_reference_registry(connection)
    yield database
    database.close()
    drop_database(server, "unmigrated")


@pytest.fixture(scope="module")
def template(server):
    """Yield the name of a database of an earlier version, with a row in every table."""
    create_database(server, "at_0010_template")
    database = Database(address_of(server, database="at_0010_template"), "")
    with database.owner().begin() as connection:
        create_reference_registry(connection)
        command.upgrade(migration_config(connection), "0010")
        fill(connection, 5001, "d'avant")
        register(connection, 5001)
    database.close()
    yield "at_0010_template"
    drop_database(server, "at_0010_template")


@pytest.fixture
def at_0010(server, template):
    create_database(server, "at_0010", template=template)
    database = Database(address_of(server, database="at_0010"), app_address_of(server, "at_0010"))
    yield database
    database.close()
    drop_database(server, "at_0010")


@cache
def revisions():
    scripts = ScriptDirectory.from_config(migration_config(None))
    return [script.revision for script in reversed([*scripts.walk_revisions()])]


@dataclass
class History:
    """The history of a database that lived through every version."""

    database: Database
    unchanged: dict[str, bool] = field(default_factory=dict)
    """By revision: whether all was as before, after its connection had been killed."""
    tables: dict[str, set[str]] = field(default_factory=dict)
    """The tables that were there before it."""
    sent: dict[str, list[str]] = field(default_factory=dict)
    """Its statements."""


@pytest.fixture(scope="module")
def history(server):
    """Return a database after every migration was killed at its last statement, then completed.

    After each, every existing table gets a row, of a patient of this version.
    """
    create_database(server, "history")
    database = Database(address_of(server, database="history"), app_address_of(server, "history"))
    lived = History(database)
    with database.owner().begin() as connection:
        create_reference_registry(connection)
        connection.exec_driver_sql("CREATE SCHEMA review")
    for number, revision in enumerate(revisions()):
        before = state(database)
        with pytest.raises(DBAPIError):
            _killed(database, revision)
        lived.unchanged[revision] = state(database) == before
        lived.tables[revision] = set(before[1])
        with database.owner().begin() as connection:
            with statements(connection) as lived.sent[revision]:
                command.upgrade(migration_config(connection), revision)
            fill(connection, 5000 + number, f"écrit à {revision}")
            register(connection, 5000 + number)
    assert init(database).exit_code == 0
    yield lived
    database.close()
    drop_database(server, "history")


def init(database):
    return CliRunner().invoke(app, ["init", "--database-url", database.owner_url])


def state(database):
    with database.owner().connect() as connection:
        return catalogue(connection), everything(connection)


def version(database):
    return state(database)[1]["schema_version"]


# From every released version


@pytest.mark.thorough
def test_what_was_written_at_any_version_is_there_at_the_last(history):
    with history.database.owner().connect() as connection:
        stored = everything(connection)
        command.check(migration_config(connection))
    for number, revision in enumerate(revisions()):
        patient = 5000 + number
        for table in ("case_review", "recommendation", "answer", "draft", "preparation"):
            assert f"écrit à {revision}" in str(stored[table]), (table, revision)
        for table in ("agenda_item", "delivery", "access_log"):
            assert any(str(patient) in row for row in stored[table]), (table, revision)
        assert any(f"team {patient:x}" in row for row in stored["account"]), revision


def test_rows_of_before_the_chains_are_chained_when_they_come(unmigrated):
    with unmigrated.owner().begin() as connection:
        command.upgrade(migration_config(connection), "0007")
        fill(connection, 5001, "d'avant")
        register(connection, 5001)
    assert init(unmigrated).exit_code == 0
    with unmigrated.owner().begin() as connection:
        verified = Verification(connection).verified()
    assert (verified.rows, verified.findings) == (1, ())


def test_migrations_one_by_one_come_to_the_same_as_all_at_once(unmigrated, database):
    with unmigrated.owner().begin() as connection:
        command.upgrade(migration_config(connection), "0001")
    assert init(unmigrated).exit_code == 0
    one_by_one, at_once = state(unmigrated)[0], state(database)[0]
    assert {name: sorted(rows, key=str) for name, rows in one_by_one.items()} == {
        name: sorted(rows, key=str) for name, rows in at_once.items()
    }


# While people use it


def test_a_registry_with_a_fault_is_refused_before_anything_is_changed(at_0010):
    with at_0010.owner().begin() as connection:
        connection.exec_driver_sql("DROP TABLE registry.flag")
    before = state(at_0010)
    with pytest.raises(RegistryUnfit, match=r"registry\.flag"):
        bring_up_to_date(at_0010.owner_url)
    assert state(at_0010) == before


@pytest.fixture
def in_a_hurry(monkeypatch):
    monkeypatch.setattr("dashboard.database.schema.migration_config.LOCK_TIMEOUT", "100ms")
    monkeypatch.setattr(upgrading, "WAITS", (0.05, 0.05))


def test_a_migration_behind_a_long_reader_gives_up_and_changes_nothing(at_0010, in_a_hurry):
    before = state(at_0010)
    with at_0010.owner().begin() as reading:
        reading.exec_driver_sql("SELECT count(*) FROM review.account")
        result = init(at_0010)
    assert result.exit_code == 1
    assert result.output.count("A table is in use.") == 2
    assert "lock timeout" in result.output
    assert "Schema review is at version 0010, whole: run init again" in result.output
    assert state(at_0010) == before
    assert init(at_0010).exit_code == 0
    assert version(at_0010) == [f"({revisions()[-1]})"]


def test_it_goes_on_once_the_reader_is_done(at_0010, in_a_hurry, monkeypatch):
    monkeypatch.setattr(upgrading, "WAITS", (0.1,) * 50)
    with ThreadPoolExecutor() as pool:
        with at_0010.owner().begin() as reading:
            reading.exec_driver_sql("SELECT count(*) FROM review.account")
            upgrade = pool.submit(init, at_0010)
            time.sleep(0.5)
            assert not upgrade.done()
        assert upgrade.result(timeout=20).exit_code == 0


def test_who_comes_behind_a_waiting_migration_waits_no_longer_than_it(at_0010, monkeypatch):
    """Check the limit: others wait behind a waiting lock, without it for as long as the reader."""
    monkeypatch.setattr("dashboard.database.schema.migration_config.LOCK_TIMEOUT", "300ms")
    monkeypatch.setattr(upgrading, "WAITS", ())
    with ThreadPoolExecutor() as pool, at_0010.owner().begin() as reading:
        reading.exec_driver_sql("SELECT count(*) FROM review.account")
        upgrade = pool.submit(init, at_0010)
        while not reading.exec_driver_sql("SELECT 1 FROM pg_locks WHERE NOT granted").first():
            time.sleep(0.01)
        with administering(at_0010.owner_url) as behind:
            behind.exec_driver_sql("SET LOCAL statement_timeout = '5s'")
            assert behind.exec_driver_sql("SELECT count(*) FROM review.account").scalar() == 1
        assert upgrade.result(timeout=20).exit_code == 1


def test_each_migration_waits_two_seconds_at_most(as_owner):
    with as_owner.begin_nested():
        command.upgrade(migration_config(as_owner), "head")
        assert as_owner.exec_driver_sql("SHOW lock_timeout").scalar() == "2s"


def test_two_who_migrate_at_once_come_one_after_the_other(at_0010):
    with ThreadPoolExecutor() as pool:
        both = [pool.submit(bring_up_to_date, at_0010.owner_url) for _ in range(2)]
        for one in both:
            one.result(timeout=30)
    assert version(at_0010) == [f"({revisions()[-1]})"]


# Interrupted


def test_an_interrupted_migration_leaves_what_was_there_and_can_be_run_again(history):
    assert history.unchanged == dict.fromkeys(revisions(), True)
    assert version(history.database) == [f"({revisions()[-1]})"]


def _killed(database, revision):
    with database.owner().connect() as connection:
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()

        def kill(_connection, _cursor, statement, *_others):
            if statement.startswith(("UPDATE review.schema_version", "INSERT INTO review.schema")):
                with administering(database.owner_url) as other:
                    other.exec_driver_sql(f"SELECT pg_terminate_backend({pid}, 5000)")

        event.listen(connection, "before_cursor_execute", kill)
        command.upgrade(migration_config(connection), revision)


# Allowed operations of a migration

BEFORE_IT_WAS_IN_USE = {"0002", "0005", "0007", "0008", "0011"}
"""Migrations of tables that were small wherever they ran."""


def test_no_migration_holds_a_table_that_people_use(history):
    found = {
        revision: [(why, one) for one in sent for why in broken(one, history.tables[revision])]
        for revision, sent in history.sent.items()
    }
    wrong = {revision: reasons for revision, reasons in found.items() if reasons}
    assert wrong.keys() - BEFORE_IT_WAS_IN_USE == set(), wrong
    assert wrong.keys() >= BEFORE_IT_WAS_IN_USE, "a migration that breaks no rule needs no leave"


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE review.letter ALTER COLUMN language SET NOT NULL",
        "ALTER TABLE review.letter ALTER COLUMN language TYPE varchar(2)",
        "ALTER TABLE review.letter ADD CONSTRAINT c CHECK (language IN ('fr', 'en'))",
        "ALTER TABLE review.letter ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES review.answer (a)",
        "ALTER TABLE review.letter ADD CONSTRAINT c UNIQUE (patient_id, language)",
        "CREATE INDEX letter_language ON review.letter (language)",
        "CREATE UNIQUE INDEX letter_language ON review.letter (language)",
        "ALTER TABLE review.letter ADD COLUMN pages INTEGER NOT NULL",
        "ALTER TABLE review.letter ADD COLUMN key UUID DEFAULT gen_random_uuid() NOT NULL",
        "ALTER TABLE review.letter DROP COLUMN language",
        "ALTER TABLE review.letter RENAME language TO tongue",
        "DROP TABLE review.letter",
        "UPDATE review.letter SET language = 'fr'",
        "DELETE FROM review.letter",
        "LOCK TABLE review.letter IN SHARE MODE",
        "DO $$ BEGIN NULL; END $$",
    ],
)
def test_a_statement_that_holds_a_table_long_is_found(statement):
    assert len([*broken(statement, {"letter"})]) == 1
    assert statement.startswith("DO") or [*broken(statement, {"answer"})] == []


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE review.letter ADD COLUMN pages INTEGER",
        "ALTER TABLE review.letter ADD COLUMN pages INTEGER DEFAULT 1 NOT NULL",
        "ALTER TABLE review.letter ADD CONSTRAINT c CHECK (language <> '') NOT VALID",
        "ALTER TABLE review.letter VALIDATE CONSTRAINT c",
        "ALTER TABLE review.letter ADD CONSTRAINT c UNIQUE USING INDEX letter_language",
        "ALTER TABLE review.letter ALTER COLUMN language DROP NOT NULL",
        "CREATE INDEX IF NOT EXISTS letter_language ON review.letter (language)",
        "CREATE TABLE review.reading (id UUID NOT NULL)",
    ],
)
def test_one_that_is_quick_is_not(statement):
    assert [*broken(statement, {"letter"})] == []
