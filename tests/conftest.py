"""What every test can ask for: a real PostgreSQL server, and a database of its own."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.database import administering, connect_to
from dashboard.database.embedded import address_of, app_address_of, embedded_postgres
from dashboard.database.preparation import create_reference_registry, prepare
from tests.building import Database

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The owner's address of an embedded PostgreSQL server, one for each test process."""
    directory = Path(tmp_path_factory.mktemp("pg"))
    with embedded_postgres(directory) as owner_url:
        yield owner_url


@pytest.fixture(scope="session")
def prepared(server: str) -> str:
    """The name of a database with an empty reference registry and schema ``review``."""
    name = "prepared"
    create_database(server, name)
    with administering(address_of(server, database=name)) as connection:
        create_reference_registry(connection)
        prepare(connection)
    return name


@pytest.fixture
def database(server: str, prepared: str) -> Iterator[Database]:
    """An empty database, prepared, to which ``acting_as`` connects as the application."""
    name = f"test_{next(_numbers)}"
    create_database(server, name, template=prepared)
    database = Database(
        owner_url=address_of(server, database=name), app_url=app_address_of(server, name)
    )
    connect_to(database.app_url)
    yield database
    database.close()
    drop_database(server, name)


def create_database(server: str, name: str, *, template: str = "template1") -> None:
    _run(server, f"CREATE DATABASE {name} TEMPLATE {template}")


def drop_database(server: str, name: str) -> None:
    _run(server, f"DROP DATABASE {name} WITH (FORCE)")


def _run(server: str, statement: str) -> None:
    from sqlalchemy import create_engine

    engine = create_engine(
        server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
