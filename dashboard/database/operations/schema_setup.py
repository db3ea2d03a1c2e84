"""Preparing a database: the reference registry, the migrations, the policies."""

from collections.abc import Mapping

from alembic import command
from sqlalchemy import Connection, inspect

from dashboard.database.schema import registry
from dashboard.database.schema.migration_config import migration_config
from dashboard.database.schema.roles import ROLES, create_role
from dashboard.database.security.policies import secure


def prepare(connection: Connection, passwords: Mapping[str, str] | None = None) -> list[str]:
    """Bring schema ``review`` up to date and enforce who may see what.

    The registry's relations must be there (``contract`` checks them). Doing it again
    changes nothing. ``passwords`` are for the roles that are not there yet; the roles that had
    to be created.
    """
    migrate(connection)
    given = passwords or {}
    created = [role for role in ROLES if create_role(connection, role, given.get(role))]
    secure(connection)
    return created


def migrate(connection: Connection) -> None:
    """Apply the migrations of schema ``review`` that are not yet applied."""
    command.upgrade(migration_config(connection), "head")


def create_reference_registry(connection: Connection) -> None:
    """Create the relations of schema ``registry`` that are not there, as tables."""
    connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS registry")
    there = set(inspect(connection).get_table_names(schema="registry"))
    missing = [table for table in registry.metadata.sorted_tables if table.name not in there]
    registry.metadata.create_all(connection, tables=missing)
