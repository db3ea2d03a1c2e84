"""Functions that create the registry's tables, apply the migrations and set the policies."""

from collections.abc import Mapping

from alembic import command
from sqlalchemy import Connection, inspect

from dashboard.database.schema import registry
from dashboard.database.schema.migration_config import migration_config
from dashboard.database.schema.roles import ROLES, create_role
from dashboard.database.security.policies import secure


def prepare(connection: Connection, passwords: Mapping[str, str] | None = None) -> list[str]:
    """Migrate schema ``review`` and set rights and policies; return the roles that were created.

    The registry's relations must exist. ``passwords`` has the passwords of new roles, by role. An
    existing role keeps its password. A second call changes nothing.
    """
    migrate(connection)
    given = passwords or {}
    created = [role for role in ROLES if create_role(connection, role, given.get(role))]
    secure(connection)
    return created


def migrate(connection: Connection) -> None:
    """Apply the migrations of schema ``review`` that were not applied yet."""
    command.upgrade(migration_config(connection), "head")


def create_reference_registry(connection: Connection) -> None:
    """Create the missing tables of the schema ``registry``.

    None of its relations may be a view.
    """
    connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS registry")
    there = set(inspect(connection).get_table_names(schema="registry"))
    missing = [table for table in registry.metadata.sorted_tables if table.name not in there]
    registry.metadata.create_all(connection, tables=missing)
