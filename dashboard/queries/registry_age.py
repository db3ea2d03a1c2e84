"""The time at which the registry was loaded, where it says so (``registry.loaded``)."""

from datetime import datetime

from sqlalchemy import Connection, text


def registry_loaded_at(connection: Connection) -> datetime | None:
    """Return when the registry was last loaded; none where the pages read it as it is."""
    return connection.execute(text("SELECT review.registry_loaded_at()")).scalar()
