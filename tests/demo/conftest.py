"""A synthetic registry of the usual size, filled once for all tests that only read it."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Connection

from dashboard.database import administering
from dashboard.database.operations.embedded import address_of
from dashboard.demo.fill import fill
from tests.conftest import create_database, drop_database

AS_OF = date(2026, 11, 22)
PATIENTS = 2_910


@pytest.fixture(scope="session")
def synthetic_name(server: str, prepared: str) -> Iterator[str]:
    """Yield the name of a database with the forecast's 2,910 patients."""
    name = "synthetic"
    create_database(server, name, template=prepared)
    with administering(address_of(server, database=name)) as connection:
        fill(connection, patients=PATIENTS, seed=1, as_of=AS_OF)
    yield name
    drop_database(server, name)


@pytest.fixture
def synthetic(server: str, synthetic_name: str) -> Iterator[Connection]:
    """Yield a connection to it, as its owner."""
    with administering(address_of(server, database=synthetic_name)) as connection:
        yield connection
