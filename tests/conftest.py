"""The fixtures of every test: a real PostgreSQL server, and a database of its own."""

import functools
import itertools
import os
import sys
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, NullPool, create_engine, make_url
from sqlalchemy.exc import DBAPIError
from streamlit.components.v2 import manifest_scanner

from dashboard.database import administering, connect_to, connection
from dashboard.database.connection import disconnect
from dashboard.database.operations.embedded import address_of, app_address_of, embedded_postgres
from dashboard.database.operations.schema_setup import create_reference_registry, prepare
from tests.support.alone import alone
from tests.support.database_reset import make_as_new, shape_of
from tests.support.factories import Database
from tests.support.identity import sign_in_whoever_acts

# Tests of signing in set the roles that need a second factor; elsewhere a password is enough.
os.environ.setdefault("CASE_REVIEW_SECOND_FACTOR_ROLES", "")

# Each AppTest looks through every package that is installed for components of Streamlit: once is
# enough, and takes as long as the page.
manifest_scanner.scan_component_manifests = functools.cache(
    manifest_scanner.scan_component_manifests
)

_numbers = itertools.count(1)


# A machine that is busy with other work is no fault of a test.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")

SUITES = ("attacks", "benchmarks", "browser", "documents", "faults", "fuzz")
"""Folders whose tests all run against programs: servers, browsers, containers."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import the suites where unit tests alone are run."""
    alone = config.option.markexpr == "unit"
    return True if alone and collection_path.name in SUITES else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as ``unit`` every test that is quick and needs no program beside its own.

    Files of such tests alone run last: whichever worker is free takes them, while the other ends a
    long file.
    """
    slow = set()
    for item in items:
        if _needs_programs(item):
            slow.add(item.path)
        else:
            item.add_marker("unit")
    items.sort(key=lambda item: item.path not in slow)


def _needs_programs(item: pytest.Item) -> bool:
    folder = item.path.relative_to(Path(__file__).parent).parts[0]
    return (
        folder in SUITES
        or "server" in getattr(item, "fixturenames", ())
        or any(item.get_closest_marker(name) for name in ("programs", "long", "thorough"))
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """Refuse databases, sockets and processes to the fixtures of a unit test."""
    with _as_it_may(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Refuse them to the test; what others have left is ended after the last one."""
    with _as_it_may(item):
        return (yield)


def _as_it_may(item: pytest.Item) -> AbstractContextManager[None]:
    return alone() if item.get_closest_marker("unit") else nullcontext()


@pytest.fixture(autouse=True)
def _main_stays_main() -> Iterator[None]:
    """Streamlit's AppTest leaves its page as ``__main__``, and a new process would run that."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(scope="session", autouse=True)
def _whoever_acts_is_signed_in() -> Iterator[None]:
    """Sign in whoever acts, even if the pages of another test have set how they find out."""
    found_by_pages = connection.proof_of
    sign_in_whoever_acts()
    yield
    connection.proof_of = found_by_pages


@pytest.fixture(scope="module", autouse=True)
def _who_acts_is_found_as_before_the_module() -> Iterator[None]:
    """Restore the way in which proofs are found, if a fixture of a module has set another."""
    found = connection.proof_of
    yield
    connection.proof_of = found


@pytest.fixture(autouse=True)
def _who_acts_is_found_as_before() -> Iterator[None]:
    """Restore the way in which proofs are found after each test."""
    found = connection.proof_of
    yield
    connection.proof_of = found


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Yield the owner's address of an embedded PostgreSQL server, one for each test process."""
    # Not in pytest's own folders: if root starts it, the server runs as another user, and the next
    # pytest would remove that user's access to them.
    with (
        TemporaryDirectory(prefix="case-review-", ignore_cleanup_errors=True) as directory,
        embedded_postgres(Path(directory) / "pg") as owner_url,
    ):
        # Each test makes and drops a database, which need not survive a power cut.
        _run(owner_url, "ALTER SYSTEM SET fsync = off")
        _run(owner_url, "ALTER SYSTEM SET full_page_writes = off")
        # Autovacuum would process rows that are soon deleted.
        _run(owner_url, "ALTER SYSTEM SET autovacuum = off")
        _run(owner_url, "SELECT pg_reload_conf()")
        yield owner_url


@pytest.fixture(scope="session")
def prepared(server: str) -> str:
    """Return the name of a database with an empty reference registry and schema ``review``."""
    name = "prepared"
    create_database(server, name)
    with administering(address_of(server, database=name)) as connection:
        create_reference_registry(connection)
        prepare(connection)
    return name


@pytest.fixture
def as_owner(server: str, prepared: str) -> Iterator[Connection]:
    """Yield the owner's connection to a prepared database; its changes are rolled back."""
    url = make_url(address_of(server, database=prepared)).set(drivername="postgresql+psycopg")
    # The database is a template: no connection to it may stay open.
    with create_engine(url, poolclass=NullPool).connect() as connection:
        yield connection


@pytest.fixture(scope="session")
def at_first(server: str, prepared: str) -> str:
    """Return the shape of a database of the template, without its rows."""
    with administering(address_of(server, database=prepared)) as connection:
        return shape_of(connection)


@pytest.fixture(scope="session")
def spare() -> list[str]:
    """Return the list of the names of databases that are as good as new."""
    return []


@pytest.fixture
def database(server: str, prepared: str, at_first: str, spare: list[str]) -> Iterator[Database]:
    """Yield an empty database, prepared, to which ``acting_as`` connects as the application."""
    if not spare:
        spare.append(f"test_{next(_numbers)}")
        create_database(server, spare[-1], template=prepared)
    name = spare.pop()
    database = Database(
        owner_url=address_of(server, database=name), app_url=app_address_of(server, name)
    )
    connect_to(database.app_url)
    yield database
    database.close()
    for url in (database.owner_url, database.app_url):
        connect_to(url)
        disconnect()
    if _is_as_new(database, at_first):
        spare.append(name)
    else:
        drop_database(server, name)


def _is_as_new(database: Database, at_first: str) -> bool:
    try:
        with administering(database.owner_url) as connection:
            return make_as_new(connection, at_first)
    except DBAPIError:
        # The test has left a ruin.
        return False


def create_database(server: str, name: str, *, template: str = "template1") -> None:
    # Copying the files takes a fifth of the processor time of copying through the log.
    _run(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")


def drop_database(server: str, name: str) -> None:
    _run(server, f"DROP DATABASE {name} WITH (FORCE)")


def _run(server: str, statement: str) -> None:
    engine = create_engine(
        server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
