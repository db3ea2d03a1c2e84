"""The last load of the registry, as recorded in ``registry.loaded``."""

from sqlalchemy import Connection, text

from dashboard.clinical.registry_age import RegistryLoad


def registry_load(connection: Connection) -> RegistryLoad | None:
    """Return the last load of the registry; None if it is not recorded.

    The function works without a sign-in, with the role of the pages or with the server's own role.
    """
    row = connection.execute(
        text("SELECT as_of, loaded_at, source FROM review.registry_load()")
    ).first()
    return None if row is None else RegistryLoad(row.as_of, row.loaded_at, row.source)
