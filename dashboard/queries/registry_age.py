"""The time of the last load of the registry, where it is known (``registry.loaded``)."""

from datetime import datetime

from sqlalchemy import Connection, text


def registry_loaded_at(connection: Connection) -> datetime | None:
    """Return the instant when the registry was last loaded; None where the pages read it
    directly.
    """
    return connection.execute(text("SELECT review.registry_loaded_at()")).scalar()
