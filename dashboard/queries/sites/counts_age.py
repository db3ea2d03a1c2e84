"""The age of the counts that a medical lead sees."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Freshness:
    """The age of the counts of some sites.

    ``oldest`` and ``newest`` are the earliest and the latest time of the published counts of a
    site; None before the first publication. This is the time at which the site was counted. If it
    was counted again since the publication, it is the time of the publication. ``as_of`` is the
    earliest day for which a site was counted; None before the first count. ``counted`` is the
    number of sites with published counts, and ``waiting`` that of the others.
    """

    oldest: datetime | None
    newest: datetime | None
    as_of: date | None
    counted: int
    waiting: int


def freshness(connection: Connection, sites: tuple[int, ...] | None = None) -> Freshness:
    """Return the age of the counts of ``sites``.

    If ``sites`` is None, all sites that the signed-in medical lead watches are included.
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
