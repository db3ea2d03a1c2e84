"""The configuration of Alembic for the migrations of schema ``review``."""

from pathlib import Path

from alembic.config import Config
from sqlalchemy import Connection

LOCK_TIMEOUT = "2s"
"""Longest time that a migration waits for a table. All later queries on the table wait as long."""

MIGRATIONS = Path(__file__).parent / "migrations"


def migration_config(connection: Connection) -> Config:
    """Return Alembic's configuration for this connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    config.attributes["lock_timeout"] = LOCK_TIMEOUT
    return config
