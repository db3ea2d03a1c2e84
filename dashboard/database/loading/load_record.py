"""The record of when the registry was loaded, in the optional relation ``registry.loaded``."""

from datetime import date

from sqlalchemy import Connection

KEPT_DAYS = 30
"""Number of days for which the record of a load is kept."""


def has_load_record(connection: Connection) -> bool:
    """Return whether the registry has the relation ``registry.loaded``."""
    there = connection.exec_driver_sql("SELECT to_regclass('registry.loaded')").scalar()
    return there is not None


def create_load_record(connection: Connection) -> None:
    """Create the relation ``registry.loaded`` as a table, if the registry has none."""
    connection.exec_driver_sql(
        "CREATE TABLE IF NOT EXISTS registry.loaded"
        " (as_of date NOT NULL, loaded_at timestamptz NOT NULL, source text NOT NULL)"
    )


def record_load(connection: Connection, as_of: date, source: str) -> None:
    """Record that data of the day ``as_of`` were loaded now. Delete records that are too old."""
    connection.exec_driver_sql(
        f"DELETE FROM registry.loaded WHERE loaded_at < now() - interval '{KEPT_DAYS} days'"
    )
    connection.exec_driver_sql(
        "INSERT INTO registry.loaded (as_of, loaded_at, source) VALUES (%s, now(), %s)",
        (as_of, source),
    )
