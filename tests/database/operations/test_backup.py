"""A backup is complete again after a restore, on a server that has never seen it."""

import os
import shlex
import stat
from errno import EPERM
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from alembic import command
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from dashboard.cli.app import app
from dashboard.database import acting_as, administering, connect_to
from dashboard.database.audit.access_log import log_access
from dashboard.database.audit.anchors import anchor, read_anchors
from dashboard.database.audit.verification import Verification
from dashboard.database.operations import backup as operations
from dashboard.database.operations.backup import RestoredInPart
from dashboard.database.operations.embedded import (
    address_of,
    app_address_of,
    embedded_postgres,
    ensure_database,
)
from dashboard.database.operations.pg_tools import NoProgram, Program, programs, target
from dashboard.database.operations.pg_tools import run as start
from dashboard.database.operations.schema_setup import create_reference_registry, prepare
from dashboard.database.schema.migration_config import migration_config
from dashboard.database.schema.roles import ROLES
from dashboard.database.security.startup_checks import unsafe
from dashboard.settings import settings
from tests.conftest import create_database, drop_database
from tests.support.catalogue import catalogue
from tests.support.factories import Database
from tests.support.filled_rows import everything, fill


def run(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)))


@pytest.fixture(scope="module")
def filled(server, prepared):
    """Yield a database that no test changes: a row in every table, and records opened."""
    create_database(server, "filled", template=prepared)
    database = Database(address_of(server, database="filled"), app_address_of(server, "filled"))
    with database.owner().begin() as connection:
        fill(connection, 4101, "Synthèse « à garder » \\ \t 100 %")
        for number in range(5):
            log_access(connection, "case_opened", patient_id=number)
    yield database
    database.close()
    drop_database(server, "filled")


@pytest.fixture
def another(server):
    """Yield a database with an empty registry and without schema review, on the same server."""
    create_database(server, "another")
    database = Database(address_of(server, database="another"), app_address_of(server, "another"))
    with database.owner().begin() as connection:
        create_reference_registry(connection)
    yield database
    database.close()
    drop_database(server, "another")


@pytest.fixture(scope="module")
def backup(filled, tmp_path_factory):
    file = tmp_path_factory.mktemp("backup") / "review.backup"
    result = run("backup", file, "--database-url", filled.owner_url)
    assert result.exit_code == 0, result.output
    return file


def stored(database: Database) -> dict[str, list[str]]:
    with database.owner().connect() as connection:
        return everything(connection)


def of_schema_review(database: Database) -> dict[str, list[tuple]]:
    with database.owner().connect() as connection:
        whole = catalogue(connection)
    return {name: rows for name, rows in whole.items() if name not in ("roles", "limits")}


CHANGED = {"access_log", "access_chain", "access_head", "sign_in", "made_file"}
"""Tables of which a restored database has other rows."""

NO_TABLE_IS_MADE = (
    "CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql"
    " AS $$ BEGIN RAISE 'no table today'; END $$",
    "CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('CREATE TABLE')"
    " EXECUTE FUNCTION public.refuse()",
)


