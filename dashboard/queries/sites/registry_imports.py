"""The latest imports of files into the registry, for medical leads."""

from sqlalchemy import Connection

from dashboard.clinical.registry_imports import PastImport
from dashboard.database.loading.import_history import import_history

SHOWN = 14
"""Number of imports that a medical lead sees: those of two weeks, if there is one each night."""


def latest_imports(connection: Connection) -> list[PastImport]:
    """Return the latest imports, newest first.

    The list is empty if the user is not a medical lead.
    """
    return import_history(connection, SHOWN)
