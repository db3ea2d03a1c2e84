"""The time of the last load of the registry, if it is known (``registry.loaded``)."""

from datetime import datetime

from sqlalchemy import Connection, text


def registry_loaded_at(connection: Connection) -> datetime | None:
    """Return the instant of the last load of the registry; None if the pages read the registry
    directly.
    """
    return connection.execute(text("SELECT review.registry_loaded_at()")).scalar()
