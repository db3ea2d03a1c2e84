"""The configuration of Alembic for the migrations of schema ``review``."""

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

LOCK_TIMEOUT = "2s"
"""Longest time that a migration waits for a locked table.

Meanwhile, all later queries on the table wait too.
"""

MIGRATIONS = Path(__file__).parent / "migrations"


def migration_config(connection: Connection) -> Config:
    """Return Alembic's configuration for migrations on this connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    config.attributes["lock_timeout"] = LOCK_TIMEOUT
    return config


@cache
def newest_version() -> str | None:
    """Return the version of the schema after this program's last migration. The result is
    cached.
    """
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()