def dumping(database: Database) -> Program:
    with database.owner().connect() as connection:
        version = connection.exec_driver_sql("SHOW server_version_num").scalar_one()
    return programs("pg_dump", int(version) // 10_000)[0]


@pytest.mark.thorough
def test_a_backup_is_restored_on_a_server_that_has_never_seen_it(filled, backup):
    before, rules = stored(filled), of_schema_review(filled)
    with filled.owner().begin() as connection:
        anchors = read_anchors([anchor(connection, None)], None)
    with (
        TemporaryDirectory(prefix="case-review-", ignore_cleanup_errors=True) as directory,
        embedded_postgres(Path(directory) / "pg") as server,
    ):
        ensure_database(server, "elsewhere")
        restored = Database(
            address_of(server, database="elsewhere"), app_address_of(server, "elsewhere")
        )
        with restored.owner().begin() as connection:
            create_reference_registry(connection)
            for statement in NO_TABLE_IS_MADE:
                connection.exec_driver_sql(statement)
        refused = run("restore", backup, "--database-url", restored.owner_url)
        assert "no table today" in refused.output
        with restored.owner().begin() as connection:
            assert "case_review_app" not in str(catalogue(connection)["roles"])
            connection.exec_driver_sql("DROP EVENT TRIGGER refuse; DROP FUNCTION public.refuse")
        result = run("restore", backup, "--database-url", restored.owner_url)
        assert result.exit_code == 0, result.output
        assert "CASE_REVIEW_DATABASE_URL=postgresql://case_review_app:" in result.output

        after = stored(restored)
        written = set(after["access_log"]) - set(before["access_log"])
        assert [row for row in written if "backup_restored" not in row] == []
        for table in before.keys() - CHANGED:
            assert after[table] == before[table], table
        # A file that was made for a download is no record.
        assert (len(before["made_file"]), after["made_file"]) == (1, [])
        assert set(before["access_log"]) <= set(after["access_log"])
        assert of_schema_review(restored) == rules
        with restored.owner().begin() as connection:
            verified = Verification(connection, anchors).verified()
            assert (verified.findings, verified.rows) == ((), len(after["access_log"]))
        # As serve asks before it starts.
        connect_to(restored.app_url)
        with acting_as(None) as connection:
            assert unsafe(connection) == []
        restored.close()


def test_nobody_stays_signed_in(backup, another):
    assert (
        "Sign-ins ended: 1." in run("restore", backup, "--database-url", another.owner_url).output
    )
    with another.owner().connect() as connection:
        open_ones = "SELECT count(*) FROM review.sign_in WHERE ended_at IS NULL"
        assert connection.exec_driver_sql(open_ones).scalar() == 0


def test_a_backup_of_an_earlier_version_is_migrated(another, tmp_path):
    file = tmp_path / "earlier"
    with another.owner().begin() as connection:
        command.upgrade(migration_config(connection), "0009")
        fill(connection, 4102, "de la semaine passée")
        # Without the triggers of that version it has no chains.
        connection.exec_driver_sql("DELETE FROM review.access_log")
    database = target(another.owner_url)
    arguments = ["--format=custom", "--schema=review", f"--dbname={database.dbname}"]
    start(dumping(another), [*arguments, f"--file={file}"], database.environment)
    with another.owner().begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA review CASCADE")
    result = run("restore", file, "--database-url", another.owner_url)
    assert result.exit_code == 0, result.output
    assert "de la semaine passée" in str(stored(another)["case_review"])
    connect_to(another.app_url)
    with acting_as(None) as connection:
        assert unsafe(connection) == []


def test_it_is_on_the_access_log_that_a_backup_was_made(filled, backup):
    assert "backup_made" in str(stored(filled)["access_log"])


def test_only_its_owner_can_read_the_file(backup):
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_what_is_not_in_it_is_said(filled, tmp_path):
    said = run("backup", tmp_path / "file", "--database-url", filled.owner_url).output
    for missing in ("registry", "CASE_REVIEW_SEALING_KEY", "CASE_REVIEW_LINK_KEY", "anchors"):
        assert missing in said


# Refusals that change nothing


def test_a_file_that_is_there_is_not_written_over(filled, backup):
    before = backup.read_bytes()
    result = run("backup", backup, "--database-url", filled.owner_url)
    assert result.exit_code == 1
    assert "is there already" in result.output
    assert backup.read_bytes() == before


def test_a_backup_that_fails_leaves_no_file(filled, tmp_path, monkeypatch):
    monkeypatch.setattr("dashboard.database.operations.backup._LONGEST_WAIT", "50ms")
    with filled.owner().begin() as migrating:
        migrating.exec_driver_sql("LOCK TABLE review.letter")
        result = run("backup", tmp_path / "file", "--database-url", filled.owner_url)
    assert result.exit_code == 1
    assert "No backup was made." in result.output
    assert list(tmp_path.iterdir()) == []


def test_backup_is_written_to_a_drive_without_links(filled, tmp_path, monkeypatch):
    def refuse(*_paths):
        raise PermissionError(EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    file = tmp_path / "review.backup"
    result = run("backup", file, "--database-url", filled.owner_url)
    assert (result.exit_code, [*tmp_path.iterdir()]) == (0, [file])


def test_restore_that_stops_late_names_the_new_roles_without_a_known_password(
    backup, another, monkeypatch
):
    def refuse(_connection):
        raise DBAPIError("", None, Exception("lock timeout"))

    monkeypatch.setattr(operations, "create_role", lambda *_: True)
    monkeypatch.setattr(operations, "initialise", refuse)
    with pytest.raises(RestoredInPart) as stopped:
        operations.restore(another.owner_url, backup)
    assert all(role in str(stopped.value) for role in ROLES)


def test_nothing_is_restored_over_data(filled, backup):
    before = stored(filled)
    result = run("restore", backup, "--database-url", filled.owner_url)
    assert result.exit_code == 1
    assert "Schema review exists" in result.output
    assert stored(filled) == before


def test_nothing_is_restored_beside_a_registry_that_does_not_keep_the_contract(backup, another):
    with another.owner().begin() as connection:
        connection.exec_driver_sql("ALTER TABLE registry.patient DROP COLUMN birth_date CASCADE")
    result = run("restore", backup, "--database-url", another.owner_url)
    assert result.exit_code == 1
    assert "registry.patient.birth_date" in result.output


@pytest.mark.parametrize("damage", ["cut off", "not one", "empty"])
def test_a_damaged_file_restores_nothing(backup, another, tmp_path, damage):
    whole = backup.read_bytes()
    contents = {"cut off": whole[: len(whole) * 2 // 3], "not one": b"x" * 999, "empty": b""}
    file = tmp_path / "damaged"
    file.write_bytes(contents[damage])
    result = run("restore", file, "--database-url", another.owner_url)
    assert result.exit_code == 1
    with another.owner().connect() as connection:
        assert connection.exec_driver_sql("SELECT to_regnamespace('review')").scalar() is None


def test_a_backup_of_a_later_version_is_refused(database, another, tmp_path):
    with database.owner().begin() as connection:
        connection.exec_driver_sql("UPDATE review.schema_version SET version_num = '9999'")
    file = tmp_path / "later"
    assert run("backup", file, "--database-url", database.owner_url).exit_code == 0
    result = run("restore", file, "--database-url", another.owner_url)
    assert result.exit_code == 1
    assert "is of version 9999" in result.output


# The person who backs up


def test_an_owner_who_is_no_superuser_backs_up_restores_and_erases(server, prepared, tmp_path):
    owner = "an_owner"
    with administering(server) as connection:
        connection.exec_driver_sql(f"CREATE ROLE {owner} LOGIN CREATEROLE")
        # As a superuser who made the role for them.
        connection.exec_driver_sql(
            f"GRANT {', '.join(ROLES)} TO {owner} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE"
        )
    engine = create_engine(
        address_of(server).replace("postgresql:", "postgresql+psycopg:"),
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE theirs OWNER {owner}")
    url = address_of(server, database="theirs", role=owner)
    with administering(url) as connection:
        create_reference_registry(connection)
        prepare(connection)
        fill(connection, 4103, "tout")
    assert run("backup", tmp_path / "file", "--database-url", url).exit_code == 0
    drop_database(server, "theirs")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE theirs_again OWNER an_owner")
    url = address_of(server, database="theirs_again", role=owner)
    with administering(url) as connection:
        create_reference_registry(connection)
    result = run("restore", tmp_path / "file", "--database-url", url)
    assert result.exit_code == 0, result.output
    with administering(url) as connection:
        rows = everything(connection)
        full = [table for table in rows if not table.startswith("access") and table != "made_file"]
        assert all(rows[table] for table in full), rows
        owners = (
            "SELECT DISTINCT relowner::regrole::text FROM pg_class"
            " WHERE relnamespace = 'review'::regnamespace"
        )
        assert connection.exec_driver_sql(owners).scalars().all() == [owner]
    erasing = ["erase", "--patient", "4103", "--database-url", url]
    assert CliRunner().invoke(app, erasing, input="4103\n").exit_code == 0
    with administering(url) as connection:
        assert everything(connection)["letter"] == []
    drop_database(server, "theirs_again")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"REVOKE {', '.join(ROLES)} FROM {owner}; DROP ROLE {owner}")
    engine.dispose()


def test_a_role_from_which_rows_are_hidden_makes_no_backup(filled, tmp_path):
    result = run("backup", tmp_path / "file", "--database-url", filled.app_url)
    assert result.exit_code == 1
    assert "Rows may be hidden from this role" in result.output
    assert list(tmp_path.iterdir()) == []


# The programs


def test_no_password_is_on_a_command_line(filled, tmp_path, monkeypatch):
    """Check, by a spy at the program's start, everything that other users could read of it."""
    real, seen = dumping(filled).path, tmp_path / "seen"
    folder = tmp_path / "bin"
    folder.mkdir()
    spy = folder / "pg_dump"
    spy.write_text(
        f'#!/bin/sh\necho "$@" >> {shlex.quote(str(seen))}\n'
        f'echo "${{PGPASSWORD:-}}" >> {shlex.quote(str(seen))}.environment\nexec {real} "$@"\n'
    )
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    url = filled.owner_url.replace("postgres@", "postgres:s3cret@")
    monkeypatch.setenv("CASE_REVIEW_ADMIN_DATABASE_URL", url)
    settings.cache_clear()
    assert run("backup", tmp_path / "file").exit_code == 0
    settings.cache_clear()
    assert "--format=custom" in seen.read_text()
    assert "s3cret" not in seen.read_text()
    assert "s3cret" in (tmp_path / "seen.environment").read_text()


def test_where_to_connect_is_told_in_the_environment(monkeypatch):
    monkeypatch.setenv("CASE_REVIEW_SEALING_KEY", "k" * 32)
    told = target("postgresql://o:p%40ss%20@db.example.fr:5433/x?sslmode=verify-full&keepalives=1")
    assert told.dbname == "dbname=x keepalives=1"
    named = {name: told.environment[name] for name in ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD")}
    assert named == {
        "PGHOST": "db.example.fr",
        "PGPORT": "5433",
        "PGUSER": "o",
        "PGPASSWORD": "p@ss ",
    }
    assert told.environment["PGSSLMODE"] == "verify-full"
    assert "CASE_REVIEW_SEALING_KEY" not in told.environment


@pytest.mark.programs
def test_the_programs_nearest_to_the_servers_version_come_first():
    found = [one.version for one in programs("pg_dump", 15)]
    assert found == sorted(found)
    assert min(found) >= 15


@pytest.mark.programs
def test_a_program_that_is_missing_is_named():
    with pytest.raises(NoProgram, match="pg_dump of PostgreSQL 99 or later is needed"):
        programs("pg_dump", 99)


def test_a_registry_that_is_unfit_is_named_and_nothing_is_restored(another, backup):
    with another.owner().begin() as connection:
        connection.exec_driver_sql("ALTER TABLE registry.contact DROP COLUMN note")
    result = run("restore", backup, "--database-url", another.owner_url)
    assert result.exit_code == 1
    assert "registry.contact" in result.output
    with another.owner().connect() as connection:
        assert not connection.exec_driver_sql("SELECT to_regnamespace('review')").scalar()
