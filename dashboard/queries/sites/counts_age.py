"""Age of the counts that a medical lead sees."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Freshness:
    """How old the counts are that the reader may see.

    ``oldest`` and ``newest`` are when the first and the last of these sites were counted,
    ``as_of`` the earliest day that their counts stand for; none if none was counted yet.
    ``waiting`` is how many sites were never counted.
    """

    oldest: datetime | None
    newest: datetime | None
    as_of: date | None
    counted: int
    waiting: int


def freshness(connection: Connection, sites: tuple[int, ...] | None = None) -> Freshness:
    """How old the counts of these sites are, or of all that the acting lead watches."""
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
