"""The time at which the registry was loaded."""

from datetime import UTC, datetime

from dashboard.database import acting_as
from dashboard.queries.registry_age import registry_loaded_at


def test_a_registry_that_was_never_loaded_has_no_age(database):
    with acting_as(database.team().nurse) as connection:
        assert registry_loaded_at(connection) is None


def test_its_age_is_that_of_the_last_loading(database):
    with database.owner().begin() as owner:
        owner.exec_driver_sql("CREATE TABLE registry.loaded (loaded_at timestamptz)")
        owner.exec_driver_sql("GRANT SELECT ON registry.loaded TO PUBLIC")
        owner.exec_driver_sql("INSERT INTO registry.loaded VALUES ('2026-11-01'), ('2026-11-24')")
    with acting_as(database.team().nurse) as connection:
        loaded = registry_loaded_at(connection)
    assert loaded is not None
    assert loaded.astimezone(UTC) in (
        datetime(2026, 11, 23, 23, tzinfo=UTC),
        datetime(2026, 11, 24, tzinfo=UTC),
    )
