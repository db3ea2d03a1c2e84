"""Age of the counts that a medical lead sees."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Freshness:
    """The age of the counts that the reader may see.

    ``oldest`` and ``newest`` are the first and the last instant at which one of these sites was
    counted. ``as_of`` is the earliest day for which the counts were made. All three are None before
    the first count. ``counted`` is the number of sites with published counts. ``waiting`` is the
    number of sites without published counts.
    """

    oldest: datetime | None
    newest: datetime | None
    as_of: date | None
    counted: int
    waiting: int


def freshness(connection: Connection, sites: tuple[int, ...] | None = None) -> Freshness:
    """Return the age of the counts of ``sites``. None stands for all sites that the acting lead
    watches.
    """
    row = connection.execute(
        text("""
            SELECT min(least(counted_at, protected_at)) FILTER (WHERE protected_at IS NOT NULL),
                   max(least(counted_at, protected_at)) FILTER (WHERE protected_at IS NOT NULL),
                   min(as_of), count(protected_at), count(*) - count(protected_at)
            FROM review.site_counted
            WHERE CAST(:sites AS bigint[]) IS NULL OR site_id = ANY (CAST(:sites AS bigint[]))
        """),
        {"sites": None if sites is None else list(sites)},
    ).one()
    return Freshness(*row)
