"""The latest imports of files into the registry, for medical leads."""

from sqlalchemy import Connection

from dashboard.clinical.registry_imports import PastImport
from dashboard.database.loading.import_history import import_history

SHOWN = 14
"""Number of imports that leads see. With one import each night, they cover two weeks."""


def latest_imports(connection: Connection) -> list[PastImport]:
    """Return the latest imports, newest first. The list is empty for anybody who is not a lead."""
    return import_history(connection, SHOWN)
