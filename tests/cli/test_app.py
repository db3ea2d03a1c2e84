"""The commands, as a person runs them: what they say, their exit status, what they change."""

import os
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from dashboard.cli.app import app
from dashboard.cli.owner import as_owner
from dashboard.database import acting_as, connect_to
from dashboard.database.operations.embedded import address_of, app_address_of
from dashboard.database.schema.contract import registry_relations
from dashboard.database.schema.roles import ROLES
from dashboard.database.security.startup_checks import unsafe
from dashboard.settings import settings
from tests.conftest import create_database, drop_database
from tests.support.catalogue import catalogue
from tests.support.factories import Database
from tests.support.repository import ROOT


@pytest.fixture
def empty(server):
    """Yield an empty database."""
    create_database(server, "nothing")
    database = Database(
        owner_url=address_of(server, database="nothing"),
        app_url=app_address_of(server, "nothing"),
    )
    yield database
    database.close()
    drop_database(server, "nothing")


def run(*arguments: str, database: Database | None = None, typed: str | None = None):
    address = ["--database-url", database.owner_url] if database else []
    return CliRunner().invoke(app, [*arguments, *address], input=typed)


def everything(database: Database) -> dict[str, list[tuple]]:
    with database.owner().connect() as connection:
        return catalogue(connection)


def test_init_prepares_a_registry_that_keeps_the_contract(database):
    case = database.team().case("2026-09-01")
    result = run("init", database=database)
    assert result.exit_code == 0, result.output
    assert "Schema review is up to date" in result.output
    assert "CASE_REVIEW_DATABASE_URL=postgresql://case_review_app:" in result.output
    connect_to(database.app_url)
    with acting_as(case.team.nurse) as connection:
        assert (
            connection.exec_driver_sql("SELECT id FROM registry.patient").scalar() == case.patient
        )


def test_init_names_everything_that_is_missing_and_changes_nothing(empty):
    with empty.owner().begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA registry")
        connection.exec_driver_sql("CREATE TABLE registry.patient (id int, family_name text)")
    before = everything(empty)
    result = run("init", database=empty)
    assert result.exit_code == 1
    assert "registry.patient.id: integer where bigint is expected" in result.output
    assert "registry.patient.birth_date: missing (date)" in result.output
    assert result.output.count(": missing (a table or a view)") == 11
    assert "Nothing was changed." in result.output
    assert everything(empty) == before


def test_init_refuses_views_that_would_show_every_row(database):
    with database.owner().begin() as connection:
        connection.exec_driver_sql("ALTER TABLE registry.flag SET SCHEMA public")
        connection.exec_driver_sql("CREATE VIEW registry.flag AS TABLE public.flag")
    before = everything(database)
    result = run("init", database=database)
    assert result.exit_code == 1
    assert "registry.flag is a view without security_invoker" in result.output
    assert everything(database) == before


def test_init_goes_on_where_an_index_is_missing_and_ends_with_saying_so(database):
    with database.owner().begin() as connection:
        connection.exec_driver_sql("DROP INDEX registry.episode_nurse")
    result = run("init", database=database)
    assert result.exit_code == 1
    assert "Schema review is up to date" in result.output
    assert "Pages would be slow:\nregistry.episode.nurse_id has no index" in result.output


def test_init_twice_changes_nothing(database):
    assert run("init", database=database).exit_code == 0
    before = everything(database)
    assert run("init", database=database).exit_code == 0
    assert everything(database) == before


def test_init_on_a_new_server_with_a_reference_registry(empty):
    result = run("init", "--reference-registry", database=empty)
    assert result.exit_code == 0, result.output
    connect_to(empty.app_url)
    with acting_as(None) as connection:
        assert unsafe(connection) == []


def test_a_reference_registry_is_not_mixed_into_another(empty):
    with empty.owner().begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA registry")
        connection.exec_driver_sql("CREATE VIEW registry.patient AS SELECT 1::bigint AS id")
    before = everything(empty)
    result = run("init", "--reference-registry", database=empty)
    assert result.exit_code == 1
    assert "registry.site: missing" in result.output
    assert everything(empty) == before


@pytest.fixture
def no_role(database):
    """Rename the server's roles for one test, since they belong to the whole of PostgreSQL."""
    with database.owner().begin() as connection:
        for role in ROLES:
            connection.exec_driver_sql(f"ALTER ROLE {role} RENAME TO {role}_away")
    yield database
    with database.owner().begin() as connection:
        for role in ROLES:
            connection.exec_driver_sql(f"DROP OWNED BY {role}")
            connection.exec_driver_sql(f"DROP ROLE {role}")
            connection.exec_driver_sql(f"ALTER ROLE {role}_away RENAME TO {role}")


def passwords(database: Database) -> list[str]:
    with database.owner().connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT rolpassword FROM pg_authid WHERE rolname = ANY (%s) ORDER BY rolname",
            (list(ROLES),),
        )
        return list(rows.scalars())


def test_each_new_role_gets_a_password_that_is_shown_once(no_role):
    first = run("init", database=no_role)
    assert "a password is shown this once" in first.output
    shown = []
    for role in ROLES:
        assert f"Created the role {role}." in first.output
        shown.append(first.output.split(f"{role}:")[1].split("@")[0])
    assert min(map(len, shown)) >= 32
    assert shown[0] != shown[1]
    kept = passwords(no_role)
    assert [one[:13] for one in kept] == ["SCRAM-SHA-256"] * 2
    second = run("init", database=no_role)
    for role, one in zip(ROLES, shown, strict=True):
        assert f"Kept the role {role}." in second.output
        assert one not in second.output
    assert passwords(no_role) == kept


