"""Initialising a database: what is refused before anything is changed."""

import pytest

from dashboard.database import administering
from dashboard.database.operations.initialisation import RegistryUnfit, initialise
from dashboard.database.operations.schema_setup import create_reference_registry
from tests.database.loading.conftest import new_database


@pytest.fixture
def without_review(server):
    """Yield a database with a registry and without the schema ``review``."""
    with new_database(server, "without_review", template="template1") as database:
        with administering(database.owner_url) as connection:
            create_reference_registry(connection)
        yield database


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("DROP TABLE registry.flag", r"registry\.flag: missing"),
        ("ALTER TABLE registry.flag DROP COLUMN note", r"registry\.flag\.note: missing"),
    ],
)
def test_a_registry_with_a_fault_is_refused_before_the_schema_is_made(without_review, fault, said):
    with without_review.owner().begin() as connection:
        connection.exec_driver_sql(fault)
        with pytest.raises(RegistryUnfit, match=said):
            initialise(connection)
        assert connection.exec_driver_sql("SELECT to_regnamespace('review')").scalar() is None
