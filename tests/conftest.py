"""What every test can ask for: a real PostgreSQL server, and a database of its own."""

import itertools
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import Connection, NullPool, create_engine, make_url

from dashboard.database import administering, connect_to
from dashboard.database.embedded import address_of, app_address_of, embedded_postgres
from dashboard.database.preparation import create_reference_registry, prepare
from tests.building import Database

# What is about signing in says which roles need a second factor; elsewhere a password is enough.
os.environ.setdefault("CASE_REVIEW_SECOND_FACTOR_ROLES", "")

_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def _main_stays_main() -> Iterator[None]:
    """Streamlit's AppTest leaves its page as ``__main__``, and a new process would run that."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The owner's address of an embedded PostgreSQL server, one for each test process."""
    # Not among pytest's own folders: started by root, the server is another user, whom the
    # next pytest to start would shut out of them.
    with (
        TemporaryDirectory(prefix="case-review-", ignore_cleanup_errors=True) as directory,
        embedded_postgres(Path(directory) / "pg") as owner_url,
    ):
        # Each test makes and drops a database, and nobody needs it after a power cut.
        _run(owner_url, "ALTER SYSTEM SET fsync = off")
        _run(owner_url, "SELECT pg_reload_conf()")
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
def as_owner(server: str, prepared: str) -> Iterator[Connection]:
    """The owner's connection to a prepared database; what it does there is rolled back."""
    url = make_url(address_of(server, database=prepared)).set(drivername="postgresql+psycopg")
    # The database is a template: nobody may stay connected to it.
    with create_engine(url, poolclass=NullPool).connect() as connection:
        yield connection


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
    engine = create_engine(
        server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
