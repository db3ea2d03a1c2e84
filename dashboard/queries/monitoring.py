"""The figures that monitoring reads from the database. They name no practitioner and no patient."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from dashboard.clinical.registry_age import RegistryLoad
from dashboard.queries.registry_age import registry_load


@dataclass(frozen=True)
class DatabaseFigures:
    """The figures that monitoring reads from the database, at the time ``read_at``.

    ``letters_waiting`` counts the letters in the outbox. ``oldest_letter_at`` is the time of the
    oldest of them, None if there is none. ``letters_failed`` counts the failed letters of reviews
    that were not superseded, if the recipient was not told in another way. ``counted_at`` is when
    the oldest counts for medical leads were made, None before the first count.
    """

    read_at: datetime
    letters_waiting: int
    oldest_letter_at: datetime | None
    letters_failed: int
    counted_at: datetime | None
    registry: RegistryLoad | None


def database_figures(connection: Connection, longest_seconds: float) -> DatabaseFigures:
    """Return the figures that monitoring reads from the database.

    ``connection`` must have the server's own database role. A query that takes longer than
    ``longest_seconds`` is cancelled.
    """
    # SET takes no bound parameters. ``int`` makes sure that the value contains no SQL.
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(longest_seconds * 1000)}")
    row = connection.execute(
        text(
            "SELECT now() AS read_at, letters_waiting, oldest_letter_at, letters_failed, counted_at"
            " FROM review.monitored()"
        )
    ).one()
    return DatabaseFigures(**row._mapping, registry=registry_load(connection))
