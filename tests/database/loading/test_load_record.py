"""The record of when the registry was loaded."""

from datetime import timedelta

from dashboard.calendar import today
from dashboard.database.loading.load_record import create_load_record, record_load


def test_a_load_is_kept_for_thirty_days(as_owner):
    create_load_record(as_owner)
    for hours in (30 * 24 - 1, 30 * 24 + 1):
        as_owner.exec_driver_sql(
            "INSERT INTO registry.loaded (as_of, loaded_at, source)"
            " VALUES (%s, now() - %s, 'earlier')",
            (today(), timedelta(hours=hours)),
        )
    record_load(as_owner, today(), "now")
    kept = as_owner.exec_driver_sql("SELECT source FROM registry.loaded ORDER BY loaded_at")
    assert list(kept.scalars()) == ["earlier", "now"]
