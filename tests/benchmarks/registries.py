"""The registries that are measured: made once, kept under ``var/benchmarks``."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sqlalchemy import text

from dashboard.database import administering
from dashboard.database.operations.embedded import address_of, embedded_postgres
from dashboard.database.operations.schema_setup import create_reference_registry, prepare
from dashboard.demo.fill import fill
from tests.conftest import create_database

CASELOAD = 400
"""The number of open episodes of the psychiatrist whose list is measured."""

USUAL_CASELOAD = 115
"""With 900 in care and eight psychiatrists (docs/domain.md, section 1)."""


def name_of(patients: int, caseload: int = CASELOAD) -> str:
    """Return the name of a registry's database."""
    return f"of_{patients}" if caseload == CASELOAD else f"of_{patients}_by_{caseload}"


@contextmanager
def server(directory: Path) -> Iterator[str]:
    """Yield the owner's address of the server that holds the registries."""
    with embedded_postgres(directory) as owner_url:
        yield owner_url


def registry(owner_url: str, patients: int, as_of: date, caseload: int = CASELOAD) -> str:
    """Return the owner's address of a registry of this size; make it if it does not exist."""
    name = name_of(patients, caseload)
    address = address_of(owner_url, database=name)
    with administering(owner_url) as connection:
        there = connection.execute(
            text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}
        ).first()
    if there is None:
        create_database(owner_url, name)
    with administering(address) as connection:
        create_reference_registry(connection)
        prepare(connection)
        if connection.exec_driver_sql("SELECT 1 FROM registry.patient LIMIT 1").first() is None:
            print(f"Making a registry of {patients} patients …", flush=True)
            fill(connection, patients=patients, seed=1, as_of=as_of, caseload=caseload)
    return address


def psychiatrist_with(owner_url: str, caseload: int) -> int:
    """Return the psychiatrist whose number of open episodes is closest to ``caseload``."""
    with administering(owner_url) as connection:
        return connection.execute(
            text(
                "SELECT psychiatrist_id FROM registry.episode WHERE status <> 'closed'"
                " GROUP BY 1 ORDER BY abs(count(*) - :caseload), 1 LIMIT 1"
            ),
            {"caseload": caseload},
        ).scalar_one()
