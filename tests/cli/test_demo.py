"""``python -m dashboard demo``, as a person runs it."""

from collections.abc import Iterator

import pytest
from typer.testing import CliRunner, Result

from dashboard.cli.app import app
from dashboard.database.operations.embedded import address_of, app_address_of
from tests.conftest import create_database, drop_database
from tests.support.factories import Database


@pytest.fixture
def empty(server: str) -> Iterator[Database]:
    """Yield a database in which nothing is prepared."""
    create_database(server, "unprepared")
    database = Database(
        owner_url=address_of(server, database="unprepared"),
        app_url=app_address_of(server, "unprepared"),
    )
    yield database
    database.close()
    drop_database(server, "unprepared")


def demo(database: Database, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["demo", "--database-url", database.owner_url, *arguments])


def count(database: Database, what: str) -> int:
    with database.owner().connect() as connection:
        return connection.exec_driver_sql(f"SELECT count(*) FROM {what}").scalar_one()


def test_it_prepares_an_empty_database_and_fills_it(empty):
    result = demo(empty, "--patients", "30", "--as-of", "2025-03-03")
    assert result.exit_code == 0
    assert count(empty, "registry.patient") == 30
    assert count(empty, "registry.episode WHERE enrolled_on >= '2025-03-03'") == 0
    assert "CASE_REVIEW_DATABASE_URL" in result.output


def test_it_shows_its_progress_beside_its_output(empty):
    result = demo(empty, "--patients", "30")
    assert "Patients" in result.stderr
    assert "Patients" not in result.stdout


def test_it_leaves_a_registry_that_is_there_as_it_is(empty):
    demo(empty, "--patients", "30", "--as-of", "2025-03-03")
    result = demo(empty, "--patients", "40")
    assert result.exit_code == 1
    assert "The registry is not empty" in result.stderr
    assert count(empty, "registry.patient") == 30


@pytest.mark.parametrize(
    "wrong", [("--patients", "0"), ("--as-of", "03/03/2025"), ("--caseload", "0")]
)
def test_it_refuses_what_makes_no_registry(empty, wrong):
    assert demo(empty, *wrong).exit_code == 2