def test_passwords_can_be_given_to_new_roles_and_to_those_that_are_there(no_role):
    def give(*each: str) -> list[str]:
        typed = "".join(f"{one}\n{one}\n" for one in each)
        done = run("init", "--app-password", database=no_role, typed=typed)
        assert done.exit_code == 0, done.output
        return passwords(no_role)

    first = give("l'été: 100 % sûr", "un autre pour le service")
    assert not set(first) & set(give("another one", "and another one"))


def test_no_password_is_an_argument_of_init():
    """Check it because every user of a machine can read its command lines."""
    result = run("init", "--app-password", "secret")
    assert result.exit_code == 2
    assert "unexpected" in result.output


def test_import_loads_and_a_second_time_changes_nothing(empty, tmp_path):
    (tmp_path / "site.csv").write_text("id,name,department,kind,opened_on\n1,A,78,msp,2023-09-04\n")
    first = run("import", str(tmp_path), database=empty)
    assert first.exit_code == 0, first.output
    assert "site: 1 read, 1 added, 0 changed" in first.output
    second = run("import", str(tmp_path), database=empty)
    assert second.exit_code == 0
    assert "site: 1 read, 0 added, 0 changed" in second.output


def test_import_names_the_bad_cells_and_loads_nothing(empty, tmp_path):
    (tmp_path / "site.csv").write_text("id,name,department,kind,opened_on\n1,A,78,spa,hier\n")
    before = everything(empty)
    result = run("import", str(tmp_path), database=empty)
    assert result.exit_code == 1
    assert "site.csv, line 2, column kind: expected one of msp," in result.output
    assert "site.csv, line 2, column opened_on: expected a day" in result.output
    assert "Nothing was changed." in result.output
    assert everything(empty) == before


@pytest.mark.programs
@pytest.mark.parametrize("command", [["init"], ["import", "."], ["copy"]])
@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://owner@127.0.0.1:1/registry", "The database refused: connection failed"),
        (
            "postgresql://owner:hush@127.0.0.1/registry",
            "Other users of this machine can read the password",
        ),
        (
            "postgresql:///registry?password=hush",
            "Other users of this machine can read the password",
        ),
        ("registry", "must look like postgresql://"),
        ("postgresql://owner:hush@host:port/registry", "must look like postgresql://"),
        ("sqlite:///registry", "must look like postgresql://"),
    ],
)
def test_a_database_that_cannot_be_reached_is_a_sentence(command, address, said):
    result = run(*command, "--database-url", address)
    assert result.exit_code == 1
    assert said in result.output
    assert "hush" not in result.output
    assert "Traceback" not in result.output


def test_without_an_address_the_commands_say_what_to_give(monkeypatch):
    monkeypatch.delenv("CASE_REVIEW_ADMIN_DATABASE_URL", raising=False)
    settings.cache_clear()
    result = run("init")
    assert result.exit_code == 1
    assert "Give --database-url or set CASE_REVIEW_ADMIN_DATABASE_URL." in result.output


def test_the_address_can_come_from_the_environment(database, monkeypatch):
    monkeypatch.setenv("CASE_REVIEW_ADMIN_DATABASE_URL", database.owner_url)
    settings.cache_clear()
    assert run("init").exit_code == 0
    settings.cache_clear()


def test_init_by_somebody_who_may_not_is_a_sentence(database):
    result = run("init", "--database-url", database.app_url)
    assert result.exit_code == 1
    assert "Schema review belongs to postgres: run init as postgres" in result.output
    assert "Not case_review_app but postgres owns schema registry, registry" in result.output
    assert "Nothing was changed." in result.output


def test_a_folder_that_is_not_there(database):
    result = run("import", "/nowhere", database=database)
    assert result.exit_code == 2
    assert "does not exist" in result.output


def test_a_file_that_cannot_be_read_is_a_sentence(database, capsys):
    with pytest.raises(typer.Exit), as_owner(database.owner_url):
        raise PermissionError(13, "Permission denied", "patient.csv")
    assert "patient.csv cannot be read: Permission denied." in capsys.readouterr().err


def test_init_takes_views_that_ask_as_the_reader(database):
    """Check views whose owner keeps the tables in a schema of their own, with their policies."""
    case = database.team().case("2026-09-01")
    with database.owner().begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA hospital")
        connection.exec_driver_sql("GRANT USAGE ON SCHEMA hospital TO case_review_app")
        for name in registry_relations():
            for statement in (
                f"ALTER TABLE registry.{name} SET SCHEMA hospital",
                f"CREATE VIEW registry.{name} WITH (security_invoker) AS TABLE hospital.{name}",
            ):
                connection.exec_driver_sql(statement)
    result = run("init", database=database)
    assert result.exit_code == 0, result.output
    connect_to(database.app_url)
    with acting_as(None) as connection:
        assert unsafe(connection) == []
    with acting_as(case.team.gp) as connection:
        assert connection.exec_driver_sql("SELECT id FROM registry.patient").all() == [
            (case.patient,)
        ]


@pytest.mark.programs
def test_help_does_not_load_what_it_does_not_need():
    """``--help`` answers at once: neither the database's nor the pages' libraries are loaded."""
    program = (
        "import sys; sys.argv[1:] = ['--help']; from dashboard.cli.app import app;"
        " app(standalone_mode=False);"
        " sys.exit(bool({'sqlalchemy', 'streamlit', 'pandas'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=dict(os.environ),
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "init" in result.stdout
