"""Filling a database: the same again, all or nothing, by an ordinary owner, by many hands."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import Connection, create_engine

from dashboard.database import administering
from dashboard.database.operations.embedded import address_of
from dashboard.database.operations.schema_setup import create_reference_registry, prepare
from dashboard.demo import fill as filling
from dashboard.demo.fill import RegistryNotEmpty, fill
from dashboard.demo.rows import TABLES
from tests.conftest import create_database, drop_database
from tests.demo.conftest import AS_OF
from tests.support.factories import Database

FORCED = """
SELECT relname FROM pg_class WHERE relforcerowsecurity
AND relnamespace IN ('registry'::regnamespace, 'review'::regnamespace) ORDER BY 1
"""


def fingerprints(connection: Connection) -> dict[str, tuple[int, str]]:
    """Return for each table the number of its rows, and a digest of them all, ids included."""
    return {
        name: tuple(
            connection.exec_driver_sql(
                f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t"
            ).one()
        )
        for name in TABLES.values()
    }


def filled(database: Database, **arguments) -> dict[str, tuple[int, str]]:
    """Fill a database, look at its contents, and empty it again."""
    engine = database.owner()
    with engine.connect() as connection:
        fill(connection, **{"patients": 40, "seed": 7, "as_of": AS_OF} | arguments)
        found = fingerprints(connection)
        connection.rollback()
    return found


def test_the_same_seed_day_and_number_make_the_same_rows(database):
    assert filled(database) == filled(database)


@pytest.mark.parametrize(
    "other", [{"seed": 8}, {"as_of": date(2026, 11, 20)}, {"patients": 41}, {"caseload": 5}]
)
def test_another_seed_day_number_or_caseload_makes_others(database, other):
    assert filled(database) != filled(database, **other)


def test_every_table_is_written(database):
    rows = {name: count for name, (count, _) in filled(database, patients=200).items()}
    assert all(rows.values()), rows


def test_several_processes_make_the_same_rows_as_one(database, monkeypatch):
    alone = filled(database, patients=90)
    monkeypatch.setattr(filling, "PATIENTS_PER_BLOCK", 20)
    monkeypatch.setattr(filling, "WORKERS_PAY_FROM", 1)
    assert filled(database, patients=90) == alone


@pytest.mark.parametrize("there", ["site", "practitioner", "patient"])
def test_a_registry_that_is_not_empty_is_refused_in_a_sentence(database, there):
    database.practitioner("nurse") if there == "practitioner" else getattr(database, there)()
    with pytest.raises(RegistryNotEmpty, match="not empty"):
        filled(database)


def test_a_failure_half_way_leaves_nothing(database):
    def fail(done: int, of: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError), administering(database.owner_url) as connection:
        fill(connection, patients=40, seed=7, as_of=AS_OF, progress=fail)
    with database.owner().connect() as connection:
        assert {count for count, _ in fingerprints(connection).values()} == {0}


def test_progress_ends_with_all_patients(database, monkeypatch):
    monkeypatch.setattr(filling, "PATIENTS_PER_BLOCK", 15)
    seen = []
    filled(database, progress=lambda done, of: seen.append((done, of)))
    assert seen == [(15, 40), (30, 40), (40, 40)]


def test_the_planner_knows_the_tables_at_once(database):
    with administering(database.owner_url) as connection:
        fill(connection, patients=40, seed=7, as_of=AS_OF)
        known = connection.exec_driver_sql(
            "SELECT reltuples FROM pg_class WHERE oid = 'registry.patient'::regclass"
        )
        assert known.scalar_one() == 40


def test_an_owner_bound_by_row_security_can_fill_and_stays_bound(server):
    with database_of_an_ordinary_owner(server) as url, administering(url) as connection:
        before = connection.exec_driver_sql(FORCED).all()
        fill(connection, patients=40, seed=7, as_of=AS_OF)
        assert connection.exec_driver_sql("SELECT count(*) FROM registry.patient").scalar() == 40
        assert connection.exec_driver_sql(FORCED).all() == before != []


@contextmanager
def database_of_an_ordinary_owner(server: str) -> Iterator[str]:
    """Yield the address of a prepared database whose owner is no superuser."""
    create_database(server, "ordinary")
    as_superuser = address_of(server, database="ordinary")
    run(server, "CREATE ROLE ordinary_owner LOGIN CREATEROLE")
    run(
        server,
        "GRANT case_review_app, case_review_service TO ordinary_owner"
        " WITH ADMIN TRUE, INHERIT FALSE",
    )
    run(server, "ALTER DATABASE ordinary OWNER TO ordinary_owner")
    url = address_of(server, database="ordinary", role="ordinary_owner")
    with administering(url) as connection:
        create_reference_registry(connection)
        prepare(connection)
    yield url
    drop_database(server, "ordinary")
    run(as_superuser.replace("/ordinary", "/postgres"), "DROP ROLE ordinary_owner")


def run(url: str, statement: str) -> None:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
