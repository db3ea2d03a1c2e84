"""The time of the last load of the registry, read from the table ``registry.loaded``."""

from sqlalchemy import Connection, text

from dashboard.clinical.registry_age import RegistryLoad


def registry_load(connection: Connection) -> RegistryLoad | None:
    """Return when the registry was last loaded; None if this is not recorded.

    This also works while nobody is signed in, with the database role of the pages or of the server.
    """
    row = connection.execute(
        text("SELECT as_of, loaded_at, source FROM review.registry_load()")
    ).first()
    return None if row is None else RegistryLoad(row.as_of, row.loaded_at, row.source)
