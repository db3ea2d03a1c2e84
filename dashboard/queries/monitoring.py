"""The figures of the database that monitoring reads. They name no person and no patient."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from dashboard.clinical.registry_age import RegistryLoad
from dashboard.queries.registry_age import registry_load


@dataclass(frozen=True)
class DatabaseFigures:
    """The figures at one instant.

    ``oldest_letter_at`` is the time of the oldest waiting letter, None if no letter waits.
    ``letters_failed`` counts the failed letters whose recipient has not been told in another way.
    ``counted_at`` is the time of the oldest counts for leads, None if nothing was counted.
    """

    read_at: datetime
    letters_waiting: int
    oldest_letter_at: datetime | None
    letters_failed: int
    counted_at: datetime | None
    registry: RegistryLoad | None


def database_figures(connection: Connection, longest_seconds: float) -> DatabaseFigures:
    """Return the present figures. ``connection`` must have the server's own role. A query that
    takes longer than ``longest_seconds`` is cancelled.
    """
    # SET takes no bound parameter. The value is converted to int, because an int cannot contain
    # SQL.
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(longest_seconds * 1000)}")
    row = connection.execute(
        text(
            "SELECT now() AS read_at, letters_waiting, oldest_letter_at, letters_failed, counted_at"
            " FROM review.monitored()"
        )
    ).one()
    return DatabaseFigures(**row._mapping, registry=registry_load(connection))
